import { Told } from './told.js';

/**
 * What there is once for the page, that is, for its `navigator.serviceWorker`.
 * @typedef {object} PageState
 * @property {Told} told what the page told the worker
 * @property {import('./token-push.js').TokenPush} [push]
 * @property {import('./replies.js').TokenRequestHandler} [handler] by the options given last
 */

/** @type {WeakMap<ServiceWorkerContainer, PageState>} */
const states = new WeakMap();

/**
 * @param {ServiceWorkerContainer | undefined} container
 * @returns {PageState} one apart for a page without service workers
 */
export function stateOf(container) {
  const state = (container && states.get(container)) ?? { told: new Told() };
  if (container) states.set(container, state);
  return state;
}
