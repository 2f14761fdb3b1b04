// Takes over the work of the early responder, which ran before this module was there.
import { emptyReply } from '../protocol.js';
import { containerOf } from './platform.js';

/**
 * @typedef {[event: MessageEvent, isPending: boolean | undefined]} EarlyAsk an ask without a final reply, and whether
 *   it has had a `pending`
 */

/** @typedef {{failed?: Element[], wasControlled?: boolean}} EarlyFailures for Failures.takeEarly() */
/** @typedef {EarlyAsk[] & EarlyFailures & {told?: import('../protocol.js').Tokens}} EarlyWork with the tokens that the worker was told */

/**
 * Stops the early responder of js/early.js.
 * @param {ServiceWorkerContainer} container
 * @returns {EarlyWork} the asks that the caller must reply to now
 */
export function takeEarlyAsks(container) {
  const { authServiceWorkerEarly: end } = /** @type {{authServiceWorkerEarly?: () => EarlyWork}} */ (globalThis);
  // Without the responder, an element of this id has the name.
  return (container === containerOf(undefined) && typeof end === 'function' && end()) || [];
}

/**
 * Stops the early responder of a page that is disabled. Its asks get no token, and the app hears of its failures.
 * @param {ServiceWorkerContainer} container
 */
export function dropEarlyAsks(container) {
  const early = takeEarlyAsks(container);
  for (const [{ ports }] of early) ports[0]?.postMessage(emptyReply());
  for (const element of early.failed ?? []) element.dispatchEvent(new Event('error'));
}
