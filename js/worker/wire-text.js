// Turns a message or reply into text for the core: flat JSON of bounded size, whatever was posted. Nothing is copied or
// mapped before its type and size are known.
import * as LIMITS from '../limits.js';
import { parseRealmURL } from '../realm-url.js';

/** Stands for a value of another type, or of a type that JSON lacks. */
const UNREADABLE = true;

/** Thrown for a message that is larger than any real one. */
const TOO_LARGE = new Error('too large');

/** Counts characters of a message. Throws when there are too many in all. @typedef {(length: number) => void} Count */

/** How each field is read: those that cpp/wire/messages.cpp wants. @type {Record<string, (value: unknown, count: Count) => unknown>} */
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
 * JSON of the fields of the wire. Realm URLs are as the platform's parser serialises them; where two keys of `tokens`
 * become one, the later wins. A field that cannot be read is `true`. A message that is too large has none of its lists
 * and `"tooLarge": true`.
 * @param {unknown} data
 * @returns {string} '' for what is no message or reply
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

/** @param {string} text @param {Count} count @returns {string | undefined} undefined for what does not parse */
function realmURL(text, count) {
  const given = cut(text, LIMITS.url);
  const url = given.length > LIMITS.url ? given : hasLongHost(given) ? undefined : parseRealmURL(given);
  // To parse what becomes shorter, or nothing, takes its time as well.
  count(Math.max(given.length, url?.length ?? 0));
  return url;
}

/**
 * Whether its host is longer than host names are, in all or in a label: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
 * The parser's time grows with the square of the length of a label that is not ASCII.
 * @param {string} url
 */
function hasLongHost(url) {
  // As the parser finds it: https://url.spec.whatwg.org/#url-parsing
  const [, authority = ''] = /^[^:]*:[/\\]*([^/\\?#]*)/.exec(url.replace(/[\t\n\r]/g, '')) ?? [];
  const host = authority.replace(/^.*@|:\d*$/gs, '').replace(/%[\da-f]{2}(%[89ab][\da-f])*/gi, '%');
  // With a dot at its end. Labels end at any of four dots: https://www.unicode.org/reports/tr46/#Notation
  return host.length > 254 || /[^.\u3002\uff0e\uff61]{64}/.test(host);
}

/** @param {unknown} value @param {Count} count @returns {unknown} */
function tokensOf(value, count) {
  if (!isRecord(value)) return value ? UNREADABLE : undefined;
  /** @type {[string, unknown][]} */
  const entries = [];
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    // No realm has the name '', which the core refuses.
    const entry = /** @type {[string, unknown]} */ ([realmURL(key, count) ?? '', simple(value[key])]);
    if (typeof entry[1] === 'string') count(entry[1].length);
    if (entries.push(entry) > LIMITS.realms) throw TOO_LARGE;
  }
  // fromEntries makes own properties only: a realm named __proto__ is a realm like any other.
  return Object.fromEntries(entries);
}

/** @param {unknown} value @param {Count} count @returns {unknown} */
function originsOf(value, count) {
  if (!Array.isArray(value)) return value ? UNREADABLE : undefined;
  if (value.length > LIMITS.hosts) throw TOO_LARGE;
  return value.map((entry) => realm(entry, count));
}

/**
 * Cuts a text that is too long to a length that still shows that. JSON writes a lone surrogate as an escape that no
 * text may have.
 * @param {string} text @param {number} bound @returns {string}
 */
function cut(text, bound) {
  return (text.length > bound ? text.slice(0, bound + 1) : text).replace(/\p{Surrogate}/gu, '\ufffd');
}

/** @param {string} text @param {number} bytes as UTF-8, at most three of each character */
function isLonger(text, bytes) {
  return text.length > bytes || (text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes);
}

/**
 * Whether it is an object literal, of any global. Arrays, typed arrays and strings have other entries.
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === 'object' && Object.prototype.toString.call(value) === '[object Object]';
}
