// Where the app's tokens are.

const DEFAULT_KEY = 'boxel-session';

/** @typedef {import('../protocol.js').Tokens | null | undefined} Read null: there are none; undefined: they cannot be read */

/**
 * The app's tokens, at once where their place allows it. Only texts count: one bad entry does not
 * spoil the rest.
 * @param {Pick<import('./options.js').FlatOptions, 'tokens' | 'storage' | 'storageKey'>} options
 * @returns {import('./options.js').Awaitable<Read>}
 */
export function readTokens({ tokens, storage, storageKey = DEFAULT_KEY }) {
  try {
    if (!tokens) return textsOf(JSON.parse((storage ?? localStorage).getItem(storageKey) ?? 'null'));
    const value = tokens();
    return isThenable(value) ? value.then(textsOf, () => undefined) : textsOf(value);
  } catch {
    return undefined;
  }
}

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
 * @template T
 * @param {import('./options.js').Awaitable<T>} value
 * @returns {value is PromiseLike<T>}
 */
export function isThenable(value) {
  return typeof (/** @type {any} */ (value)?.then) === 'function';
}
