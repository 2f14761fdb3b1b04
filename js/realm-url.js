/**
 * The realm URL as the platform's parser serialises it, so that `HTTP://HOST/r` and `http://host/r`
 * are one realm and requests' URLs, serialised likewise, match it. What does not parse, and what is
 * no string, is returned as it is: the core decides what may name a realm (which scheme; no
 * credentials, query or fragment) and warns of what it refuses, so it has to see it.
 * @template T
 * @param {T} value
 * @returns {T | string}
 */
export function normaliseRealmURL(value) {
  if (typeof value !== 'string') return value;
  try {
    return new URL(value).href;
  } catch {
    return value;
  }
}
