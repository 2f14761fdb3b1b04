// Whether this page may have a service worker at all.

/** @typedef {{readonly serviceWorker: ServiceWorkerContainer}} NavigatorLike */

/** Whether the browser lets this page have a service worker. @returns {boolean} */
export function isServiceWorkerSupported() {
  return containerOf(undefined) !== undefined;
}

/**
 * `navigator.serviceWorker`. It is missing in insecure contexts and in some private modes, and
 * reading it throws in a sandboxed frame: https://w3c.github.io/ServiceWorker/#navigator-serviceworker
 * @param {NavigatorLike | undefined} navigator default: the global one
 * @returns {ServiceWorkerContainer | undefined}
 */
export function containerOf(navigator) {
  try {
    return (navigator ?? globalThis.navigator)?.serviceWorker ?? undefined;
  } catch {
    return undefined;
  }
}
