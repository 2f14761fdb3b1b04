// What the core needs to know of a request besides its URL, as bits: see Traits in cpp/step.h.

/** Set for a request that has been sent with another token before. */
export const IS_RETRY = 64;

/**
 * @param {import('./core-runner.js').CoreRunner} core
 * @returns {(request: Request) => number}
 */
export function traitsReader(core) {
  /** @type {Map<string, number> | undefined} */
  let destinations;
  /** @type {string[]} */
  let methods;
  return (request) => {
    destinations ??= core.destinations();
    methods ??= core.methods() ?? [];
    const method = methods.indexOf(request.method);
    return (
      (method < 0 ? methods.length : method) |
      (request.headers.has('Authorization') ? 4 : 0) |
      (request.mode === 'navigate' ? 8 : 0) |
      (request.cache === 'only-if-cached' ? 16 : 0) |
      (request.mode === 'no-cors' ? 32 : 0) |
      ((destinations?.get(request.destination) ?? destinations?.get('other') ?? 0) << 8)
    );
  };
}
