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
 * A realm URL as the platform's parser serialises it, so that `HTTP://HOST/r` and `http://host/r` are one realm and
 * requests' URLs, serialised likewise, match it. Which URLs name a realm is for the core to decide.
 * @param {string} text
 * @returns {string | undefined} undefined for what does not parse
 */
export const parseRealmURL = (text) => parsedURL(text)?.href;

/**
 * The same, where what does not parse, and what is no string, stays as it is.
 * @template T
 * @param {T} value
 * @returns {T | string}
 */
export function serialisedRealmURL(value) {
  return parseRealmURL(/** @type {string} */ (value)) ?? value;
}

/**
 * The form in which the worker and servers compare URLs: cpp/base/normal_url.h.
 * @param {string} url
 */
export const normalURL = (url) =>
  url.replace(/[?#].*|(%[\da-f]?)?(%[\da-f]{2})/gi, (text, lone = '', octet = '') => {
    if (!octet) return text;
    const character = String.fromCharCode(parseInt(octet.slice(1), 16));
    // Behind a '%' that begins no escape, the character would make one.
    return !lone && /[\w.~-]/.test(character) ? character : lone + octet.toUpperCase();
  });
