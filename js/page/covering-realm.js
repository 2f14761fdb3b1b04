import { normalURL } from '../realm-url.js';
import { serialisedRealm } from './tokens.js';

/** What the worker takes for a realm, too: http or https, without credentials, query and fragment. */
const REALM = /^https?:\/\/[^/?#@]+\/[^?#]*$/;

/**
 * The longest of some realms that a URL begins with. Of the worker's requests it decides nothing: the worker does.
 * @param {unknown[]} realms
 * @param {URL} url
 * @returns {string | undefined} as it is given, serialised
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
