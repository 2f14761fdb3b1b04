// What takes time, and what the app's functions bring.
import { clearTimeout, setTimeout } from './platform.js';

/**
 * What the promise brings, or undefined when it rejects or takes longer than `ms`. Never rejects,
 * and leaves no timer behind.
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

/** Nobody waits for what is read for a push; what takes longer will hardly end. */
const READ_CAP_MS = 5000;

/**
 * Calls back at once with what is there at once, and within 5 s with what a promise brings.
 * @template T, Result
 * @param {import('./options.js').Awaitable<T>} value
 * @param {(value: NoInfer<T> | undefined) => Result} callback
 * @returns {import('./options.js').Awaitable<Result>} what that returns
 */
export const whenRead = (value, callback) =>
  isThenable(value) ? withTimeout(READ_CAP_MS, value).then(callback) : callback(value);

/**
 * What the app has, made ours.
 * @template T, U
 * @param {() => import('./options.js').Awaitable<T>} read the app's
 * @param {(value: T) => U} convert
 * @param {(error: unknown) => void} [onError]
 * @returns {import('./options.js').Awaitable<U | undefined>} undefined when that fails. Does not throw or
 *   reject, may hang
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
