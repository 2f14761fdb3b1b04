// The request that carries the token.
import { isAuthorization } from './schemes.js';

/**
 * Headers of an element's request that are passed on. Accept chooses the format. Range makes seeking work, and If-Range
 * keeps parts of two versions from being mixed. The other headers that the browser's media stack sets are left out. The
 * browser adds some of them again. For the rest the server would have to allow them in the preflight, which it does not
 * do for WebKit's icy-metadata.
 */
const ELEMENT_HEADERS = ['Accept', 'Range', 'If-Range'];

/** Cache modes that use nothing from the cache anyway. */
const PAST_THE_CACHE = ['reload', 'no-store', 'no-cache'];

/**
 * Firefox uses an `immutable` answer that came over https in spite of `no-cache`, and has nothing between that and
 * `reload` but a header that the server must allow.
 */
const keepsImmutable = /\bFirefox\//.test(globalThis.navigator?.userAgent ?? '');

/**
 * The same request with a token; or a request for the URL where its redirects ended, with or without a token. It is
 * built from the URL and explicit fields, not copied: WebKit sends no preflight for a no-cors request that is copied as
 * cors, and a navigation cannot be copied.
 * - mode cors: a no-cors request silently loses the Authorization header.
 * - credentials: an element without `crossorigin` requests with `include`, which the page has not chosen, and browsers
 *   refuse `Access-Control-Allow-Origin: *` to a request with credentials. What the page has chosen stays: the mode of
 *   a cors request, and `omit`.
 * - redirect: browsers keep the Authorization header on a redirect inside the origin and drop it on the way to another
 *   origin (https://fetch.spec.whatwg.org/#http-redirect-fetch). They never drop other headers. So a request whose
 *   token is in another header follows no redirect. A worker does not see the redirects in between.
 * - referrer and policy: otherwise the Referer becomes the worker's URL.
 * @param {Request} request
 * @param {object} how
 * @param {string} [how.url] another place than the request's
 * @param {import('./schemes.js').Header[]} [how.authorization] headers with the token
 * @param {boolean} [how.revalidates] ask the server whether what the cache has may be used
 * @param {boolean} [how.refusesRedirects] a redirect is a network error
 * @param {RequestCredentials} [how.credentials] of a request that was no-cors
 * @param {AbortSignal} [how.signal] aborts it, as the request's own does
 * @returns {Request}
 */
export function authedRequest(
  request,
  {
    url = request.url,
    authorization = [],
    revalidates = false,
    refusesRedirects = false,
    credentials = 'same-origin',
    signal = request.signal,
  },
) {
  const { method, mode, cache, redirect, referrer, referrerPolicy, integrity, keepalive } = request;
  const mayRedirect = !refusesRedirects && authorization.every(([header]) => isAuthorization(header));
  const isChanged = url !== request.url || revalidates || !mayRedirect || signal !== request.signal;
  if (mode === 'cors' && !isChanged && isOfAnotherOrigin(referrer)) return copyOf(request, authorization);
  const headers = headersOf(request);
  for (const [name, value] of authorization) headers.set(name, value);
  return new Request(url, {
    method,
    headers,
    mode: 'cors',
    credentials: mode === 'no-cors' && request.credentials !== 'omit' ? credentials : request.credentials,
    cache: revalidates && !PAST_THE_CACHE.includes(cache) ? revalidating(url) : cache,
    redirect: !mayRedirect && redirect === 'follow' ? 'error' : redirect,
    referrer,
    referrerPolicy,
    integrity,
    keepalive,
    signal,
  });
}

/**
 * The same request past the cache, unless the server says that what the cache has is fresh. A copy is as good as the
 * request itself here: its mode, credentials and headers stay (but see isPartial), only referrer and policy have to be said
 * again, and no navigation is ever copied.
 * @param {Request} request
 * @returns {Request}
 */
export function revalidatingRequest(request) {
  // A navigation cannot be rebuilt.
  if (request.mode === 'navigate' || PAST_THE_CACHE.includes(request.cache)) return request;
  const { referrer, referrerPolicy } = request;
  return new Request(request, { cache: revalidating(request.url), referrer, referrerPolicy });
}

/**
 * The only way to name another origin as the referrer: a style sheet or module of it asks. Fields that are given, or
 * another mode, would put the worker in its place (https://fetch.spec.whatwg.org/#dom-request).
 * @param {Request} request
 * @param {import('./schemes.js').Header[]} authorization
 */
function copyOf(request, authorization) {
  const copy = new Request(request);
  for (const [name, value] of authorization) copy.headers.set(name, value);
  return copy;
}

/** @param {string} referrer */
const isOfAnotherOrigin = (referrer) => /^https?:/.test(referrer) && new URL(referrer).origin !== self.location.origin;

/** @param {string} url @returns {RequestCache} */
const revalidating = (url) => (keepsImmutable && url.startsWith('https:') ? 'reload' : 'no-cache');

/**
 * For a part of a film, as elements without `crossorigin` request it. A changed copy of it would be for the whole film: only
 * the browser itself may give a no-cors request a Range (https://fetch.spec.whatwg.org/#privileged-no-cors-request-header-name).
 * @param {Request} request
 */
export const isPartial = ({ mode, headers }) => mode === 'no-cors' && headers.has('Range');

/** @param {Request} request */
export const isEventStream = ({ destination, headers }) =>
  destination === '' && headers.get('Accept') === 'text/event-stream';

/**
 * Sends the request. Of a stream that the browser opens again, `Last-Event-ID` needs the server's leave in the
 * preflight, unlike without a worker: where that is not given, the stream begins anew.
 * @param {(request: Request) => Promise<Response>} fetch
 * @param {Request} request
 * @returns {Promise<Response>}
 */
export async function send(fetch, request) {
  if (!request.headers.has('Last-Event-ID')) return fetch(request);
  const anew = new Request(request);
  anew.headers.delete('Last-Event-ID');
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    return fetch(anew);
  }
}

/** @param {Request} request @returns {Headers} */
function headersOf(request) {
  // fetch() and XMLHttpRequest: the app's own headers, which it expects to arrive.
  if (request.destination === '') {
    const headers = new Headers(request.headers);
    // WebKit adds it. The cache mode says the same, and the server would have to allow the header.
    if (isEventStream(request)) headers.delete('Cache-Control');
    return headers;
  }
  const headers = new Headers();
  for (const name of ELEMENT_HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}
