import { Epoch } from './epoch.js';
import { foundState, keepState } from './found-state.js';
import { OwnWorkers } from './own-workers.js';

/**
 * The state of the page. There is one for each `navigator.serviceWorker`. The first copy of the package makes it, and
 * all copies use it, even those of other versions. So its properties keep their names.
 * @typedef {object} PageState
 * @property {Epoch} epoch the current one
 * @property {OwnWorkers} workers
 * @property {WeakSet<object>} answered the ports of asks that a handler has taken
 * @property {boolean} [hasNoWorker] the latest options will register no worker
 * @property {import('./own-workers.js').Policy} [policy] the policy for Trusted Types
 * @property {Promise<(() => void) | void>} [watch] for the option `debug`. Resolves to a function that ends it
 * @property {import('./options.js').AuthServiceWorkerOptions} [options] the latest; none while the package is disabled
 * @property {import('../refresh/renewal.js').Renewal} [renewal] for the latest options, if they want one
 * @property {import('./token-push.js').TokenPush} [push]
 * @property {import('./asks.js').TokenRequestHandler} [handler] for the latest options
 */

/**
 * @param {ServiceWorkerContainer | typeof globalThis | undefined} container globalThis if the page has no service
 *   workers
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

/**
 * Whether the latest options were `isEnabled: false`. Options alone do not tell: a page that registers the worker itself
 * has none here.
 * @param {PageState} state
 */
export const isDisabled = ({ hasNoWorker, options }) => !!hasNoWorker && !options;
