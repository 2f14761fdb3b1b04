/**
 * Whether a message comes from the page's own service worker. Other windows and frames may not ask for
 * tokens: the port that comes with a question is theirs. Nor may a worker that is registered for
 * another part of the origin. Engines that name no source pass, since only workers of this origin reach
 * `navigator.serviceWorker`.
 * @param {{source?: unknown}} event
 * @param {ServiceWorkerContainer | undefined} container
 * @param {string | URL} [workerURL] what the page registers, the default as registerAuthServiceWorker has it
 * @returns {boolean} throws for a window of another origin, whose properties may not be read
 */
export function isFromOwnWorker({ source }, container, workerURL = '/auth-service-worker.js') {
  if (source === undefined || source === null) return true;
  const { scriptURL } = /** @type {{scriptURL?: unknown}} */ (source);
  if (typeof scriptURL !== 'string') return false;
  const { location } = globalThis;
  if (!location) return true;
  return [new URL(workerURL, location.href).href, container?.controller?.scriptURL].includes(scriptURL);
}
