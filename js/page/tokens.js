// Reads the app's tokens.
import * as LIMITS from '../limits.js';
import { normalURL, parseRealmURL } from '../realm-url.js';
import { attempt, isThenable } from './async.js';
import { advise } from './warn.js';

const DEFAULT_KEY = 'boxel-session';

/** A token that a header can carry: 1 to LIMITS.token characters of visible ASCII. */
const SENDABLE = new RegExp(`^[!-~]{1,${LIMITS.token}}$`);

/** @typedef {import('../protocol.js').Tokens} Tokens */
/** @typedef {Tokens | null | undefined} StoredTokens null: there are none; undefined: they cannot be read */

/**
 * Returns the app's tokens, without a promise if their source needs none. A bad entry is left out, and the others
 * count.
 * @param {Pick<import('./options.js').FlatOptions, 'tokens' | 'storage' | 'storageKey'>} options
 * @returns {import('./options.js').Awaitable<StoredTokens>} does not throw or reject, may hang
 */
export function readTokens(options) {
  /** The key of the tokens in storage; undefined while tokens() may bring them. @type {string | undefined} */
  let key;
  const read = attempt(
    () => {
      const { tokens, storage, storageKey = DEFAULT_KEY } = options;
      if (tokens) return tokens();
      key = storageKey;
      return JSON.parse((storage ?? localStorage).getItem(key) ?? 'null');
    },
    (value) => usableTokens(value, key ?? 'tokens()'),
    (error) => key ?? advise('tokens-failed', [], error),
  );
  if (isThenable(read)) slow.add(options);
  return read;
}

/**
 * What the latest of the reads that have ended has brought, by epoch. `at` is the number of the read.
 * @type {WeakMap<object, {at: number, tokens: StoredTokens}>}
 */
const ended = new WeakMap();
let reads = 0;

/**
 * Reads the app's tokens as readTokens does. If a read that began later has ended earlier, its result counts for both: a
 * token may have been removed between their starts.
 * @param {object} epoch the results of other epochs do not count
 * @param {Parameters<typeof readTokens>[0]} options
 * @returns {import('./options.js').Awaitable<StoredTokens>}
 */
export function readInOrder(epoch, options) {
  const at = ++reads;
  const end = (/** @type {StoredTokens} */ tokens) => {
    const last = ended.get(epoch);
    if (last && last.at > at) return last.tokens;
    if (tokens !== undefined) ended.set(epoch, { at, tokens });
    return tokens;
  };
  const read = readTokens(options);
  return isThenable(read) ? read.then(end) : end(read);
}

/** The options whose tokens take time to read. @type {WeakSet<object>} */
const slow = new WeakSet();

/**
 * For reads that are not needed: an app's library may refresh its tokens when they are read.
 * @param {Parameters<typeof readTokens>[0]} options
 * @returns {StoredTokens} the app's tokens; undefined if reading them takes time
 */
export function quickTokens(options) {
  const read = slow.has(options) ? undefined : readTokens(options);
  return isThenable(read) ? undefined : read;
}

/**
 * @param {Pick<import('./options.js').FlatOptions, 'tokens' | 'storageKey'>} options
 * @param {string | null} key of localStorage; null: any
 * @returns {boolean} whether the app's tokens may be there
 */
export const mayHoldTokens = (options, key) =>
  !!attempt(() => key === null || !!options.tokens || key === (options.storageKey ?? DEFAULT_KEY), Boolean);

/**
 * Returns the tokens that a worker can use, by the realms' serialised URLs. Of two spellings of a realm, the later
 * counts. Warns once of each that cannot be used: the warning names the realm, never the token.
 * @param {unknown} value realm URL → token
 * @param {string} source where it comes from, for the warning
 * @returns {StoredTokens} undefined for what is no object
 */
export function usableTokens(value, source) {
  if (value === null || value === undefined) return null;
  // A Map, for example, has no realms as its keys.
  if (Object.prototype.toString.call(value) !== '[object Object]') {
    advise('tokens-no-object', [source]);
    return undefined;
  }
  /** The usable tokens, by the realms' keys. @type {Map<string, [string, string]>} */
  const usable = new Map();
  for (const realmURL of Object.keys(value)) {
    const realm = serialisedRealm(realmURL);
    const token = realm && usableToken(realm, () => /** @type {any} */ (value)[realmURL]);
    if (token) usable.set(keyOf(realm), [realm, token]);
  }
  return Object.fromEntries(usable.values());
}

/**
 * Serialised URLs, by what the app wrote. Parsing ten thousand URLs at each ask would take long.
 * @type {Map<unknown, string>}
 */
const serialised = new Map();
const MAX_SERIALISED = 100_000;

/**
 * @param {unknown} realmURL
 * @returns {string | undefined} serialised by the platform's parser, as the URLs of requests are. Warns of what is no
 *   URL
 */
export function serialisedRealm(realmURL) {
  const known = serialised.get(realmURL);
  if (known) return known;
  const realm = parseRealmURL(/** @type {string} */ (realmURL));
  if (!realm) return void advise('realm-no-url', [realmURL]);
  if (serialised.size >= MAX_SERIALISED) serialised.clear();
  serialised.set(realmURL, realm);
  return realm;
}

/** @param {string} realmURL @returns {string} the same for all spellings of a realm */
export const keyOf = (realmURL) => normalURL(serialisedRealm(realmURL) ?? realmURL);

/**
 * @param {string} realmURL
 * @param {() => unknown} read
 * @returns {string | undefined} undefined if it cannot be used. Warns of that, unless there is no token
 */
export function usableToken(realmURL, read) {
  try {
    const token = read();
    if (!token) return undefined;
    if (typeof token === 'string' && SENDABLE.test(token)) return token;
  } catch {
    // The warning below is for this case too.
  }
  advise('token-unusable', [realmURL]);
  return undefined;
}

/**
 * When a JWT expires (RFC 7519, `exp`).
 * @param {string} token
 * @returns {number} ms since 1970; Infinity if the token does not tell, as an opaque one
 */
export function expiryOf(token) {
  try {
    const { exp } = JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
    return exp > 0 ? exp * 1000 : Infinity;
  } catch {
    return Infinity;
  }
}
