// Every message of the wire, version 1. Frozen: pages and workers already deployed speak it.

/** @typedef {Record<string, string>} Tokens realm URL → token */

export const SET_REALM_TOKEN = /** @type {const} */ ('set-realm-token');
export const REMOVE_REALM_TOKEN = /** @type {const} */ ('remove-realm-token');
export const CLEAR_TOKENS = /** @type {const} */ ('clear-tokens');
export const SYNC_TOKENS = /** @type {const} */ ('sync-tokens');
export const REQUEST_REALM_TOKEN = /** @type {const} */ ('request-realm-token');
export const PENDING = /** @type {const} */ ('pending');

// Page → worker.

export const setRealmToken = (/** @type {string} */ realmURL, /** @type {string} */ token) => ({
  type: SET_REALM_TOKEN,
  realmURL,
  token,
});
export const removeRealmToken = (/** @type {string} */ realmURL) => ({ type: REMOVE_REALM_TOKEN, realmURL });
export const clearTokens = () => ({ type: CLEAR_TOKENS });
/** Replaces all tokens. */
export const syncTokens = (/** @type {Tokens} */ tokens) => ({ type: SYNC_TOKENS, tokens });

// Worker → page, with one port for the reply.

export const requestRealmToken = (/** @type {string} */ requestURL) => ({ type: REQUEST_REALM_TOKEN, requestURL });

// Page → worker, on that port: a final reply, or `pending` and then a final reply.

export const tokenReply = (/** @type {string} */ realmURL, /** @type {string} */ token) => ({ realmURL, token });
export const emptyReply = () => ({});
export const pendingReply = () => ({ type: PENDING });

/**
 * A copy of a message or reply with each realm URL passed through `map`: the field `realmURL` and
 * the keys of `tokens`, where the later of two that become one wins. Whatever names no realm is
 * returned as it is, whatever it is. Never throws on what postMessage or JSON can bring, unless `map` does.
 * @param {unknown} message
 * @param {(realmURL: unknown) => unknown} map
 * @returns {unknown}
 */
export function mapRealmURLs(message, map) {
  if (!isRecord(message)) return message;
  const namesRealm = Object.hasOwn(message, 'realmURL');
  const namesRealms = Object.hasOwn(message, 'tokens') && isRecord(message.tokens);
  if (!namesRealm && !namesRealms) return message;
  const copy = { ...message };
  if (namesRealm) copy.realmURL = map(copy.realmURL);
  if (namesRealms) {
    const entries = Object.entries(/** @type {Record<string, unknown>} */ (copy.tokens));
    // fromEntries makes own properties only: a realm named __proto__ is a realm like any other.
    copy.tokens = Object.fromEntries(entries.map(([realmURL, token]) => [map(realmURL), token]));
  }
  return copy;
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
