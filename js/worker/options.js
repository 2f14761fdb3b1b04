// The worker's options come three ways, of which the last wins: defaults, `self.authServiceWorkerOptions`, and the
// query of the worker's script. The last is known to the first event of every life, also of the one-file worker.

/**
 * @typedef {object} Options
 * @property {boolean} [askUnknownHosts] ask the page about origins that never had a realm, too
 * @property {boolean} [authorizesNavigations] send tokens with navigations from outside of the app, too
 * @property {boolean} [abortsOldFetches] abort, after a change of user, what is in flight for the previous user
 * @property {boolean} [refusesRedirects] a token request that is redirected fails, and what may go out without a
 *   token does so: for realms whose server redirects to places of its origin that must not see the token
 * @property {RequestCredentials} [credentials] of requests that get a token and were no-cors, as those of plain
 *   elements are: 'same-origin' by default
 * @property {import('./schemes.js').Scheme | import('./schemes.js').Scheme[]} [authorization] into which headers a token is
 *   written, and how: 'Authorization: Bearer {token}' by default. In the query it is JSON
 * @property {boolean} [standalone] take over pages at once, and leave to the browser what cannot need a token; false
 *   where another worker imported this one, which decides about that itself
 * @property {boolean} [answersRequests] false: only of a worker of your own, which calls `authorize(event)` in its fetch
 *   listener; true by default
 * @property {boolean} [debug] warn, once each, of messages and replies that were ignored
 */

/** Those that travel in the query. */
export const NAMES = /** @type {const} */ ([
  'askUnknownHosts',
  'authorizesNavigations',
  'abortsOldFetches',
  'refusesRedirects',
  'credentials',
  'standalone',
  'debug',
  'authorization',
]);

/**
 * @param {{location: {origin: string, pathname: string, search: string}, authServiceWorkerOptions?: unknown}} scope
 * @param {string} ownScript the URL of this code's script, without its query
 * @returns {Options}
 */
export function optionsOf(scope, ownScript) {
  const isOwnWorker = ownScript === scope.location.origin + scope.location.pathname;
  /** @type {Record<string, unknown>} */
  const options = { standalone: isOwnWorker };
  const set = scope.authServiceWorkerOptions;
  if (typeof set === 'object') Object.assign(options, set);
  // Another worker's query is its own.
  if (options.standalone) {
    const query = new URLSearchParams(scope.location.search);
    for (const name of NAMES) {
      const value = query.get(name);
      if (value !== null) options[name] = /^([[{]|true$|false$)/.test(value) ? parsed(value) : value;
    }
  }
  return options;
}

/** @param {string} text @returns {unknown} as it is when it is no JSON */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const CREDENTIALS = ['omit', 'same-origin', 'include'];

/**
 * Those that the core does not need, where they are not of a wrong type, of which it warns.
 * @param {Options | null | undefined} options
 * @returns {Options}
 */
export const shimOptions = (options) => ({
  abortsOldFetches: options?.abortsOldFetches === true,
  refusesRedirects: options?.refusesRedirects === true,
  credentials: CREDENTIALS.includes(options?.credentials ?? '') ? options?.credentials : 'same-origin',
});
