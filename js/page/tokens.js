// Where the app's tokens are.

const DEFAULT_KEY = 'boxel-session';

/**
 * The app's tokens, at once where their place allows it. Only texts count: one bad entry does not
 * spoil the rest.
 * @param {Pick<import('./options.js').FlatOptions, 'tokens' | 'storage' | 'storageKey'>} options
 * @returns {import('./options.js').Awaitable<import('../protocol.js').Tokens | undefined>}
 *   undefined: there are none, or they cannot be read
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

/** @param {unknown} value @returns {import('../protocol.js').Tokens | undefined} */
function textsOf(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
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
