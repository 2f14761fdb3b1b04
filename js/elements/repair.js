// Requests again what failed to load.
import { repairImages } from './frames.js';
import { loadAgain, watchAgain } from './media.js';
import { documentsIn, rootsOf, detach, usesInElements } from './reload-element.js';
import { usesInStyles } from './styles.js';
import { setTimeout } from '../page/platform.js';
import { isPassedBy } from '../page/watch-frames.js';

/** @typedef {import('./repairer.js').Repairer} Repairer */
/** @typedef {import('./repairer.js').Occasion} Occasion */

/** Images that load within this time are shown together, since each time costs a layout. */
const TOGETHER_MS = 50;

/** After this time a style sheet has loaded again, from the browser's cache. */
const COPY_MS = 5000;

/** The URLs of images that failed with the present tokens. @type {Set<string>} */
const missing = new Set();
/** The URL that each media element played when it was loaded again. @type {WeakMap<HTMLMediaElement, string>} */
const loadedAgain = new WeakMap();

/**
 * Requests each broken image of a realm once, in the page and its frames. When an image has loaded, all elements and
 * styles that name it show it. Style sheets, tracks, media and preloads of images are simply loaded again. It cannot
 * reach other preloads, closed shadow roots, style sheets of other origins, and elements outside of documents.
 * @param {Repairer} repairer
 * @param {Occasion} occasion
 * @returns {Promise<void>} settles when each image has loaded or failed
 */
export async function repair(repairer, occasion) {
  if (occasion !== 'late') {
    missing.clear();
    watchAgain();
  }
  const documents = documentsIn(document).filter((inner) => repairer.mayRepairIn(inner));
  await Promise.all(documents.map((inner) => repairDocument(inner, repairer, occasion)));
}

/** @param {Document} inner @param {Repairer} repairer @param {Occasion} occasion */
async function repairDocument(inner, repairer, occasion) {
  const { Image } = /** @type {Window & typeof globalThis} */ (inner.defaultView);
  /** @type {Map<string, Promise<LoadedImage | undefined>>} */
  const images = new Map();
  const imageOf = (/** @type {string} */ url, /** @type {string | null} */ crossOrigin, attempt = 1) => {
    const key = `${attempt} ${crossOrigin} ${url}`;
    const image = images.get(key) ?? load(new Image(), url, crossOrigin);
    images.set(key, image);
    return image;
  };

  /** @type {import('./reload-element.js').Use[]} */
  let found = [];
  /** @type {Promise<void> | undefined} */
  let showing;
  const show = async () => {
    await new Promise((resolve) => setTimeout(resolve, TOGETHER_MS));
    showing = undefined;
    const uses = found;
    found = [];
    const restore = uses.map((use) => use.detach());
    // WebKit keeps the broken image unless there is a layout without it. This task paints nothing.
    void inner.body?.offsetTop;
    for (const give of restore) give();
    for (const { element } of uses) if (element) repairer.repaired(element);
  };

  /** @param {import('./reload-element.js').Use} use */
  const repairUse = async (use) => {
    const urls = use.urls.filter((url) => repairer.isOnRealmOrigin(url) && !missing.has(url));
    if (urls.length === 0 || (use.isBroken && !(await use.isBroken()))) return;
    const isCertain = use.isBroken || occasion === 'control';
    const had = await Promise.all(
      urls.map(async (url) => {
        const image = await imageOf(url, use.crossOrigin ?? null);
        // In Firefox and WebKit, this failure may be that of the page's own request, which had not ended. So try once
        // more.
        return image || use.isBroken || occasion !== 'control' ? image : imageOf(url, use.crossOrigin ?? null, 2);
      }),
    );
    for (const [at, image] of had.entries()) if (!image) missing.add(urls[at]);
    if (!had.some((image) => image && (isCertain || !image.wasThere))) return;
    found.push(use);
    await (showing ??= show());
  };

  const roots = rootsOf(inner);
  const uses = roots.flatMap((root) => [...usesInElements(root), ...usesInStyles(root)]);
  // isPassedBy must not be called before a frame has its HTML: Firefox keeps that value.
  if (inner !== document && !uses.some(({ urls }) => urls.some(repairer.isOnRealmOrigin))) return;
  if (isPassedBy(inner)) return repairImages(inner, repairer.isOnRealmOrigin, occasion !== 'late');
  for (const root of roots) {
    // The `error` events in a shadow root do not reach the window.
    if (root !== inner) repairer.listen(root);
    for (const image of root.querySelectorAll('img')) if (!image.complete) repairer.doubt(image);
    loadOthersAgain(root, repairer, occasion);
  }
  await Promise.all(uses.map(repairUse));
}

/**
 * @typedef {{image: HTMLImageElement, wasThere: boolean}} LoadedImage wasThere: whether the browser had it in memory
 */

/**
 * @param {HTMLImageElement} image
 * @param {string} url
 * @param {string | null} crossOrigin
 * @returns {Promise<LoadedImage | undefined>}
 */
const load = (image, url, crossOrigin) =>
  new Promise((resolve) => {
    image.crossOrigin = crossOrigin;
    image.onload = () => resolve({ image, wasThere });
    image.onerror = () => resolve(undefined);
    image.src = url;
    const wasThere = image.complete;
  });

/** @param {import('./reload-element.js').Root} root @param {Repairer} repairer @param {Occasion} occasion */
function loadOthersAgain(root, repairer, occasion) {
  for (const media of /** @type {NodeListOf<HTMLMediaElement>} */ (root.querySelectorAll('video, audio'))) {
    if (repairer.isOnRealmOrigin(media.currentSrc || media.src)) loadMediaAgain(media, occasion);
  }
  const isPreload = (/** @type {any} */ { as }) => occasion === 'control' && as === 'image';
  for (const link of /** @type {NodeListOf<HTMLLinkElement>} */ (root.querySelectorAll('link[as=image]'))) {
    if (!isPreload(link)) continue;
    // A link with imagesrcset may have no href.
    const [first] = link.imageSrcset.trim().split(/[\s,]/);
    const url = link.href || Object.assign(link.ownerDocument.createElement('a'), { href: first }).href;
    if (repairer.isOnRealmOrigin(url)) void preloadAgain(link);
  }
  for (const element of /** @type {NodeListOf<any>} */ (root.querySelectorAll('link[href], track[src]'))) {
    const name = element.localName === 'link' ? 'href' : 'src';
    if (!repairer.isOnRealmOrigin(element[name])) continue;
    if (isPreload(element)) continue;
    const hasFailed =
      repairer.mayRepair(element, occasion) || (occasion !== 'late' && element.readyState === HTMLTrackElement.ERROR);
    if (!hasFailed && occasion === 'control' && element.sheet && !hasRules(element.sheet)) {
      sheetAgain(element, repairer);
    } else if (hasFailed) {
      repairer.repaired(element);
      const restore = detach(element, name);
      // A track does not notice a change within the same task.
      setTimeout(restore, element.localName === 'track' ? TOGETHER_MS : 0);
    } else if (occasion === 'control') repairer.doubt(element);
  }
}

/**
 * Loads a failed preload again. Chromium keeps the failure for the next element that wants the URL, and that element
 * then fails without a request. So an image here takes the failure first.
 * @param {HTMLLinkElement} link of an image
 */
async function preloadAgain(link) {
  const image = new Image();
  image.sizes = link.imageSizes;
  image.srcset = link.imageSrcset;
  if (!(await load(image, link.href, link.crossOrigin))) detach(link, link.href ? 'href' : 'rel')();
}

/**
 * Loads a style sheet of another origin again if it has failed. Nothing shows whether it has. So a copy of the link is
 * loaded beside it. If the copy loads, the link is loaded again, and the copy provides the styles meanwhile.
 * @param {HTMLLinkElement} link
 * @param {Repairer} repairer
 */
function sheetAgain(link, repairer) {
  const copy = /** @type {HTMLLinkElement} */ (link.cloneNode());
  for (const name of ['id', 'onload', 'onerror']) copy.removeAttribute(name);
  const end = () => copy.remove();
  copy.onerror = () => {
    end();
    repairer.mayHaveFailed(link);
  };
  copy.onload = () => {
    copy.onload = null;
    if (!link.isConnected || link.href !== copy.href || link.media !== copy.media || link.disabled) return end();
    for (const type of ['load', 'error']) link.addEventListener(type, end, { once: true });
    // If the app turns the link off meanwhile, neither event comes.
    setTimeout(end, COPY_MS);
    detach(link, 'href')();
  };
  link.after(copy);
}

/**
 * Whether rules can be read. They cannot if the sheet is of another origin. If it has failed, Chromium has none.
 * @param {CSSStyleSheet} sheet
 */
function hasRules(sheet) {
  try {
    return sheet.cssRules.length > 0;
  } catch {
    return false;
  }
}

/** @param {HTMLMediaElement} media @param {Occasion} occasion */
function loadMediaAgain(media, occasion) {
  const { currentSrc, src, error, networkState, readyState } = media;
  const url = currentSrc || src;
  if (occasion === 'late' && loadedAgain.get(media) === url) return;
  if (error || networkState === media.NETWORK_NO_SOURCE) {
    loadedAgain.set(media, url);
    loadAgain(media);
  } else if (occasion === 'control' && readyState === 0 && networkState === media.NETWORK_LOADING) {
    // The listener captures, since the error may be that of a <source>.
    media.addEventListener('error', () => loadAgain(media), { once: true, capture: true });
  }
}
