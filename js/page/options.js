// What an app tells us, in its two shapes, made one.
import { DEFAULT_KEY, isThenable, readTokens } from './tokens.js';

/**
 * A value, or a promise of it.
 * @template T
 * @typedef {T | PromiseLike<T>} Awaitable
 */

/**
 * All are optional. Every function may throw, reject or hang: the ask it was called for is answered
 * all the same.
 * @typedef {object} FlatOptions
 * @property {(url: URL) => Awaitable<string | URL | null | undefined>} [realmOf]
 *   the realm a URL belongs to, when it belongs to one
 * @property {(realmURL: string) => Awaitable<string | null | undefined>} [reauthenticate]
 *   gets a new token for the realm; nothing when that fails. Called once for all that ask meanwhile
 * @property {() => Awaitable<boolean>} [isLoggedIn]
 *   whether to try `reauthenticate` at all; by default, always
 * @property {() => Awaitable<Readonly<Record<string, string>> | null | undefined>} [tokens]
 *   where the app keeps its tokens; by default, a JSON object in `storage`
 * @property {Pick<Storage, 'getItem'>} [storage] default: localStorage
 * @property {string} [storageKey] default: 'boxel-session'
 * @property {ReadonlyArray<string | URL> | (() => Awaitable<ReadonlyArray<string | URL> | null | undefined>)} [realms]
 *   the app's realms or their origins, those without a token included: the worker asks for the first
 *   of their images at once. By default, those of the tokens
 * @property {boolean} [realmsComplete] `realms` lists them all: the worker asks about no other origin
 * @property {string | URL} [workerURL] default: '/auth-service-worker.js'
 * @property {string} [scope] default: '/'
 * @property {import('./support.js').NavigatorLike} [navigator] default: the global one
 * @property {() => Awaitable<import('../core.js').Core>} [createCore]
 *   makes the wasm core; by default, that of the `core.js` beside this module
 */
/**
 * The shape in which upstream passes its services.
 * @typedef {object} Services
 * @property {Required<Pick<FlatOptions, 'realmOf' | 'reauthenticate'>>} [realmService]
 * @property {{readonly isLoggedIn: boolean}} [matrixService]
 */
/** @typedef {FlatOptions & Services} AuthServiceWorkerOptions */

/**
 * The functions read the app's objects only when called: these may have getters that throw, or that
 * change their minds. All but those that say so here may throw, reject or hang.
 * @typedef {object} Settings
 * @property {(url: URL) => unknown} realmOf
 * @property {(realmURL: string) => unknown} reauthenticate
 * @property {() => unknown} mayReauthenticate false where there is nobody to ask for a token
 * @property {() => Awaitable<import('./tokens.js').Read>} readTokens does not throw, may hang
 * @property {(key: string | null) => boolean} mayHoldTokens whether they may be under this key of localStorage; null: any
 * @property {() => Awaitable<unknown>} readRealms does not throw, may hang
 * @property {() => boolean} knowsAllRealms
 * @property {string | URL} workerURL
 * @property {string} scope
 * @property {import('./support.js').NavigatorLike | undefined} navigator
 * @property {() => void} loadCore does not throw; starts to fetch what `createCore` needs, so that the first ask finds it
 * @property {() => Awaitable<import('../core.js').Core>} createCore
 */

/**
 * @param {AuthServiceWorkerOptions | null | undefined} given
 * @returns {Settings}
 */
export function settingsOf(given) {
  const options = given ?? {};
  return {
    realmOf: (url) => (options.realmOf ? options.realmOf(url) : options.realmService?.realmOf(url)),
    reauthenticate: (realmURL) =>
      options.reauthenticate
        ? options.reauthenticate(realmURL)
        : options.realmService?.reauthenticate(realmURL),
    mayReauthenticate() {
      if (!options.reauthenticate && !options.realmService?.reauthenticate) return false;
      if (options.isLoggedIn) return options.isLoggedIn();
      return options.matrixService ? options.matrixService.isLoggedIn : true;
    },
    readTokens: () => readTokens(options),
    mayHoldTokens: (key) => key === null || !!options.tokens || key === (options.storageKey ?? DEFAULT_KEY),
    readRealms: () => readRealms(options),
    knowsAllRealms: () => options.realmsComplete === true,
    workerURL: options.workerURL ?? '/auth-service-worker.js',
    scope: options.scope ?? '/',
    navigator: options.navigator,
    loadCore: options.createCore ? () => {} : () => void importCore(),
    createCore: options.createCore ?? anyCore,
  };
}

/**
 * @param {FlatOptions} options
 * @returns {Awaitable<unknown>}
 */
function readRealms({ realms }) {
  try {
    const value = typeof realms === 'function' ? realms() : realms;
    return isThenable(value) ? value.then((read) => read, () => undefined) : value;
  } catch {
    return undefined;
  }
}

/** Of wasm, or where a policy forbids WebAssembly, the same C++ as plain JavaScript. */
async function anyCore() {
  const { default: createAuthCore } = await importCore();
  try {
    return createAuthCore();
  } catch {
    return (await import('../core-without-wasm.js')).default();
  }
}

/** @type {Promise<typeof import('../core.js')> | undefined} */
let coreScript;

/**
 * The core is imported apart from the page's own modules: they boot without waiting for it, and work
 * where it cannot be had. A failure is for who awaits it; the next call tries again.
 */
function importCore() {
  coreScript ??= import('../core.js');
  coreScript.catch(() => (coreScript = undefined));
  return coreScript;
}
