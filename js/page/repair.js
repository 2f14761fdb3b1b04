// Requests again what realms refused while no worker was there to add a token.
import { helpFrames } from './frames.js';
import { isOnRealmOrigin } from './index.js';
import { loadAgain, watchAgain } from './media.js';
import { rootsOf, setImageAgain, takeAway, usesInElements } from './set-again.js';
import { usesInStyles } from './styles.js';

/** What was being loaded has ended by then, well or not. */
const LATE_MS = 30_000;

/**
 * Requests the broken images and media of realms in the page again, once each: those that are broken
 * now, and those being loaded, should they fail. An element that shows its image is not touched. Out of
 * reach: closed shadow roots, style sheets of other origins, elements outside of the document. The
 * package calls it when a worker takes control of a page that was loaded without.
 * @returns {void}
 */
export function repairPage() {
  const start = performance.now();
  watchAgain();
  for (const root of rootsOf()) {
    for (const image of root.querySelectorAll('img')) repairImage(image, start);
    for (const image of root.querySelectorAll('image')) repairSvgImage(image);
    for (const media of root.querySelectorAll('video, audio')) {
      repairMedia(/** @type {HTMLMediaElement} */ (media));
    }
  }
  // What has neither an event nor a state that tells: by loads that have ended, and those that will.
  new PerformanceObserver((list, observer) => {
    const ended = list.getEntries().filter(({ startTime }) => startTime < start).map(({ name }) => name);
    if (ended.some(isOnRealmOrigin)) void repairStateless((url) => ended.includes(url) && isOnRealmOrigin(url));
    if (performance.now() - start > LATE_MS) observer.disconnect();
  }).observe({ type: 'resource', buffered: true });
}

/** Images, and what they showed nothing of, when they were requested again. @type {WeakMap<HTMLImageElement, string>} */
const repairedLate = new WeakMap();

/**
 * Requests the `<img>`s of realms that are broken now again, each once for each URL. The package calls
 * it after it has answered the worker, which may have had to give up by then. Those of frames, too: frames.js.
 * @returns {void}
 */
export function repairLate() {
  for (const image of rootsOf().flatMap((root) => [...root.querySelectorAll('img')])) {
    const { complete, naturalWidth, currentSrc } = image;
    if (!complete || naturalWidth > 0 || !isOnRealmOrigin(currentSrc) || repairedLate.get(image) === currentSrc) continue;
    repairedLate.set(image, currentSrc);
    image.decode().catch(() => setImageAgain(image));
  }
  helpFrames();
}

/** @param {HTMLImageElement} image @param {number} start */
function repairImage(image, start) {
  if (image.naturalWidth > 0) return;
  const repair = () => {
    // An image that is not complete may be a lazy one, whose load starts later. Chromium tells the URL
    // only of one whose load has ended.
    const isNew = performance.getEntriesByName(image.currentSrc).some(({ startTime }) => startTime >= start);
    if (isOnRealmOrigin(image.currentSrc) && !isNew) setImageAgain(image);
  };
  if (!image.complete) image.addEventListener('error', repair, { once: true });
  // An SVG picture without a size of its own has no width in Firefox, and decodes.
  else if (isOnRealmOrigin(image.currentSrc)) image.decode().catch(repair);
}

/** @param {SVGImageElement & {decode?: () => Promise<void>}} image */
function repairSvgImage(image) {
  const name = image.hasAttribute('href') ? 'href' : 'xlink:href';
  if (isOnRealmOrigin(image.href.baseVal)) image.decode?.().catch(() => takeAway(image, name)());
}

/** @param {HTMLMediaElement} media */
function repairMedia(media) {
  if (!isOnRealmOrigin(media.currentSrc || media.src)) return;
  if (media.error || media.networkState === media.NETWORK_NO_SOURCE) loadAgain(media);
  else if (media.readyState === 0 && media.networkState === media.NETWORK_LOADING) {
    // Capturing: the error may be that of a <source>.
    media.addEventListener('error', () => loadAgain(media), { once: true, capture: true });
  }
}

/**
 * Backgrounds, posters and buttons do not tell whether they show their image. So it is requested apart
 * from them, and when it is there they are made to show it, at once and without a flicker.
 * @param {(url: string) => boolean} isWanted
 */
async function repairStateless(isWanted) {
  const uses = rootsOf().flatMap((root) => [...usesInElements(root), ...usesInStyles(root)]);
  const urls = [...new Set(uses.flatMap((use) => use.urls))].filter(isWanted);
  const loaded = (await Promise.all(urls.map(imageOf))).flatMap((image) => image ?? []);
  const isLoaded = (/** @type {string} */ url) => loaded.some(({ src }) => src === url);
  const giveBack = uses.filter((use) => use.urls.some(isLoaded)).map((use) => use.takeAway());
  // WebKit keeps the broken image unless there is a layout without it. Nothing is painted in this task.
  if (giveBack.length > 0) void document.body?.offsetTop;
  for (const give of giveBack) give();
}

/** @param {string} url @returns {Promise<HTMLImageElement | undefined>} undefined when it cannot be had */
const imageOf = (url) =>
  new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => resolve(undefined);
    image.src = url;
  });
