// Builds the request that carries the token.
import { isAuthorization } from './schemes.js';

/**
 * Headers of an element's request that are passed on. Accept chooses the format. Range makes seeking work, and If-Range
 * keeps parts of two versions from being mixed. The other headers that the browser's media stack sets are left out. The
 * browser adds some of them again. For the rest the server would have to allow them in the preflight, which it does not
 * do for WebKit's icy-metadata.
 */
const ELEMENT_HEADERS = ['Accept', 'Range', 'If-Range'];

/** Cache modes that use nothing from the cache without asking the server. */
const PAST_THE_CACHE = ['reload', 'no-store', 'no-cache'];

/**
 * Firefox uses an `immutable` response that came over https in spite of `no-cache`. Only `reload` prevents that, or a
 * header, which the server would have to allow.
 */
const keepsImmutable = /\bFirefox\//.test(globalThis.navigator?.userAgent ?? '');

/**
 * Returns the same request with a token, or a request for the URL where its redirects ended, with or without a token.
 * It is built from the URL and explicit fields, not copied: WebKit sends no preflight for a no-cors request that is
 * copied as cors, and a navigation cannot be copied.
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
 * @param {string} [how.url] the URL, if it is not the request's
 * @param {import('./schemes.js').Header[]} [how.authorization] headers with the token
 * @param {boolean} [how.revalidates] ask the server whether what the cache has may be used
 * @param {boolean} [how.refusesRedirects] a redirect is a network error
 * @param {RequestCredentials} [how.credentials] the mode, if the request was no-cors
 * @param {AbortSignal} [how.signal] default: the request's own
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
 * Returns the same request, but one that revalidates what the cache has. Here a copy is as good as the request itself:
 * its mode, credentials and headers stay (but see isPartial). Only referrer and policy have to be set again. No
 * navigation is ever copied.
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
 * Copies a request whose referrer is of another origin: a style sheet or module there has sent it. Only a copy keeps
 * such a referrer. With explicit fields or another mode, the worker would take its place
 * (https://fetch.spec.whatwg.org/#dom-request).
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
 * Whether the request is for a part of a video, from an element without `crossorigin`. A changed copy of it would be
 * for the whole video: only the browser itself may give a no-cors request a Range
 * (https://fetch.spec.whatwg.org/#privileged-no-cors-request-header-name).
 * @param {Request} request
 */
export const isPartial = ({ mode, headers }) => mode === 'no-cors' && headers.has('Range');

/** @param {Request} request */
export const isEventStream = ({ destination, headers }) =>
  destination === '' && headers.get('Accept') === 'text/event-stream';

/**
 * Sends the request. When the browser opens an event stream again, it adds `Last-Event-ID`. With a worker, the server
 * must allow that header in the preflight. If it does not, the stream begins anew.
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
  // A request of fetch() or XMLHttpRequest has the app's own headers, and the app expects them to arrive.
  if (request.destination === '') {
    const headers = new Headers(request.headers);
    // WebKit adds this header. The cache mode says the same, and the server would have to allow the header.
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
