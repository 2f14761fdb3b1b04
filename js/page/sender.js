/**
 * Whether a message comes from a service worker of this origin. Other windows and frames may not ask
 * for tokens: the port that comes with a question is theirs. Engines that name no source pass, since
 * only workers of this origin reach `navigator.serviceWorker`.
 * @param {{source?: unknown}} event
 * @returns {boolean} throws for a window of another origin, whose properties may not be read
 */
export function isFromServiceWorker({ source }) {
  if (source === undefined || source === null) return true;
  const { scriptURL } = /** @type {{scriptURL?: unknown}} */ (source);
  if (typeof scriptURL !== 'string') return false;
  const { location } = globalThis;
  return !location || new URL(scriptURL).origin === location.origin;
}
