// The option `authorization`: how a token is written into headers.
import { normalURL } from '../realm-url.js';

/**
 * @typedef {object} Scheme
 * @property {string | undefined} [header] 'Authorization' by default
 * @property {string | undefined} [format] the header's value, with `{token}` in the token's place. By default 'Bearer
 *   {token}', and '{token}' in another header than Authorization
 * @property {string | undefined} [realm] the URL of the only realm that it is for. Several schemes of one realm make
 *   several headers
 */
/** @typedef {[name: string, value: string]} Header */

/**
 * The headers that no token may be written into. The browser sets some of them itself, so it would not work
 * (https://fetch.spec.whatwg.org/#forbidden-request-header). Servers, caches or the worker act on the others.
 */
const REFUSED =
  /^(accept|access-control|cache-|connection|content|cookie|date$|dnt|expect|forwarded|host|if-|keep-|last-|origin|pragma|proxy-|range|referer|sec-|service-|set-|te$|trailer|transfer-|upgrade|user-agent|via|x-forwarded|x-http-|x-method)/i;

const BEARER = { header: 'Authorization', format: 'Bearer {token}', realm: '' };

/** Guarantee: a scheme that cannot work or could do harm counts, after a warning, as one that was not given. */
export class Schemes {
  #all;
  /** The names of all headers that may carry a token. @type {string[]} */
  headers;

  /** @param {unknown} option a Scheme, or a list of them */
  constructor(option) {
    this.#all = listOf(option).flatMap(read);
    this.headers = [...new Set(['Authorization', ...this.#all.map(({ header }) => header)])];
  }

  /** @param {string} realm URL @param {string} token @returns {Header[]} */
  headersFor(realm, token) {
    const of = (/** @type {string} */ url) => this.#all.filter((scheme) => scheme.realm === url);
    const [schemes = [BEARER]] = [of(comparable(realm)), of('')].filter(({ length }) => length);
    return schemes.map(({ header, format }) => [header, format.split('{token}').join(token)]);
  }
}

/**
 * Whether browsers remove the header when a request is redirected to another origin. They do so with no other header:
 * https://fetch.spec.whatwg.org/#http-redirect-fetch
 * @param {string} header
 */
export const isAuthorization = (header) => /^authorization$/i.test(header);

/** @param {unknown} option @returns {unknown[]} */
function listOf(option) {
  try {
    return [option ?? []].flat();
  } catch {
    return [undefined];
  }
}

/** @param {unknown} scheme */
function textOf(scheme) {
  try {
    return JSON.stringify(scheme);
  } catch {
    return 'a value'; // of which there is no JSON
  }
}

/** A realm with a slash at its end is the same realm as without it. @param {string} realm */
const comparable = (realm) => normalURL(realm).replace(/\/$/, '');

/** @param {any} scheme @returns {Required<Scheme>[]} one, or none */
function read(scheme) {
  try {
    const { header = BEARER.header, realm = '' } = scheme;
    const { format = isAuthorization(header) ? BEARER.format : '{token}' } = scheme;
    // This throws if the name or the value cannot be those of a header.
    new Headers([[header, format]]);
    const realmURL = realm && new URL(realm).href;
    const isUsable = typeof scheme === 'object' && !REFUSED.test(header) && format.split('{token}').length > 1;
    if (isUsable) return [{ header, format, realm: comparable(realmURL) }];
  } catch {
    // The warning below is for this case too.
  }
  console.warn(
    `auth-service-worker: ignored ${textOf(scheme)} in the option authorization; it must name a header that may ` +
      'carry a token (not Cookie, Content-*, Sec-* and the like), a format with {token}, and if any the URL of a realm.',
  );
  return [];
}
