// Makes the request info: all that the core reads of a request except its URL. Its bits are those of RequestInfo in
// cpp/base/step.h; a test compares them.

/** Set for a request that has been sent before. */
export const IS_RETRY = 64;
/** Set for a request that is sent to the URL where the redirects of its first response ended. */
export const IS_ELSEWHERE = 128;
/** Set for a navigation that a page of the app began for certain. */
const IS_FROM_APP = 1 << 16;
/**
 * @param {Request} request
 * @param {import('./core-runner.js').Names} names of a core
 * @param {string[]} headers that may carry a token: a request that has one of them brings its own
 * @returns {number}
 */
export const infoOf = (request, { methods, destinations }, headers) =>
  numberOf(request.method, methods) |
  (headers.some((header) => request.headers.has(header)) ? 4 : 0) |
  (request.mode === 'navigate' ? 8 | (isFromApp(request) ? IS_FROM_APP : 0) : 0) |
  (request.cache === 'only-if-cached' ? 16 : 0) |
  (request.mode === 'no-cors' ? 32 : 0) |
  (numberOf(request.destination, destinations) << 8);

/** A name that is not in the list counts as its last one. @param {string} name @param {string[]} names */
function numberOf(name, names) {
  const number = names.indexOf(name);
  return number < 0 ? names.length - 1 : number;
}

/**
 * Makes the bits of bindings.cpp: all that the core reads of a response except its status. Cache-Control is readable in
 * a CORS response as well: https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
 * @param {RequestCache} cache the mode of the request that was sent
 * @param {Response} response
 * @returns {number}
 */
export function responseBits(cache, response) {
  const isPastCache = cache === 'no-cache' || cache === 'reload';
  const isStorable = !/no-store/i.test(response.headers.get('Cache-Control') ?? '');
  return (isPastCache ? 1 : 0) | (isStorable ? 2 : 0);
}

/** When another origin redirects a request, these policies shorten its referrer to the origin, or to nothing. */
const SHORTENING_POLICIES = ['same-origin', 'origin-when-cross-origin', 'strict-origin-when-cross-origin'];

/**
 * Whether a page of the app began the navigation, and no other origin redirected it on its way. Only the referrer shows
 * that: no other origin can name a path of this one, and a referrer that was shortened for another origin stays short.
 * So it is false without a referrer (a typed address, `no-referrer`), and when the referrer is only an origin. The
 * policy proves less, since a redirect may set another one. If the app's own policy is unsafe-url or
 * no-referrer-when-downgrade, its referrers are not shortened: a site that redirects back with another policy counts as
 * the app. In WebKit every redirect back does, since WebKit always shows the default policy.
 * @param {Request} request
 */
export function isFromApp({ url, referrer, referrerPolicy }) {
  const root = `${new URL(url).origin}/`;
  if (!SHORTENING_POLICIES.includes(referrerPolicy)) return false;
  return referrer.startsWith(root) && referrer.length > root.length;
}
