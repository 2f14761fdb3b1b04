import { normalURL } from '../realm-url.js';
import { serialisedRealm } from './tokens.js';

/** A realm as the worker accepts it: http or https, without credentials, query and fragment. */
const REALM = /^https?:\/\/[^/?#@]+\/[^?#]*$/;

/**
 * Finds the longest of some realms that the URL begins with. It has no part in the worker's decisions.
 * @param {unknown[]} realms
 * @param {URL} url
 * @returns {string | undefined} the realm, serialised
 */
export const coveringRealm = (realms, url) => {
  const href = normalURL(url.href);
  const lengthOf = (/** @type {string} */ realm) => normalURL(realm).length;
  return realms
    .flatMap((realm) => serialisedRealm(realm) ?? [])
    .filter(
      (realm) =>
        REALM.test(realm) &&
        href.startsWith(normalURL(realm)) &&
        (realm.endsWith('/') || /^[/?#]?$/.test(href.charAt(lengthOf(realm)))),
    )
    .sort((a, b) => lengthOf(b) - lengthOf(a))[0];
};
