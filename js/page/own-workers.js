// Which workers are the page's own.
import { parsedURL } from '../realm-url.js';
import { hasShownVersion2 } from './version-2.js';

/**
 * Resolves a URL against the page's own URL, not against a `<base>`: that may be of another origin, and no worker can
 * come from there.
 * @param {string | URL} url
 * @returns {string} unchanged if the page has no URL, as in a frame made with `srcdoc`
 */
export const addressOf = (url) => parsedURL(url, globalThis.location?.href)?.href ?? String(url);

const base = /** @type {{AUTH_SERVICE_WORKER_BASE?: unknown}} */ (globalThis).AUTH_SERVICE_WORKER_BASE;
/**
 * The path below which a bundler's plugin serves the worker. An element of this id is a property of the window, too. It
 * may be HTML of a user, and must not choose the worker, which gets all tokens.
 */
const BASE = typeof base === 'string' ? base : '/';

/** @param {Pick<import('./options.js').FlatOptions, 'scope'>} options */
export const scopeOf = ({ scope = BASE }) => scope;

/**
 * Returns the address of the worker's script, with the worker's options in its query.
 * @param {Pick<import('./options.js').FlatOptions, 'workerURL' | 'worker'>} options
 * @returns {string}
 */
export function scriptURLOf({ workerURL = `${BASE}auth-service-worker.js`, worker = {} }) {
  let address = addressOf(workerURL);
  for (const [name, value] of Object.entries(worker)) {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (value !== undefined) address += `${address.includes('?') ? '&' : '?'}${new URLSearchParams({ [name]: text })}`;
  }
  return address;
}

/** @param {string} url @returns {string} without the options in its query, which may change from one deploy to the next */
const withoutQuery = (url) => url.split('?')[0];

/**
 * @param {string} scriptURL of a worker
 * @param {string} registered a path, if the page has no URL
 */
const isOfScript = (scriptURL, registered) =>
  withoutQuery(scriptURL) === withoutQuery(new URL(registered, scriptURL).href);

/**
 * The page's own workers: they get tokens and replies to their asks. These are the workers of the registered script,
 * and the workers of the page's registration that speak version 2 of the wire. A worker that is not the page's own may
 * control the page: one of a wider or narrower scope, or one of another script with the same scope. It gets no token.
 */
export class OwnWorkers {
  /** @type {ServiceWorkerRegistration | undefined} */
  registration;
  scriptURL = scriptURLOf({});
  #container;

  /** @param {ServiceWorkerContainer | undefined} container */
  constructor(container) {
    this.#container = container;
  }

  /**
   * @param {unknown} worker
   * @param {string} [registered] the address of the script
   * @returns {boolean} whether it may ask. Throws for a window of another origin, since its properties cannot be read
   */
  has(worker, registered = this.scriptURL) {
    const { scriptURL } = /** @type {any} */ (worker ?? {});
    const { installing, waiting, active } = this.registration ?? {};
    /** @type {unknown[]} */
    const own = [installing, waiting, active];
    return !!scriptURL && (isOfScript(scriptURL, registered) || own.includes(worker));
  }

  /**
   * @param {ServiceWorker | null | undefined} worker
   * @returns {ServiceWorker | undefined} the worker, if it may have tokens
   */
  #ifOwn(worker) {
    const isOwn = worker && (hasShownVersion2(worker) || isOfScript(worker.scriptURL, this.scriptURL));
    return isOwn ? worker : undefined;
  }

  /** The worker that controls the page. @returns {ServiceWorker | undefined} */
  get controller() {
    return this.#ifOwn(this.#container?.controller);
  }

  /** The worker that gets the tokens, even while it does not control the page. @returns {ServiceWorker | undefined} */
  get receiver() {
    return this.controller ?? this.#ifOwn(this.registration?.active);
  }

  /** Whether the page is in the scope of its registration. */
  get coverPage() {
    return !!this.registration && !!globalThis.location?.href.startsWith(this.registration.scope);
  }

  /**
   * @param {string} url of a frame's document
   * @returns {boolean} whether it is outside of the scope. Then it is a page of another app
   */
  isOutside(url) {
    return !!this.registration && /^https?:/.test(url) && !url.startsWith(this.registration.scope);
  }
}

// Registers the worker.

/**
 * The name of our policy for Trusted Types, which forbid register() a plain string:
 * https://w3c.github.io/trusted-types/dist/spec/
 */
const POLICY = 'auth-service-worker';

/** @typedef {{createScriptURL: (url: string) => string}} Policy */
/** @typedef {{policy?: Policy}} Keeper keeps the policy: a page can make it only once, for all copies of the package */

/**
 * @param {ServiceWorkerContainer} container
 * @param {import('./options.js').AuthServiceWorkerOptions} options
 * @param {Keeper} keeper
 * @returns {Promise<ServiceWorkerRegistration>}
 */
export async function registerWorker(container, options, keeper) {
  if (options.registration) return options.registration;
  // With 'none', each update also fetches what the worker imports, even while the HTTP cache has it.
  const { type, updateViaCache = 'none' } = options;
  return container.register(trusted(scriptURLOf(options), keeper), {
    scope: addressOf(scopeOf(options)),
    updateViaCache,
    ...(type && { type }),
  });
}

/** @param {string} url @param {Keeper} keeper @returns {string} a TrustedScriptURL if the browser has them */
function trusted(url, keeper) {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  try {
    keeper.policy ??= trustedTypes?.createPolicy(POLICY, {
      createScriptURL: (/** @type {string} */ address) => address,
    });
  } catch {
    // An older copy of the package has made the policy, or the page's policy does not allow it. Then register() fails.
  }
  return keeper.policy?.createScriptURL(url) ?? url;
}

/**
 * @param {import('./options.js').AuthServiceWorkerOptions} options
 * @param {Keeper} [keeper]
 * @returns {unknown[]} the details for the advice on a registration that failed
 */
export const registrationDetails = (options, keeper) => [scriptURLOf(options), scopeOf(options), !!keeper?.policy];
