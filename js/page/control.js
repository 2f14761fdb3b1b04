// Whether a worker controls the page.
import { claim } from '../protocol.js';
import { containerOf } from './support.js';

/** Whether a worker may come to control the page. @type {WeakMap<ServiceWorkerContainer, Promise<boolean>>} */
const prospects = new WeakMap();
/** Those who wait for control. @type {Set<() => void>} */
const waiting = new Set();

/**
 * @param {ServiceWorkerContainer} container
 * @param {Promise<ServiceWorkerRegistration>} registration the last one counts
 */
export function noteRegistration(container, registration) {
  prospects.set(container, registration.then(covers, () => false));
  for (const look of waiting) look();
}

/**
 * Settles once a worker controls the page, with true; or once none will, with false: in a browser or
 * page without service workers, after a registration that failed, and outside of the worker's scope.
 * Never rejects. Before any registration it waits for one.
 * @param {import('./support.js').NavigatorLike} [navigator] default: the global one
 * @returns {Promise<boolean>}
 */
export async function whenControlled(navigator) {
  const container = containerOf(navigator);
  if (!container) return false;
  return new Promise((resolve) => {
    /** @param {boolean} isControlled */
    const settle = (isControlled) => {
      container.removeEventListener('controllerchange', look);
      waiting.delete(look);
      resolve(isControlled);
    };
    const look = () => {
      if (container.controller) settle(true);
      else prospects.get(container)?.then((isProspect) => isProspect || settle(false));
    };
    container.addEventListener('controllerchange', look);
    waiting.add(look);
    look();
  });
}

/** @param {ServiceWorkerRegistration} registration @returns {boolean} */
const covers = ({ scope }) => !!globalThis.location?.href.startsWith(scope);

/**
 * Asks the worker to control the page where it could and does not, as after a hard reload. The worker
 * has just answered, so once is enough; never reloads.
 * @param {ServiceWorkerContainer} container
 * @param {ServiceWorkerRegistration | undefined} registration
 */
export function claimPage(container, registration) {
  if (container.controller || !registration?.active || !covers(registration)) return;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => port1.close();
  registration.active.postMessage(claim(), [port2]);
}
