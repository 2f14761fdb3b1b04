import { serialisedRealm } from './tokens.js';

/** What the worker takes for a realm, too: http or https, without credentials, query and fragment. */
const REALM = /^https?:\/\/[^/?#@]+\/[^?#]*$/;

/**
 * The form in which the worker and servers compare URLs: cpp/normal_url.h.
 * @param {string} url
 */
export const normalURL = (url) =>
  url.replace(/^[^?#]*/, (path) =>
    path.replace(/%[\da-f]{2}/gi, (octet) => {
      const character = String.fromCharCode(parseInt(octet.slice(1), 16));
      return /[\w.~-]/.test(character) ? character : octet.toUpperCase();
    }),
  );

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
