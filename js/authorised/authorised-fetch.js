// A request with the token of its realm, which the page sends itself.
import { coveringRealm } from '../page/covering-realm.js';
import { isAuthorization, Schemes } from '../worker/schemes.js';
import { expiryOf, readTokens } from '../page/tokens.js';
import { currentContainer } from '../page/found-state.js';
import { isPossible } from '../page/options.js';
import { stateOf } from '../page/page-state.js';
import { Refresher } from '../refresh/refresher.js';
import { withTimeout } from '../page/async.js';

/** Nobody looks at a page that does not say its tokens for as long. */
const READ_CAP_MS = 5000;

/** @returns {import('../page/page-state.js').PageState} that of the page, with or without service workers */
export const currentState = () => stateOf(currentContainer() ?? globalThis);

/**
 * Requests a URL with the token of the longest realm that covers it; without one where none does. A token that has expired,
 * or that the server refuses with 401, is refreshed once. The answer to another user, who has logged in meanwhile, is
 * thrown away.
 * @param {string | URL} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>} rejects with an AbortError when it is aborted; with an Error in plain words when there is no
 *   answer. An answer may be an error: look at `ok`
 */
export async function authorisedFetch(url, signal) {
  const target = new URL(url, globalThis.document?.baseURI);
  const { epoch, options = {} } = currentState();
  const schemes = new Schemes(options.worker?.authorization);
  const check = () => {
    if (currentState().epoch !== epoch)
      throw new Error(`${target.href} was requested for a user who has logged out meanwhile.`);
  };
  const read = await withTimeout(READ_CAP_MS, (async () => readTokens(options))());
  const realmURL = coveringRealm(Object.keys({ ...epoch.log.tokens(), ...read }), target);
  const refreshed = async () => {
    if (!realmURL || !(await withTimeout(READ_CAP_MS, (async () => isPossible(options))()))) return undefined;
    return new Refresher(options, currentState()).renew(realmURL);
  };
  const send = async (/** @type {string | undefined} */ token) => {
    check();
    try {
      const headers = token && realmURL ? schemes.headersFor(realmURL, token) : [];
      return await fetch(target, {
        headers,
        // The cache may hold what a user before saw: a worker leaves alone what has such a header.
        cache: 'no-store',
        // Browsers would take any other header along to another origin.
        redirect:
          !options.worker?.refusesRedirects && headers.every(([name]) => isAuthorization(name)) ? 'follow' : 'error',
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Error(
        `${target.href} could not be requested: its server cannot be reached, or does not allow the token's header in CORS.`,
        { cause: error },
      );
    }
  };
  const { log } = epoch;
  /** @returns {string | undefined} */
  const best = () => {
    const own = realmURL
      ? [log.unstoredTokenOf(realmURL), read?.[realmURL], log.tokenOf(realmURL)].flatMap((each) => each ?? [])
      : [];
    return own.find((each) => expiryOf(each) > Date.now()) ?? own[0];
  };
  let token = best();
  const isOver = !!token && expiryOf(token) <= Date.now();
  if (isOver) token = (await refreshed()) ?? token;
  let response = await send(token);
  if (response.status === 401 && !isOver) {
    // Another request may have got a new one meanwhile.
    const other = best() === token ? await refreshed() : best();
    if (other && other !== token) response = await send(other);
  }
  check();
  return response;
}
