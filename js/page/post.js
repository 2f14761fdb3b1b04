/**
 * @param {ServiceWorker} worker
 * @param {import('./backlog.js').TokenMessage} message
 * @param {MessagePort[]} [ports]
 * @returns {boolean} whether it could be sent; it warns otherwise
 */
export function post(worker, message, ports = []) {
  try {
    worker.postMessage(message, ports);
    return true;
  } catch (error) {
    console.warn(
      `auth-service-worker: could not send ${message.type} to the worker. Realm URLs and tokens must be strings.`,
      error,
    );
    return false;
  }
}
