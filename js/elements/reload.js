// Replaces the images of the previous user.
import { helpDocument } from './frames.js';
import { forgetImages } from './image-sheets.js';
import { isOnRealmOrigin } from '../page/found-state.js';
import { documentsIn, rootsOf, reloadImage } from './reload-element.js';

/**
 * Requests all images of realms in the page again, for an app that changes its user without loading a page. Browsers
 * show each URL that the page has shown before from the page's own memory, whoever was logged in then. Call it once the
 * tokens are those of the new user. Firefox needs another fragment in `src` for that, and still shows what a `srcset`
 * names from its memory. Backgrounds stay as they are, and so do frames that request their images themselves.
 * @returns {Promise<void>} never rejects
 */
export async function reloadRealmImages() {
  const images = rootsOf().flatMap((root) => [...root.querySelectorAll('img')]);
  const helped = documentsIn(document).filter(forgetImages);
  await Promise.all([
    ...images.filter(({ currentSrc }) => isOnRealmOrigin(currentSrc)).map(reload),
    ...helped.map((inner) => helpDocument(inner, isOnRealmOrigin)),
  ]);
}

/** @param {HTMLImageElement} image */
async function reload(image) {
  const url = image.currentSrc;
  try {
    // Replaces the entry of the browser's cache. Chromium's memory then forgets the image, too.
    await (await fetch(url, { mode: 'no-cors', cache: 'reload' })).blob();
  } catch {
    // The image itself will show that.
  }
  if (image.currentSrc !== url) return;
  reloadImage(image);
  // An image chooses its source in a microtask. If it is complete after that, Firefox still had it in memory.
  await Promise.resolve();
  if (!image.complete || !image.hasAttribute('src')) return;
  const other = new URL(image.src);
  other.hash = `${other.hash.replace(/~\d+$/, '')}~${Date.now()}`;
  image.src = other.href;
}
