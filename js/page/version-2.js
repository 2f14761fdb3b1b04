// Remembers which workers have shown that they speak version 2 of the wire. A worker's object stays the same when the
// browser stops and starts the worker.
import { withTimeout } from './async.js';

/** A worker that has not replied to its hello after this time is taken for one of version 1, which knows no hello. */
export const HELLO_CAP_MS = 300;

/**
 * The workers that have shown version 2. The value tells whether they ask separately for a refresh.
 * @type {WeakMap<object, boolean>}
 */
const shown = new WeakMap();

/** The hellos in flight. @type {WeakMap<object, Promise<unknown>>} */
const hellos = new WeakMap();

/** @param {unknown} worker @returns {boolean} */
export const hasShownVersion2 = (worker) => shown.has(/** @type {object} */ (worker));

/**
 * @param {unknown} worker
 * @returns {boolean} whether it looks for the token itself, and asks separately for a refresh
 */
export const asksToRefresh = (worker) => !!shown.get(/** @type {object} */ (worker));

/** @param {unknown} worker @param {boolean} asksToRefresh */
export const noteVersion2 = (worker, asksToRefresh) =>
  void (worker instanceof Object && shown.set(worker, asksToRefresh));

/** @param {object} worker that was said hello @param {Promise<unknown>} replied */
export const noteHello = (worker, replied) => void hellos.set(worker, withTimeout(HELLO_CAP_MS, replied));

/** @param {object} worker */
export const wasSaidHello = (worker) => hellos.has(worker);

/**
 * @param {unknown} worker
 * @returns {Promise<unknown>} settles when the worker has replied to the hello in flight, or will not
 */
export const helloReplied = async (worker) => hellos.get(/** @type {object} */ (worker));
