import { clearTimeout, setTimeout } from './platform.js';
import { isThenable } from './tokens.js';

/**
 * What the promise brings, or undefined when it rejects or takes longer than `ms`. Never rejects,
 * and leaves no timer behind.
 * @template T
 * @param {number} ms
 * @param {PromiseLike<T>} promise
 * @returns {Promise<T | undefined>}
 */
export function within(ms, promise) {
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
 * @template T
 * @param {import('./options.js').Awaitable<T>} value
 * @param {(value: NoInfer<T> | undefined) => void} callback
 */
export function whenRead(value, callback) {
  if (isThenable(value)) void within(READ_CAP_MS, value).then(callback);
  else callback(value);
}
