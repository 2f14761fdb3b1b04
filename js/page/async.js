// Helpers for promises, and for values that the app's functions return.
import { clearTimeout, setTimeout } from './platform.js';

/**
 * Resolves to what the promise brings, or to undefined when it rejects or takes longer than `ms`. Never rejects, and
 * leaves no timer behind.
 * @template T
 * @param {number} ms
 * @param {PromiseLike<T>} promise
 * @returns {Promise<T | undefined>}
 */
export function withTimeout(ms, promise) {
  return new Promise((resolve) => {
    const timer = setTimeout(settle, ms, undefined);
    /** @param {T | undefined} value */
    function settle(value) {
      clearTimeout(timer);
      resolve(value);
    }
    promise.then(settle, () => settle(undefined));
  });
}

/** Nobody waits for a read whose tokens are pushed. A read that takes longer will hardly end. */
const READ_CAP_MS = 5000;

/**
 * Calls back at once if the value is no promise, and otherwise with what the promise brings within 5 s.
 * @template T, Result
 * @param {import('./options.js').Awaitable<T>} value
 * @param {(value: NoInfer<T> | undefined) => Result} callback
 * @returns {import('./options.js').Awaitable<Result>} what the callback returns
 */
export const whenRead = (value, callback) =>
  isThenable(value) ? withTimeout(READ_CAP_MS, value).then(callback) : callback(value);

/**
 * Reads a value of the app's and converts it.
 * @template T, U
 * @param {() => import('./options.js').Awaitable<T>} read the app's
 * @param {(value: T) => U} convert
 * @param {(error: unknown) => void} [onError]
 * @returns {import('./options.js').Awaitable<U | undefined>} undefined when either fails. Does not throw or reject, may
 *   hang
 */
export function attempt(read, convert, onError) {
  /** @param {unknown} error */
  const fail = (error) => void onError?.(error);
  try {
    const value = read();
    return isThenable(value) ? Promise.resolve(value).then(convert).catch(fail) : convert(value);
  } catch (error) {
    return fail(error);
  }
}

/**
 * @template T
 * @param {import('./options.js').Awaitable<T>} value
 * @returns {value is PromiseLike<T>}
 */
export function isThenable(value) {
  return typeof (/** @type {any} */ (value)?.then) === 'function';
}
