// Shows the pictures of another user.
import { isOnRealmOrigin } from './index.js';
import { rootsOf } from './set-again.js';

/**
 * Requests all images of realms in the page again, for an app that changes its user without loading a
 * page: browsers show each URL that the page has had from the page's own memory, whoever was logged in
 * then. Call it once the tokens are those of the new user. Firefox is given a new fragment for `src`,
 * and shows what a `srcset` names from its memory. Backgrounds are left as they are.
 * @returns {void}
 */
export function reloadRealmImages() {
  for (const root of rootsOf()) {
    for (const image of root.querySelectorAll('img')) {
      if (isOnRealmOrigin(image.currentSrc)) reload(image);
    }
  }
}

/** @param {HTMLImageElement} image */
function reload(image) {
  // Chromium and WebKit: a picture got in another mode is not good for this one.
  const { crossOrigin } = image;
  image.crossOrigin = crossOrigin === null ? 'anonymous' : null;
  image.crossOrigin = crossOrigin;
  // Firefox keeps one for each mode and fragment: it is complete again at once.
  queueMicrotask(() => {
    if (!image.complete || !image.hasAttribute('src')) return;
    const url = new URL(image.src);
    url.hash = `${url.hash.replace(/~\d+$/, '')}~${Date.now()}`;
    image.src = url.href;
  });
}
