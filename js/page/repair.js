// Requests again what realms refused while no worker was there to add a token.
import { isOnRealmOrigin } from './index.js';
import { loadAgain, watchAgain } from './media.js';
import { rootsOf, setAgain, setImageAgain } from './set-again.js';
import { setStylesAgain } from './styles.js';

/** What was being loaded has ended by then, well or not. */
const LATE_MS = 30_000;

/**
 * Requests the broken images and media of realms in the page again, once each: those that are broken
 * now, and those being loaded, should they fail. What shows a picture is not touched; what cannot tell
 * is set to what it is, which makes no engine request a picture that it has. Out of reach: closed
 * shadow roots, style sheets of other origins, elements outside of the document. The package calls it
 * when a worker takes control of a page that was loaded without.
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
    if (ended.some(isOnRealmOrigin)) repairStateless((url) => ended.includes(url) && isOnRealmOrigin(url));
    if (performance.now() - start > LATE_MS) observer.disconnect();
  }).observe({ type: 'resource', buffered: true });
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
  if (isOnRealmOrigin(image.href.baseVal)) image.decode?.().catch(() => setAgain(image, name));
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

/** @param {(url: string) => boolean} isWanted */
function repairStateless(isWanted) {
  const roots = rootsOf();
  for (const root of roots) {
    for (const element of root.querySelectorAll('input[type=image], video[poster]')) {
      const name = element.localName === 'video' ? 'poster' : 'src';
      if (isWanted(element.getAttribute(name) ?? '')) setAgain(element, name);
    }
  }
  setStylesAgain(roots, isWanted);
}
