// Takes over the asks that the early responder heard before this module was there.
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
 * @returns {EarlyWork} the asks that the caller must answer now
 */
export function takeEarlyAsks(container) {
  const { authServiceWorkerEarly: end } = /** @type {{authServiceWorkerEarly?: () => EarlyWork}} */ (globalThis);
  // Without the responder, an element of this id has the name.
  return (container === containerOf(undefined) && typeof end === 'function' && end()) || [];
}
