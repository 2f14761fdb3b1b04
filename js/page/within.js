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
