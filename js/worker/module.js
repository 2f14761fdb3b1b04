// The worker as a module: for module workers and bundlers, and for workers that also do other things.
import createCoreModule from '../core.js';
import { anyCoreOf } from './any-core.js';
import { listen } from './listeners.js';

/** @type {((event: FetchEvent) => void) | undefined} */
let heardFetch;

/**
 * Makes this service worker add tokens. Call it while the worker's script is evaluated for the first time. It does not
 * respond to an event that an earlier listener has responded to. It takes over pages only with `standalone: true`. With
 * `answersRequests: false` it responds to nothing by itself: see `authorize`.
 * @param {import('./options.js').Options} [options]
 */
export function addAuthListeners(options) {
  const scope = /** @type {import('./listeners.js').Scope} */ (/** @type {unknown} */ (self));
  heardFetch = listen(scope, anyCoreOf(scope, scope.location.href, createCoreModule), {
    standalone: false,
    ...options,
  });
}

/**
 * Returns the response to a request that needs a token, for a fetch listener of your own or a strategy of Workbox. Call
 * it synchronously in the listener, for each event, after `addAuthListeners({answersRequests: false})`.
 * @param {FetchEvent} event
 * @returns {Promise<Response> | undefined} undefined: the request needs no token, so your listener decides about it
 * @throws {Error} before addAuthListeners()
 */
export function authorize(event) {
  if (!heardFetch)
    throw new Error('auth-service-worker: call addAuthListeners({ answersRequests: false }) before authorize().');
  /** @type {Promise<Response> | undefined} */
  let promised;
  const { request, clientId, resultingClientId } = event;
  const own = {
    request,
    clientId,
    resultingClientId,
    waitUntil: (/** @type {Promise<unknown>} */ promise) => event.waitUntil(promise),
    respondWith: (/** @type {Response | Promise<Response>} */ response) => void (promised = Promise.resolve(response)),
  };
  heardFetch(/** @type {FetchEvent} */ (/** @type {unknown} */ (own)));
  return promised;
}
