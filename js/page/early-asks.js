// Takes over the asks that the early responder heard before this module was there.
import { containerOf } from './platform.js';

/**
 * @typedef {[event: MessageEvent, isPending: boolean | undefined]} EarlyAsk an ask without a final
 *   reply, and whether it has got a `pending`
 */

/** @typedef {{failed?: Element[], wasControlled?: boolean}} EarlyFailures for Mender.takeEarly() */

/**
 * Stops the early responder of js/early.js.
 * @param {ServiceWorkerContainer} container
 * @returns {EarlyAsk[] & EarlyFailures} the asks that the caller must answer now
 */
export function takeEarlyAsks(container) {
  const { authServiceWorkerEarly } = /** @type {{authServiceWorkerEarly?: () => EarlyAsk[] & EarlyFailures}} */ (
    globalThis
  );
  return (container === containerOf(undefined) && authServiceWorkerEarly?.()) || [];
}
