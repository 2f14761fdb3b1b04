// Shows the pictures of another user.
import { forgetPictures, helpDocument } from './frames.js';
import { isOnRealmOrigin } from './found-state.js';
import { documentsIn, rootsOf, setImageAgain } from './set-again.js';

/**
 * Gets all images of realms in the page anew, for an app that changes its user without loading a page:
 * browsers show each URL that the page has had from the page's own memory, whoever was logged in then.
 * Call it once the tokens are those of the new user. Firefox needs another fragment in `src` for that,
 * and shows what a `srcset` names from its memory. Backgrounds are left as they are, and so are frames that request
 * their pictures themselves.
 * @returns {Promise<void>} never rejects
 */
export async function reloadRealmImages() {
  const images = rootsOf().flatMap((root) => [...root.querySelectorAll('img')]);
  const helped = documentsIn(document).filter(forgetPictures);
  await Promise.all([
    ...images.filter(({ currentSrc }) => isOnRealmOrigin(currentSrc)).map(reload),
    ...helped.map((inner) => helpDocument(inner, isOnRealmOrigin)),
  ]);
}

/** @param {HTMLImageElement} image */
async function reload(image) {
  const url = image.currentSrc;
  try {
    // In the place of what the browser's cache has; Chromium's memory then forgets it, too.
    await (await fetch(url, { mode: 'no-cors', cache: 'reload' })).blob();
  } catch {
    // The image will say so itself.
  }
  if (image.currentSrc !== url) return;
  setImageAgain(image);
  // Once it has chosen its source, in a microtask. Complete: Firefox has it still.
  await Promise.resolve();
  if (!image.complete || !image.hasAttribute('src')) return;
  const other = new URL(image.src);
  other.hash = `${other.hash.replace(/~\d+$/, '')}~${Date.now()}`;
  image.src = other.href;
}
