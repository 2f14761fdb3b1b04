// Replaces the images of the previous user.
import { repairImages } from './frames.js';
import { forgetImages } from './image-sheets.js';
import { isOnRealmOrigin } from '../page/found-state.js';
import { documentsIn, rootsOf, reloadImage } from './reload-element.js';

/**
 * Requests all images of realms in the page again, for an app that changes its user without loading a page. If the page
 * has shown a URL before, browsers show it from the page's own memory, whoever was logged in then. Call it once the
 * tokens are those of the new user. In Firefox, this changes the fragment in `src`, and an image that a `srcset` names
 * still comes from memory. Backgrounds stay as they are, and so do frames that request their images themselves.
 * @returns {Promise<void>} never rejects
 */
export async function reloadRealmImages() {
  const images = rootsOf().flatMap((root) => [...root.querySelectorAll('img')]);
  const repaired = documentsIn(document).filter(forgetImages);
  await Promise.all([
    ...images.filter(({ currentSrc }) => isOnRealmOrigin(currentSrc)).map(reload),
    ...repaired.map((inner) => repairImages(inner, isOnRealmOrigin)),
  ]);
}

/** @param {HTMLImageElement} image */
async function reload(image) {
  const url = image.currentSrc;
  try {
    // This replaces the entry of the browser's cache. Chromium then also forgets the image in memory.
    await (await fetch(url, { mode: 'no-cors', cache: 'reload' })).blob();
  } catch {
    // If the server cannot be reached, the image itself will fail.
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
