// The request that carries the token.

/**
 * Headers of an element's request that are passed on. Accept chooses the format. Range makes seeking
 * work. All others the browser's media stack adds would need the server's leave in the preflight
 * (WebKit's icy-metadata fails there) or the browser adds them again itself.
 */
const ELEMENT_HEADERS = ['Accept', 'Range'];

/** Cache modes that use nothing from the cache anyway. */
const PAST_THE_CACHE = ['reload', 'no-store', 'no-cache'];

/**
 * The same request with a token, or, where redirects of it ended, with or without one. Built from the URL and explicit fields, since a copy of a no-cors
 * request made cors is sent by WebKit without a preflight, and a navigation cannot be copied at all.
 * - mode cors: a no-cors request silently loses the Authorization header.
 * - credentials same-origin: a server that answers `Access-Control-Allow-Origin: *` may not be sent
 *   any, and a cross-origin image asks for `include`.
 * - redirect: browsers take the token along to any place of the same origin, and strip it on the way to
 *   another (https://fetch.spec.whatwg.org/#http-redirect-fetch). Nothing in a worker sees in between.
 * - referrer and policy: otherwise the Referer becomes the worker's URL.
 * @param {Request} request
 * @param {object} how
 * @param {string} how.url
 * @param {string} [how.authorization] header value
 * @param {boolean} how.revalidates ask the server whether what the cache has may be used
 * @param {boolean} how.refusesRedirects a redirect is a network error
 * @param {AbortSignal} how.signal aborts it, as the request's own does
 * @returns {Request}
 */
export function authedRequest(request, { url, authorization, revalidates, refusesRedirects, signal }) {
  const headers = headersOf(request);
  if (authorization !== undefined) headers.set('Authorization', authorization);
  const { method, cache, redirect, referrer, referrerPolicy, integrity, keepalive } = request;
  return new Request(url, {
    method,
    headers,
    mode: 'cors',
    credentials: 'same-origin',
    cache: revalidates && !PAST_THE_CACHE.includes(cache) ? 'no-cache' : cache,
    redirect: refusesRedirects && redirect === 'follow' ? 'error' : redirect,
    referrer,
    referrerPolicy,
    integrity,
    keepalive,
    signal,
  });
}

/**
 * The same request past the cache, unless the server says that what the cache has is fresh. A copy is as good as the
 * request itself here: its headers, mode and credentials stay, only referrer and policy have to be said again, and no
 * navigation is ever copied.
 * @param {Request} request
 * @returns {Request}
 */
export function revalidatingRequest(request) {
  // A navigation cannot be rebuilt.
  if (request.mode === 'navigate' || PAST_THE_CACHE.includes(request.cache)) return request;
  const { referrer, referrerPolicy } = request;
  return new Request(request, { cache: 'no-cache', referrer, referrerPolicy });
}

/** @param {Request} request @returns {Headers} */
function headersOf(request) {
  // fetch() and XMLHttpRequest: the app's own headers, which it expects to arrive.
  if (request.destination === '') return new Headers(request.headers);
  const headers = new Headers();
  for (const name of ELEMENT_HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}
