import { serialisedRealm } from './tokens.js';

/** What the worker takes for a realm, too: http or https, without credentials, query and fragment. */
const REALM = /^https?:\/\/[^/?#@]+\/[^?#]*$/;

/**
 * The longest of some realms that a URL begins with. Of the worker's requests it decides nothing: the worker does.
 * @param {unknown[]} realms
 * @param {URL} url
 * @returns {string | undefined}
 */
export const coveringRealm = (realms, { href }) =>
  realms
    .flatMap((realm) => serialisedRealm(realm) ?? [])
    .filter((realm) => REALM.test(realm) && href.startsWith(realm) && (realm.endsWith('/') || /^[/?#]?$/.test(href.charAt(realm.length))))
    .sort((a, b) => b.length - a.length)[0];
