// Requests that the page sends itself, each with the token of its realm.
import { coveringRealm } from '../page/covering-realm.js';
import { credentialsOf } from '../worker/options.js';
import { isAuthorization, Schemes } from '../worker/schemes.js';
import { expiryOf, readTokens } from '../page/tokens.js';
import { serialisedRealmURL } from '../realm-url.js';
import { currentContainer } from '../page/found-state.js';
import { isPossible } from '../page/options.js';
import { stateOf } from '../page/page-state.js';
import { realmOfURL } from '../refresh/realm-of-url.js';
import { Refresher } from '../refresh/refresher.js';
import { withTimeout } from '../page/async.js';

/** The limit for reading the tokens: users do not wait longer than this. */
const READ_CAP_MS = 5000;

/** @typedef {import('../refresh/token-finder.js').Found} Found */

/** @returns {import('../page/page-state.js').PageState} the page's, with or without service workers */
export const currentState = () => stateOf(currentContainer() ?? globalThis);

/** @param {import('../page/options.js').FlatOptions} options */
const readNow = (options) => withTimeout(READ_CAP_MS, (async () => readTokens(options))());

/**
 * Finds the realm of a URL as a refresh does. The app may have no token for it yet.
 * @param {URL} target
 * @param {import('../page/tokens.js').StoredTokens} tokens
 * @returns {Promise<string | undefined>} never rejects
 */
async function realmAt(target, tokens) {
  const state = currentState();
  const realmURL = await withTimeout(READ_CAP_MS, realmOfURL(state.options ?? {}, state, target, tokens));
  return realmURL && coveringRealm([realmURL], target) ? realmURL : undefined;
}

/**
 * @param {string} url
 * @returns {Promise<boolean>} whether it is in a realm of the app. The realm may have no token yet
 */
export async function isInRealm(url) {
  const target = new URL(url);
  const { epoch, options = {} } = currentState();
  const tokens = { ...epoch.log.tokens(), ...(await readNow(options)) };
  return !!(coveringRealm(Object.keys(tokens), target) ?? (await realmAt(target, tokens)));
}

/**
 * Returns the URL for a message, without query and fragment: they may carry a signature or a token.
 * @param {string | URL} url
 */
export const placeOf = (url) => {
  const { origin, pathname } = new URL(url, globalThis.document?.baseURI);
  return origin + pathname;
};

/**
 * Requests a URL with the token of the longest realm that covers it, or without a token if none does. If the token is
 * missing or has expired, or if the server rejects it with 401, it is refreshed once. If another user has logged in
 * meanwhile, the response is discarded.
 * @param {string | URL} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>} rejects with an AbortError when it is aborted, and with an Error in plain words when
 *   there is no response. A response may be an error: look at `ok`
 */
export async function authorisedFetch(url, signal) {
  const target = new URL(url, globalThis.document?.baseURI);
  const { epoch, options = {} } = currentState();
  const { log } = epoch;
  const schemes = new Schemes(options.worker?.authorization);
  const check = () => {
    if (currentState().epoch !== epoch)
      throw new Error(`${placeOf(target)} was requested for a user who has logged out meanwhile.`);
  };
  const { now } = log;
  const read = await readNow(options);
  /** @returns {Found | undefined} */
  const best = () => {
    const tokens = log.asOfNow(read, now);
    const realmURL = coveringRealm(Object.keys({ ...log.sureTokens(), ...tokens }), target);
    if (!realmURL) return undefined;
    const own = [log.unstoredTokenOf(realmURL), tokens?.[realmURL], log.sureTokenOf(realmURL)].flatMap(
      (each) => each ?? [],
    );
    const token = own.find((each) => expiryOf(each) > Date.now()) ?? own[0];
    return token ? { realmURL, token } : undefined;
  };
  /** @param {import('../page/options.js').RefreshCause['reason']} reason @returns {Promise<Found | undefined>} */
  const refreshed = async (reason) => {
    if (!(await withTimeout(READ_CAP_MS, (async () => isPossible(options))()))) return undefined;
    const realmURL = await realmAt(target, { ...log.tokens(), ...read });
    check();
    const token = realmURL && (await new Refresher(options, currentState()).renew(realmURL, reason));
    return token ? { realmURL: serialisedRealmURL(realmURL), token } : undefined;
  };
  const send = async (/** @type {Found | undefined} */ found) => {
    check();
    try {
      const headers = found ? schemes.headersFor(found.realmURL, found.token) : [];
      return await fetch(target, {
        headers,
        credentials: found ? credentialsOf(options.worker) : 'same-origin',
        // The cache may hold responses to a previous user, and the worker does not check that for such requests.
        cache: 'no-store',
        // On a redirect, browsers would take any other header along to another origin.
        redirect:
          !options.worker?.refusesRedirects && headers.every(([name]) => isAuthorization(name)) ? 'follow' : 'error',
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Error(
        `${placeOf(target)} could not be requested: its server cannot be reached, or does not allow the token's header in CORS.`,
        { cause: error },
      );
    }
  };
  let found = best();
  const isUsable = !!found && expiryOf(found.token) > Date.now();
  // Meanwhile the app may have removed the token.
  if (!isUsable) found = (await refreshed(found ? 'expired' : 'missing')) ?? best();
  let response = await send(found);
  if (response.status === 401 && isUsable) {
    // Another request may have got a new token meanwhile.
    const now = best();
    const other = now?.token === found?.token ? await refreshed('rejected') : now;
    if (other && other.token !== found?.token) {
      // Otherwise it would keep its connection.
      void response.body?.cancel().catch(() => {});
      response = await send(other);
    }
  }
  check();
  return response;
}
