// Which realm a URL belongs to: whose token to get anew. The worker refuses a token whose realm does not cover the URL.
import { coveringRealm, normalURL } from '../page/covering-realm.js';
import { hasRealmOf, readRealms, realmOf } from '../page/options.js';
import { warnOnce } from '../page/warn.js';

/** @typedef {import('../protocol.js').Tokens} Tokens */

/**
 * @param {import('../page/options.js').AuthServiceWorkerOptions} options
 * @param {URL} url
 * @param {unknown} hint the realm the worker named
 * @param {Tokens | null | undefined} tokens
 * @returns {Promise<string | undefined>} may reject or hang, as the app's functions do
 */
export async function realmOfURL(options, url, hint, tokens) {
  if (hasRealmOf(options)) {
    const realm = await realmOf(options, url);
    if (!realm) return undefined;
    const realmURL = String(realm);
    if (!coveringRealm([realmURL], url))
      warnOnce(
        `realmOf() returned ${realmURL} for a URL that does not begin with it, so the worker does not use its token.`,
      );
    const names = Object.keys(tokens ?? {});
    const other = !names.includes(realmURL) && names.find((name) => normalURL(name) === normalURL(realmURL));
    if (other)
      warnOnce(
        `realmOf() returned ${realmURL}, but the tokens name the same realm ${other}. Write it in the same way in both.`,
      );
    return realmURL;
  }
  const realms = await readRealms(options);
  const known = [hint, ...(Array.isArray(realms) ? realms : []), ...Object.keys(tokens ?? {})].filter(Boolean);
  if (known.length === 0)
    warnOnce('reauthenticate() is not called: no realm is known for the URL. Give the option realmOf or realms.');
  return coveringRealm(known, url);
}
