/**
 * The workers that have shown version 2 of the wire. A worker's object stays the same when the browser
 * stops and starts the worker.
 * @type {WeakSet<object>}
 */
const shown = new WeakSet();

/** @param {unknown} worker @returns {boolean} */
export const hasShownVersion2 = (worker) => shown.has(/** @type {object} */ (worker));

/** @param {unknown} worker */
export const noteVersion2 = (worker) => void (worker instanceof Object && shown.add(worker));
