// Whether a worker controls the page.
import { claim } from '../protocol.js';

/** @param {ServiceWorkerRegistration} registration @returns {boolean} */
export const covers = ({ scope }) => !!globalThis.location?.href.startsWith(scope);

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
