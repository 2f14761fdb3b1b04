import { serialisedRealm } from './tokens.js';

/**
 * The longest of some realms that a URL begins with. It decides nothing about tokens: the worker does.
 * @param {unknown[]} realms
 * @param {URL} url
 * @returns {string | undefined}
 */
export const coveringRealm = (realms, { href }) =>
  realms
    .flatMap((realm) => serialisedRealm(realm) ?? [])
    .filter((realm) => href.startsWith(realm) && (realm.endsWith('/') || /^[/?#]?$/.test(href.charAt(realm.length))))
    .sort((a, b) => b.length - a.length)[0];
