// How the worker is registered.
import { addressOf, scopeOf, scriptURLOf } from './own-workers.js';

/** Of Trusted Types, which forbid register() a plain string: https://w3c.github.io/trusted-types/dist/spec/ */
const POLICY = 'auth-service-worker';

/** @type {{createScriptURL: (url: string) => string} | undefined} */
let policy;

/**
 * @param {ServiceWorkerContainer} container
 * @param {import('./options.js').AuthServiceWorkerOptions} options
 * @returns {Promise<ServiceWorkerRegistration>}
 */
export async function registerWorker(container, options) {
  if (options.registration) return options.registration;
  // What the worker imports is looked at anew at each update with it, even while the HTTP cache has it.
  const { type, updateViaCache = 'none' } = options;
  return container.register(trusted(scriptURLOf(options)), { scope: addressOf(scopeOf(options)), updateViaCache, ...(type && { type }) });
}

/** @param {string} url @returns {string} as TrustedScriptURL where there is such a thing */
function trusted(url) {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  try {
    policy ??= trustedTypes?.createPolicy(POLICY, { createScriptURL: (/** @type {string} */ address) => address });
  } catch {
    // Another copy of the package has made it, or the page's policy does not name it: register() says so.
  }
  return policy?.createScriptURL(url) ?? url;
}

/** @param {import('./options.js').AuthServiceWorkerOptions} options @returns {string} what to change */
export const registrationAdvice = (options) =>
  `could not register ${scriptURLOf(options)} for ${scopeOf(options)}. Serve it from this origin, as JavaScript, at or above ` +
  'that scope or with Service-Worker-Allowed. A Content-Security-Policy must allow it in worker-src' +
  (/** @type {any} */ (globalThis).trustedTypes && !policy ? `, and the policy "${POLICY}" in trusted-types.` : '.');
