// Turns a message or reply into text for the core: flat JSON of bounded size, whatever was posted. Nothing is copied or
// mapped before its type and size are known.
import * as LIMITS from '../limits.js';
import { parseRealmURL } from '../realm-url.js';

/** Stands for a value of another type than expected, or of a type that JSON lacks. */
const UNREADABLE = true;

/** Thrown for a message that is larger than any real one. */
const TOO_LARGE = new Error('too large');

/**
 * Counts characters of a message. Throws when the whole message has too many.
 * @typedef {(length: number) => void} Count
 */

/**
 * How each field is read. The fields are those that cpp/wire/messages.cpp reads.
 * @type {Record<string, (value: unknown, count: Count) => unknown>}
 */
const readers = {
  type: simple,
  realmURL: realm,
  token: simple,
  tokens: tokensOf,
  origins: originsOf,
  publicRealms: originsOf,
  complete: simple,
  refresh: simple,
  minProtocol: simple,
  maxProtocol: simple,
};

/**
 * Makes JSON of the fields of the wire. Realm URLs are as the platform's parser serialises them. If two keys of
 * `tokens` become one, the later wins. A field that cannot be read is `true`. A message that is too large has none of
 * its lists, but `"tooLarge": true`.
 * @param {unknown} data
 * @returns {string} '' if the data is no message or reply
 */
export function wireText(data) {
  if (!isRecord(data)) return '';
  try {
    const text = JSON.stringify(fieldsOf(data, Object.keys(readers)));
    if (!isLonger(text, LIMITS.message)) return text;
  } catch (error) {
    if (error !== TOO_LARGE) return '';
  }
  const fields = fieldsOf(
    data,
    Object.keys(readers).filter((name) => readers[name] === simple || readers[name] === realm),
  );
  return JSON.stringify({ ...fields, tooLarge: true });
}

/** @param {Record<string, unknown>} message @param {string[]} names */
function fieldsOf(message, names) {
  let left = LIMITS.message;
  const count = (/** @type {number} */ length) => {
    left -= length;
    if (left < 0) throw TOO_LARGE;
  };
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(message, name)).map((name) => [name, readers[name](message[name], count)]),
  );
}

/** @param {unknown} value @returns {unknown} */
function simple(value) {
  if (typeof value === 'string') return cut(value, LIMITS.token);
  return value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number'
    ? value
    : UNREADABLE;
}

/** @param {unknown} value @param {Count} count @returns {unknown} */
function realm(value, count) {
  return typeof value === 'string' && value !== '' ? (realmURL(value, count) ?? UNREADABLE) : simple(value);
}

/** @param {string} text @param {Count} count @returns {string | undefined} undefined if it cannot be parsed */
function realmURL(text, count) {
  const given = cut(text, LIMITS.url);
  const url = given.length > LIMITS.url ? given : hasLongHost(given) ? undefined : parseRealmURL(given);
  // The longer of both counts: parsing takes time even if the result is shorter, or if there is none.
  count(Math.max(given.length, url?.length ?? 0));
  return url;
}

/**
 * Whether the URL's host, or a label of it, is longer than a host name allows:
 * https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 The parser's time grows with the square of the length of a label
 * that is not ASCII.
 * @param {string} url
 */
function hasLongHost(url) {
  // Finds the host as the parser does: https://url.spec.whatwg.org/#url-parsing
  const [, authority = ''] = /^[^:]*:[/\\]*([^/\\?#]*)/.exec(url.replace(/[\t\n\r]/g, '')) ?? [];
  const host = authority.replace(/^.*@|:\d*$/gs, '').replace(/%[\da-f]{2}(%[89ab][\da-f])*/gi, '%');
  // 254 with the dot at its end. Any of four dots ends a label: https://www.unicode.org/reports/tr46/#Notation
  return host.length > 254 || /[^.\u3002\uff0e\uff61]{64}/.test(host);
}

/** @param {unknown} value @param {Count} count @returns {unknown} */
function tokensOf(value, count) {
  if (!isRecord(value)) return value ? UNREADABLE : undefined;
  /** @type {[string, unknown][]} */
  const entries = [];
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    // '' stands for a URL that cannot be parsed. The core refuses it.
    const entry = /** @type {[string, unknown]} */ ([realmURL(key, count) ?? '', simple(value[key])]);
    if (typeof entry[1] === 'string') count(entry[1].length);
    if (entries.push(entry) > LIMITS.realms) throw TOO_LARGE;
  }
  // fromEntries makes own properties only, so __proto__ is a realm like any other.
  return Object.fromEntries(entries);
}

/** @param {unknown} value @param {Count} count @returns {unknown} */
function originsOf(value, count) {
  if (!Array.isArray(value)) return value ? UNREADABLE : undefined;
  if (value.length > LIMITS.hosts) throw TOO_LARGE;
  return value.map((entry) => realm(entry, count));
}

/**
 * Cuts a text that is too long, to a length that is still too long. A lone surrogate becomes U+FFFD: JSON would write
 * it as an escape that no text may have.
 * @param {string} text @param {number} bound @returns {string}
 */
function cut(text, bound) {
  return (text.length > bound ? text.slice(0, bound + 1) : text).replace(/\p{Surrogate}/gu, '\ufffd');
}

/** @param {string} text @param {number} bytes of its UTF-8, which has at most three for each character */
function isLonger(text, bytes) {
  return text.length > bytes || (text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes);
}

/**
 * Whether the value is an object literal, of any global. Arrays, typed arrays and strings are none: their entries are
 * others.
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === 'object' && Object.prototype.toString.call(value) === '[object Object]';
}
