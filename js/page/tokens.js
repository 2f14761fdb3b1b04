// Where the app's tokens are.

const DEFAULT_KEY = 'boxel-session';

/** @typedef {import('../protocol.js').Tokens | null | undefined} Read null: there are none; undefined: they cannot be read */

/**
 * The app's tokens, at once where their place allows it. Only texts count: one bad entry does not
 * spoil the rest.
 * @param {Pick<import('./options.js').FlatOptions, 'tokens' | 'storage' | 'storageKey'>} options
 * @returns {import('./options.js').Awaitable<Read>}
 */
export const readTokens = ({ tokens, storage, storageKey = DEFAULT_KEY }) =>
  attempt(
    () => (tokens ? tokens() : JSON.parse((storage ?? localStorage).getItem(storageKey) ?? 'null')),
    textsOf,
  );

/**
 * @param {Pick<import('./options.js').FlatOptions, 'tokens' | 'storageKey'>} options
 * @param {string | null} key of localStorage; null: any
 * @returns {boolean} whether the app's tokens may be there
 */
export const mayHoldTokens = ({ tokens, storageKey = DEFAULT_KEY }, key) => key === null || !!tokens || key === storageKey;

/** @param {unknown} value @returns {Read} */
function textsOf(value) {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([, token]) => typeof token === 'string' && token));
}

/**
 * What the app has, made ours.
 * @template T, U
 * @param {() => import('./options.js').Awaitable<T>} read the app's
 * @param {(value: T) => U} convert
 * @returns {import('./options.js').Awaitable<U | undefined>} undefined when that fails. Does not throw or
 *   reject, may hang
 */
export function attempt(read, convert) {
  try {
    const value = read();
    return isThenable(value) ? value.then(convert, () => undefined) : convert(value);
  } catch {
    return undefined;
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
