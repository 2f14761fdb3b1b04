// Keeps the page's state where each copy of the package finds it, and elements.js too, which is a module of its own.
import { containerOf } from './platform.js';

/** @typedef {import('./page-state.js').PageState} PageState */

const KEY = Symbol.for('auth-service-worker');

/** The container of the last registration. @type {ServiceWorkerContainer | undefined} */
let current;

/** @param {ServiceWorkerContainer} container whose state the app's calls use from now on */
export const useContainer = (container) => void (current = container);

/** @returns {ServiceWorkerContainer | undefined} */
export const currentContainer = () => current ?? containerOf(undefined);

/** @param {object | undefined} container @returns {PageState | undefined} */
export const foundState = (container) => /** @type {any} */ (container)?.[KEY];

/** @param {object} keeper @param {PageState} state */
export const keepState = (keeper, state) => void Object.defineProperty(keeper, KEY, { value: state });

/**
 * Whether the app has, or has had, a realm on the origin of the URL, as far as this page has learned from its tokens
 * and its option `realms`.
 * @param {string} url
 * @returns {boolean}
 */
export const isOnRealmOrigin = (url) => !!foundState(currentContainer())?.push?.hello.hasRealmOn(url);

/** @returns {Promise<boolean>} whether a worker of the page's own controls it, or will. Waits until that is certain */
export async function isControlled() {
  const { push, workers, hasNoWorker } = foundState(currentContainer()) ?? {};
  if (!workers?.controller && !hasNoWorker) await push?.wait;
  return !!workers?.controller;
}
