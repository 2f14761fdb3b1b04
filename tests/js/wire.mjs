// The realms of the tests, and the messages about them, written out.

export const REALM = 'http://localhost:4201/user/realm/';
export const CAT = `${REALM}images/cat.png`;
export const A = 'http://a.example/';
export const B = 'http://b.example/';

export const set = (/** @type {string} */ realmURL, /** @type {string} */ token) => ({
  type: 'set-realm-token',
  realmURL,
  token,
});
export const remove = (/** @type {string} */ realmURL) => ({ type: 'remove-realm-token', realmURL });
export const sync = (/** @type {Record<string, string>} */ tokens) => ({ type: 'sync-tokens', tokens });
export const clear = { type: 'clear-tokens' };

export const PENDING = { type: 'pending' };
/** Makes a final reply. */
export const token = (/** @type {string} */ value, realmURL = REALM) => ({ realmURL, token: value });

/**
 * The names of all fields that a message may have.
 * @param {unknown} make a function of js/protocol.js
 * @returns {string[]} empty if it makes no message
 */
export function fieldsOf(make) {
  if (typeof make !== 'function') return [];
  // The arguments are neither falsy nor empty, so no optional field is left out.
  const anything = Object.defineProperty({}, 'length', { value: 1 });
  return Object.keys(make(...Array(9).fill(anything)));
}
