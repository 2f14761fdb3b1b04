// Requests an image as a page does, and finds what the worker decided about the request.
import { withTimeout } from '../page/async.js';
import { askStats } from './stats.js';

/** The limit for all that may hang: a server, a page that gets a new token. */
const PATIENCE_MS = 5000;
/** The package itself checks a failed image, in the browser of any user. So the worker soon stops keeping decisions. */
const LOOK_MS = 2 * PATIENCE_MS;

/** @template T @param {Promise<T>} promise @returns {Promise<T | undefined>} undefined if it takes too long */
export const soon = (promise) => withTimeout(PATIENCE_MS, promise);

/**
 * Requests an image.
 * @param {URL} url
 * @param {boolean} isKept whether the worker keeps its decisions
 * @param {number} [keepMs] see askStats
 * @returns {Promise<{isShown: boolean | undefined, decision: import('../protocol.js').Decision | undefined}>} isShown:
 *   undefined if it took too long
 */
export async function requested(url, isKept, keepMs) {
  const since = Date.now();
  const image = new Image();
  const isShown = await soon(
    new Promise((resolve) => {
      image.onload = () => resolve(true);
      image.onerror = () => resolve(false);
      image.src = url.href;
    }),
  );
  const decisions =
    /** @type {import('../protocol.js').Decision[]} */ (
      isKept ? (await soon(askStats(true, keepMs)))?.decisions : []
    ) ?? [];
  const place = url.href.replace(/[?#].*/s, '');
  const decision = decisions
    .reverse()
    .find((each) => each.at >= since - 10 && each.url.replace(/[?#].*/s, '') === place);
  return { isShown, decision };
}

/**
 * Requests an image once more.
 * @param {string | URL} imageURL of an image that has failed
 * @returns {Promise<boolean>} whether it fails again while the worker has heard of no request. Rejects if it is no URL
 */
export async function isUnseen(imageURL) {
  const url = new URL(imageURL, location.href);
  if (!(await askStats(true, LOOK_MS))?.build) return false;
  const { isShown, decision } = await requested(url, true, LOOK_MS);
  return isShown === false && !decision;
}
