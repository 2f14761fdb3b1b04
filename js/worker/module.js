// The worker as a module: for module workers and bundlers, and for a worker that has other work as well.
import createAuthCore from '../core.js';
import { anyCoreOf } from './any-core.js';
import { listen } from './listeners.js';

/**
 * Makes this service worker one that adds tokens. To be called while its script is evaluated for the first time. It does
 * not answer what an earlier listener has answered, and takes over no pages: with `standalone: true` it does.
 * @param {import('./options.js').Options} [options]
 */
export function addAuthListeners(options) {
  const scope = /** @type {import('./listeners.js').Scope} */ (/** @type {unknown} */ (self));
  listen(scope, anyCoreOf(scope, scope.location.href, createAuthCore), { standalone: false, ...options });
}
