// Shows the images in frames and windows that the page has made.
import { coveringRealm } from '../page/covering-realm.js';
import { currentContainer, foundState, isControlled, isOnRealmOrigin } from '../page/found-state.js';
import { isPossible } from '../page/options.js';
import { expiryOf, readTokens } from '../page/tokens.js';
import { forgetMissing, showImage } from './image-sheets.js';
import { asBrowserSays, isBroken, rootsOf } from './reload-element.js';
import { isPassedBy } from '../page/watch-frames.js';

/**
 * Shows the images that are broken in a document now.
 * @param {Document} inner
 * @param {(url: string) => boolean} isOnRealmOrigin
 * @param {boolean} [isAfresh] whether to request again the images whose requests have failed
 * @returns {Promise<void>}
 */
export async function repairImages(inner, isOnRealmOrigin, isAfresh) {
  if (isAfresh) forgetMissing(inner);
  const images = imagesIn(inner).filter(({ currentSrc }) => isOnRealmOrigin(currentSrc));
  await Promise.all(images.map(async (image) => (await isBroken(image)) && showInFrame(image)));
}

/**
 * Shows the images of a window whose requests bypass the worker, such as a window of `window.open('')`. Printing can
 * wait for the promise. Frames in the page need no call.
 * @param {Window | Document} place of this origin, once it has its HTML
 * @returns {Promise<void>} settles when each image there shows or has failed, except lazy ones; never rejects
 */
export async function helpWindow(place) {
  try {
    const inner = 'document' in place ? place.document : place;
    const failures = foundState(currentContainer())?.push?.failures;
    failures?.listen(/** @type {Window} */ (inner.defaultView));
    failures?.watchFrames(inner, () => {});
    const loading = imagesIn(inner).filter((image) => !asBrowserSays(image, 'complete') && image.loading !== 'lazy');
    await Promise.all(
      loading.map(
        (image) =>
          new Promise((end) => {
            for (const type of ['load', 'error']) image.addEventListener(type, end, { once: true });
          }),
      ),
    );
    await repairImages(inner, isOnRealmOrigin);
  } catch {
    // The window is of another origin, or closed.
  }
}

/**
 * @param {HTMLImageElement} image that is broken. The page sends its events. Other elements, such as an `<image>` of
 *   SVG, are left as they are
 * @returns {Promise<boolean>} whether it shows now
 */
export async function showInFrame(image) {
  if (!image.currentSrc) return false;
  const { options, push } = foundState(currentContainer()) ?? {};
  if (!isPassedBy(image.ownerDocument)) {
    if (options && (await lacksToken(image.currentSrc, options))) push?.failures.repairer?.repairSoon();
    return false;
  }
  // Scripts such as html2canvas then wait for the image's event.
  Object.defineProperty(image, 'complete', { configurable: true, value: false });
  const isShown = await showImage(
    image,
    // The worker keeps the mode of a request that the page itself sends.
    async (url) =>
      (await isControlled()) ? fetch(url, { credentials: options?.worker?.credentials ?? 'same-origin' }) : undefined,
    () => void repairImages(image.ownerDocument, isOnRealmOrigin),
  );
  Reflect.deleteProperty(image, 'complete');
  return isShown;
}

/**
 * Tells whether an image of a frame failed for lack of a token. The worker asks about one image of an origin at a time.
 * A frame sends no reply to that ask, and the other images that wait for it go out without a token.
 * @param {string} url
 * @param {import('../page/options.js').AuthServiceWorkerOptions} options
 * @returns {Promise<boolean>} whether the page has no token for the URL, and may get one when it is asked
 */
async function lacksToken(url, options) {
  if (!(await isPossible(options))) return false;
  const tokens = (await readTokens(options)) ?? {};
  const realm = coveringRealm(Object.keys(tokens), new URL(url));
  return !realm || expiryOf(tokens[realm]) <= Date.now();
}

/** @param {Document} inner */
const imagesIn = (inner) => rootsOf(inner).flatMap((root) => [...root.querySelectorAll('img')]);
