// Which workers speak version 2 of the wire.
import { hello, speaksVersion2 } from '../protocol.js';

/** A late answer counts, up to here. */
const ANSWER_CAP_MS = 10_000;

/**
 * The workers that have shown version 2. A worker's object stays the same when the browser stops and
 * starts the worker.
 * @type {WeakSet<object>}
 */
const shown = new WeakSet();

/** @param {unknown} worker @returns {boolean} */
export const hasShownVersion2 = (worker) => shown.has(/** @type {object} */ (worker));

/** @param {unknown} worker */
export const noteVersion2 = (worker) => void (worker instanceof Object && shown.add(worker));

/**
 * Says hello. Version 1 workers ignore it.
 * @param {ServiceWorker} worker
 * @param {string[]} origins
 * @param {boolean} complete
 * @param {() => void} onVersion2 called when it answers that it speaks version 2
 */
export function greet(worker, origins, complete, onVersion2) {
  const { port1, port2 } = new MessageChannel();
  const timer = setTimeout(() => port1.close(), ANSWER_CAP_MS);
  port1.onmessage = ({ data }) => {
    clearTimeout(timer);
    port1.close();
    if (!speaksVersion2(data)) return;
    noteVersion2(worker);
    onVersion2();
  };
  worker.postMessage(hello(origins, complete), [port2]);
}
