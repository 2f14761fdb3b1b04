// Shows images of realms on pages that have no worker.
import { authorisedFetch, currentState, isInRealm } from './authorised-fetch.js';
import { forgetImages, showImage } from '../elements/image-sheets.js';
import { rootsOf } from '../elements/reload-element.js';

/**
 * Shows the images of realms on a page that can have no worker: in private windows, on plain http, in frames of another
 * site. The page itself requests each image that has failed, now or later, and shows it with a style sheet, as in
 * frames. The image's `src` stays as it is. Images that are requested before the token is there stay broken, and so do
 * other elements and styles. After clearServiceWorkerTokens(), the images disappear. After
 * syncAllTokensToServiceWorker(), the page requests them again. Does nothing while a worker controls the page.
 * @param {Document} [root]
 * @returns {() => void} ends it, and takes the images and their blob: URLs away
 */
export function showWithoutWorker(root = document) {
  const show = (/** @type {EventTarget | null} */ target) => {
    const image = /** @type {HTMLImageElement} */ (target);
    if (image.localName === 'img' && image.currentSrc && !currentState().workers.controller)
      void showImage(image, request);
  };
  const hear = (/** @type {Event} */ { target }) => show(target);
  let isOver = false;
  const forget = () => void forgetImages(root);
  const roots = rootsOf(root);
  const showBroken = () => {
    for (const each of roots)
      for (const image of each.querySelectorAll('img')) if (image.complete && image.naturalWidth === 0) show(image);
  };
  const watch = () => {
    if (isOver) return;
    forget();
    const { epoch } = currentState();
    epoch.onEnd(watch);
    // At a logout, the app may still have the tokens of the previous user.
    if (!epoch.log.isWhole || epoch.log.realms().length > 0) showBroken();
  };
  for (const each of roots) each.addEventListener('error', hear, true);
  showBroken();
  currentState().epoch.onEnd(watch);
  return () => {
    isOver = true;
    for (const each of roots) each.removeEventListener('error', hear, true);
    forget();
  };
}

/** @param {string} url @returns {Promise<Response | undefined>} undefined if it is in no realm. May reject */
const request = async (url) => ((await isInRealm(url)) ? authorisedFetch(url) : undefined);
