import { Epoch } from './epoch.js';
import { foundState, keepState } from './found-state.js';
import { OwnWorkers } from './own-workers.js';

/**
 * What there is once for the page, that is, for its `navigator.serviceWorker`: several copies of the package, of several
 * versions even, find the same one, made by whichever was there first. So what it holds keeps its names.
 * @typedef {object} PageState
 * @property {Epoch} epoch the one that lasts
 * @property {OwnWorkers} workers
 * @property {WeakSet<object>} answered the ports of asks that have found someone to answer
 * @property {boolean} [hasNoWorker] none will be registered by the options given last
 * @property {import('./own-workers.js').Policy} [policy] of Trusted Types
 * @property {Promise<(() => void) | void>} [watch] for the option `debug`; brings what ends it
 * @property {import('./options.js').AuthServiceWorkerOptions} [options] those given last; none while the package is disabled
 * @property {import('../refresh/renewal.js').Renewal} [renewal] by the options given last, if they want one
 * @property {import('./token-push.js').TokenPush} [push]
 * @property {import('./asks.js').TokenRequestHandler} [handler] by the options given last
 */

/**
 * @param {ServiceWorkerContainer | typeof globalThis | undefined} container globalThis for a page without service workers
 * @returns {PageState} a new one for undefined
 */
export function stateOf(container) {
  const found = foundState(container);
  if (found) return found;
  const state = {
    epoch: new Epoch(),
    workers: new OwnWorkers(/** @type {ServiceWorkerContainer} */ (container)),
    answered: new WeakSet(),
  };
  if (container) keepState(container, state);
  return state;
}
