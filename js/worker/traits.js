// What the core needs to know of a request besides its URL, as bits: see Traits in cpp/step.h.

/** Set for a request that has been sent before. */
export const IS_RETRY = 64;
/** Set for one that is sent to where its first answer came from. */
export const IS_ELSEWHERE = 128;
/** Method::Other: the request is left alone, as while no core is there to tell its methods. */
const OTHER_METHOD = 2;

/**
 * @param {import('./core-runner.js').CoreRunner} core
 * @returns {(request: Request) => number}
 */
export function traitsReader(core) {
  /** @type {Map<string, number> | undefined} */
  let destinations;
  /** @type {string[] | undefined} */
  let methods;
  return (request) => {
    destinations ??= core.destinations();
    methods ??= core.methods();
    const method = methods?.indexOf(request.method) ?? -1;
    return (
      (method < 0 ? OTHER_METHOD : method) |
      (request.headers.has('Authorization') ? 4 : 0) |
      (request.mode === 'navigate' ? 8 : 0) |
      (request.cache === 'only-if-cached' ? 16 : 0) |
      (request.mode === 'no-cors' ? 32 : 0) |
      ((destinations?.get(request.destination) ?? destinations?.get('other') ?? 0) << 8)
    );
  };
}

/**
 * What the core needs to know of an answer besides its status, as the bits of bindings.cpp. Cache-Control is readable
 * in a CORS answer as well: https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
 * @param {RequestCache} cache of the request that was sent
 * @param {Response} response
 * @returns {number}
 */
export function answerBits(cache, response) {
  const isPastCache = cache === 'no-cache' || cache === 'reload';
  const isStorable = !/no-store/i.test(response.headers.get('Cache-Control') ?? '');
  return (isPastCache ? 1 : 0) | (isStorable ? 2 : 0);
}
