/**
 * @param {string | URL} text
 * @param {string} [base]
 * @returns {URL | undefined} undefined for what does not parse
 */
export function parsedURL(text, base) {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

/**
 * Returns a realm URL as the platform's parser serialises it, so `HTTP://HOST/r` and `http://host/r` are one realm. The
 * URLs of requests are serialised in the same way. The core decides which URLs name a realm.
 * @param {string} text
 * @returns {string | undefined} undefined for what does not parse
 */
export const parseRealmURL = (text) => parsedURL(text)?.href;

/**
 * Does the same, but leaves values as they are that are no strings or cannot be parsed.
 * @template T
 * @param {T} value
 * @returns {T | string}
 */
export function serialisedRealmURL(value) {
  return parseRealmURL(/** @type {string} */ (value)) ?? value;
}

/**
 * Returns the form in which the worker and servers compare URLs: see cpp/base/normal_url.h.
 * @param {string} url
 */
export const normalURL = (url) =>
  url.replace(/[?#].*|(%[\da-f]?)?(%[\da-f]{2})/gi, (text, lone = '', octet = '') => {
    if (!octet) return text;
    const character = String.fromCharCode(parseInt(octet.slice(1), 16));
    // After a '%' that begins no escape, the character would complete one.
    return !lone && /[\w.~-]/.test(character) ? character : lone + octet.toUpperCase();
  });

/** Leaves out what may be secret: query, fragment, and the name and password before the host. @param {string} url */
export const withoutSecrets = (url) => url.replace(/([?#]).*/s, '$1…').replace(/^(\w+:\/\/)[^/]*@/, '$1');
