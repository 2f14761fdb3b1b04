// Reads the worker's options. They come from three places, and the last one wins: defaults,
// `self.authServiceWorkerOptions`, and the query of the worker's script. The first event of every worker life knows
// them.

/**
 * @typedef {object} Options
 * @property {boolean | undefined} [askUnknownHosts] also ask the page about origins that never had a realm
 * @property {boolean | undefined} [authorizesNavigations] also send tokens with navigations from outside of the app
 * @property {boolean | undefined} [abortsOldFetches] after a change of user, abort what is in flight for the previous
 *   user
 * @property {boolean | undefined} [refusesRedirects] a request with a token fails if it is redirected. If it was
 *   no-cors, it then goes out once more, without a token. For realms whose server redirects to URLs of its own origin
 *   that must not receive the token
 * @property {RequestCredentials | undefined} [credentials] the mode of requests that get a token and were no-cors, as
 *   plain elements send them: 'same-origin' by default
 * @property {import('./schemes.js').Scheme | readonly import('./schemes.js').Scheme[] | undefined} [authorization] how
 *   a token is written into headers: 'Authorization: Bearer {token}' by default. In the query it is JSON
 * @property {boolean | undefined} [standalone] take over pages at once, and leave to the browser what cannot need a
 *   token. false if another worker has imported this one, and decides about that itself
 * @property {boolean | undefined} [answersRequests] true by default. false only for a worker of your own that calls
 *   `authorize(event)` in its fetch listener
 * @property {boolean | undefined} [debug] warn of messages and replies that were ignored, once for each kind
 */

/** The options that travel in the query. */
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
  // The query of another worker does not have these options.
  if (options.standalone) {
    const query = new URLSearchParams(scope.location.search);
    for (const name of NAMES) {
      const value = query.get(name);
      if (value !== null) options[name] = /^([[{]|true$|false$)/.test(value) ? parsed(value) : value;
    }
  }
  return options;
}

/** @param {string} text @returns {unknown} the text itself if it is no JSON */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const CREDENTIALS = ['omit', 'same-origin', 'include'];

/**
 * Returns the credentials mode of requests that get a token. The page's own requests have it, too.
 * @param {Options | null | undefined} options
 * @returns {RequestCredentials}
 */
export const credentialsOf = (options) =>
  options?.credentials && CREDENTIALS.includes(options.credentials) ? options.credentials : 'same-origin';

/**
 * Returns the options that only the shim reads. Leaves out those of a wrong type: the core warns of them.
 * @param {Options | null | undefined} options
 * @returns {Options}
 */
export const shimOptions = (options) => ({
  abortsOldFetches: options?.abortsOldFetches === true,
  refusesRedirects: options?.refusesRedirects === true,
  credentials: credentialsOf(options),
});
