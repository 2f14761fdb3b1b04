// The app's options, in two shapes: flat, and as the services that the app Boxel passes.
import { attempt } from './async.js';

/**
 * A value, or a promise of it.
 * @template T
 * @typedef {T | PromiseLike<T>} Awaitable
 */

/**
 * @typedef {object} RefreshCause
 * @property {Exclude<import('../protocol.js').Reason, 'unknown'> | undefined} reason why the token is needed.
 *   `unreachable`: a request with the last token ended in a network error. So the server may be down, or it may have
 *   rejected the token. undefined: none of these reasons, as before the token expires
 */
/**
 * All are optional. Every function may throw, reject or hang: the worker still gets a reply.
 * @typedef {object} FlatOptions
 * @property {((url: URL) => Awaitable<string | URL | null | undefined>) | undefined} [realmOf] returns the realm that a
 *   URL belongs to, if any
 * @property {((realmURL: string, cause: RefreshCause) => Awaitable<string | null | undefined>) | undefined} [reauthenticate]
 *   gets a new token for the realm, or nothing when that fails. Asks that come meanwhile share the call. Without
 *   `realmOf`, the realm is the longest that covers the URL, of `realms` and the realms of the tokens
 * @property {boolean | undefined} [refreshesBeforeExpiry] the page refreshes a JWT shortly before its `exp`, while the
 *   page is in front. Default: false, since the page does so whether or not an image needs the token
 * @property {(() => Awaitable<boolean>) | undefined} [isLoggedIn]
 *   whether to try `reauthenticate` at all; by default, always
 * @property {(() => Awaitable<Readonly<Record<string, string | null | undefined>> | null | undefined>) | undefined} [tokens]
 *   where the app keeps its tokens; by default, a JSON object in `storage`
 * @property {Pick<Storage, 'getItem'> | undefined} [storage] default: localStorage
 * @property {string | undefined} [storageKey] default: 'boxel-session'
 * @property {(ReadonlyArray<string | URL> | (() => Awaitable<ReadonlyArray<string | URL> | null | undefined>)) | undefined} [realms]
 *   the URLs of the app's realms, including realms that have no token yet. When the worker has no token for an image
 *   there, the request waits and the worker asks the page. By default, the realms of the tokens
 * @property {ReadonlyArray<string | URL> | undefined} [publicRealms] realms that need no token: the worker asks nobody
 *   about them
 * @property {boolean | undefined} [realmsComplete] `realms` lists all realms, so the worker asks about no other origin
 * @property {string | URL | undefined} [workerURL] default: '/auth-service-worker.js'
 * @property {string | undefined} [scope] default: '/'
 * @property {Awaitable<ServiceWorkerRegistration> | undefined} [registration] for apps whose own code registers the
 *   worker. The package then registers nothing, and `scope`, `type` and `updateViaCache` have no effect. `worker` has
 *   an effect only on requests of the page itself: on `authorization`, `credentials` and `refusesRedirects`
 * @property {WorkerType | undefined} [type] 'module' for a worker of your own that is a module; 'classic' by default
 * @property {ServiceWorkerUpdateViaCache | undefined} [updateViaCache] whether updates may come out of the HTTP cache;
 *   'none' by default
 * @property {Readonly<import('../worker/options.js').Options> | undefined} [worker] options of the worker. The page
 *   writes them into the query of its URL
 * @property {boolean | undefined} [debug] writes to the console what the worker decides about each request
 * @property {boolean | undefined} [isEnabled] false: the package registers nothing, replies to no ask and
 *   tells a worker no token. For tests that have another worker
 * @property {import('./platform.js').NavigatorLike | undefined} [navigator] default: the global one
 * @property {(() => Awaitable<import('../core.js').CoreModule>) | undefined} [createCoreModule] makes the wasm core; by
 *   default, it comes from the `core.js` beside this module
 */
/**
 * The shape in which the app Boxel passes its services.
 * @typedef {object} Services
 * @property {{[Name in 'realmOf' | 'reauthenticate']: NonNullable<FlatOptions[Name]>} | undefined} [realmService]
 * @property {{readonly isLoggedIn: boolean} | undefined} [matrixService]
 */
/** @typedef {FlatOptions & Services} AuthServiceWorkerOptions */

// The app's objects are read at each call: their getters may throw, or return something else each time.

/** @param {AuthServiceWorkerOptions} options */
const realmOwnerOf = (options) => (options.realmOf ? options : options.realmService);

/** @param {AuthServiceWorkerOptions} options @returns {boolean} may throw */
export const hasRealmOf = (options) => !!realmOwnerOf(options)?.realmOf;

/** @param {AuthServiceWorkerOptions} options @param {URL} url @returns {unknown} may throw, reject or hang */
export const realmOf = (options, url) => realmOwnerOf(options)?.realmOf?.(url);

/**
 * @param {AuthServiceWorkerOptions} options
 * @param {string} realmURL
 * @param {RefreshCause} cause
 * @returns {unknown} may throw, reject or hang
 */
export const reauthenticate = (options, realmURL, cause) =>
  reauthenticatorOf(options)?.reauthenticate?.(realmURL, cause);

/**
 * @param {AuthServiceWorkerOptions} options
 * @returns {unknown} false if there is nobody to ask for a token. May throw, reject or hang
 */
function mayReauthenticate(options) {
  if (!reauthenticatorOf(options)?.reauthenticate) return false;
  if (options.isLoggedIn) return options.isLoggedIn();
  return options.matrixService ? options.matrixService.isLoggedIn : true;
}

/**
 * @param {AuthServiceWorkerOptions} options
 * @returns {Awaitable<boolean | undefined>} whether asking the app for a new token makes sense; undefined when that cannot
 *   be known. Does not throw or reject, may hang
 */
export const isPossible = (options) => attempt(() => /** @type {any} */ (mayReauthenticate(options)), Boolean);

/** @param {AuthServiceWorkerOptions} options */
const reauthenticatorOf = (options) => (options.reauthenticate ? options : options.realmService);

/**
 * @param {FlatOptions} options
 * @returns {Awaitable<unknown>} does not throw or reject, may hang
 */
export const readRealms = (options) =>
  attempt(
    () => {
      const { realms } = options;
      return typeof realms === 'function' ? realms() : realms;
    },
    (read) => read,
  );
