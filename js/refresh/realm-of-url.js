// Finds the realm of a URL, to refresh its token. The worker refuses a token whose realm does not cover the URL.
import { coveringRealm } from '../page/covering-realm.js';
import { normalURL, withoutSecrets } from '../realm-url.js';
import { hasRealmOf, isPossible, readRealms, realmOf } from '../page/options.js';
import { withTimeout } from '../page/async.js';
import { readTokens, serialisedRealm } from '../page/tokens.js';
import { warnOnce } from '../page/warn.js';

/** @typedef {import('../protocol.js').Tokens} Tokens */

/** If reading the tokens takes longer, their realms do not count. */
const READ_CAP_MS = 500;

/**
 * @param {import('../page/options.js').AuthServiceWorkerOptions} options
 * @param {import('../page/page-state.js').PageState} state
 * @param {URL} url
 * @param {Tokens | null | undefined} tokens the app's, if they have been read
 * @param {unknown} [hint] the realm the worker named
 * @returns {Promise<string | undefined>} may reject or hang, since the app's functions may
 */
export async function realmOfURL(options, state, url, tokens, hint) {
  if (hasRealmOf(options)) {
    const realm = await realmOf(options, url);
    if (!realm) return undefined;
    const realmURL = String(realm);
    if (!coveringRealm([realmURL], url))
      warnOnce(
        `realmOf() returned ${withoutSecrets(realmURL)} for a URL that does not begin with it, so the worker does not use its token.`,
      );
    const names = Object.keys(tokens ?? {});
    const other = !names.includes(realmURL) && names.find((name) => normalURL(name) === normalURL(realmURL));
    if (other)
      warnOnce(
        `realmOf() returned ${withoutSecrets(realmURL)}, but the tokens name the same realm ${withoutSecrets(other)}. Write it in the same way in both.`,
      );
    return realmURL;
  }
  const read = tokens ?? withTimeout(READ_CAP_MS, (async () => readTokens(options))());
  const [realms, ofTokens] = await Promise.all([readRealms(options), read]);
  const own = [...(Array.isArray(realms) ? realms : []), ...Object.keys(ofTokens ?? {})].filter(Boolean);
  // The hint comes last: of two spellings of a realm, the app's own counts.
  const known = hint && mayBeOwn(hint, own, options, state) ? [...own, hint] : own;
  if (known.length === 0 && isPossible(options))
    warnOnce('reauthenticate() is not called: no realm is known for the URL. Give the option realmOf or realms.');
  return coveringRealm(known, url);
}

/**
 * Whether a realm that the worker names can be the app's. The worker also names realms of other apps on the page's
 * origin. Their servers must not get a token of this app.
 * @param {unknown} hint
 * @param {unknown[]} own the app's realms
 * @param {import('../page/options.js').AuthServiceWorkerOptions} options
 * @param {import('../page/page-state.js').PageState} state
 * @returns {boolean}
 */
function mayBeOwn(hint, own, options, { epoch, push }) {
  const named = [...own, ...epoch.log.realms()];
  if (named.length === 0 && !options.realms && !push?.hello.hasRealms) return true;
  const origin = originOf(hint);
  return named.some((realm) => originOf(realm) === origin) || !!push?.hello.hasRealmOn(String(hint));
}

/** @param {unknown} realm @returns {string | undefined} */
function originOf(realm) {
  const href = serialisedRealm(realm);
  return href && new URL(href).origin;
}
