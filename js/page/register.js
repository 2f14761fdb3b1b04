// Registers the worker and connects the page with it.
import { noteRegistration } from './control.js';
import { settingsOf } from './options.js';
import { handlerFor } from './replies.js';
import { containerOf } from './support.js';
import { tokenPushOf } from './token-sync.js';

/**
 * @typedef {'unsupported' | 'insecure-context' | 'registration-failed'} FailureReason
 * @typedef {{registered: true, registration: ServiceWorkerRegistration}} Registered
 * @typedef {{registered: false, reason: FailureReason, error?: unknown}} NotRegistered
 * @typedef {Registered | NotRegistered} RegistrationResult
 */

/**
 * Who answers on each container: by the options given last.
 * @type {WeakMap<ServiceWorkerContainer, import('./replies.js').TokenRequestHandler>}
 */
const handlers = new WeakMap();

/**
 * Registers the worker, answers its asks and keeps it in tokens. Never rejects: without a worker the
 * app works on, as if it had not called. May be called again, with other options: they replace these.
 * @param {import('./options.js').AuthServiceWorkerOptions} [options]
 * @returns {Promise<RegistrationResult>}
 */
export async function registerAuthServiceWorker(options) {
  const isInsecure = globalThis.isSecureContext === false;
  /** @type {import('./options.js').Settings | undefined} */
  let settings;
  try {
    settings = settingsOf(options);
    const container = containerOf(settings.navigator);
    if (!container) return isInsecure ? insecureContext() : unsupported();
    // All before register(): a worker may claim the page and ask before its promise resolves.
    const push = tokenPushOf(container);
    answerAsks(container, handlerFor(settings, container, () => push.greet()));
    push.useTokens(settings);
    const registering = container.register(settings.workerURL, { scope: settings.scope });
    noteRegistration(container, registering);
    const registration = await registering;
    push.useRegistration(registration);
    return { registered: true, registration };
  } catch (error) {
    return isInsecure ? insecureContext(error) : registrationFailed(settings, error);
  }
}

/**
 * @param {ServiceWorkerContainer} container
 * @param {import('./replies.js').TokenRequestHandler} handler
 */
function answerAsks(container, handler) {
  const isFirst = !handlers.has(container);
  handlers.set(container, handler);
  // One listener: two would give two final replies.
  if (isFirst) container.addEventListener('message', (event) => void handlers.get(container)?.(event));
  // Messages queue until DOMContentLoaded otherwise, and images ask long before:
  // https://w3c.github.io/ServiceWorker/#navigator-service-worker-startMessages
  container.startMessages?.();
}

/** @returns {NotRegistered} */
function unsupported() {
  console.warn(
    'auth-service-worker: the browser gives this page no service workers, as in some private modes and in sandboxed ' +
      'frames. Show protected images by fetch() with the token instead.',
  );
  return { registered: false, reason: 'unsupported' };
}

/** @param {unknown} [error] @returns {NotRegistered} */
function insecureContext(error) {
  console.warn('auth-service-worker: service workers need a secure page. Serve it over https, or from localhost.');
  return { registered: false, reason: 'insecure-context', ...(error === undefined ? {} : { error }) };
}

/**
 * @param {import('./options.js').Settings | undefined} settings
 * @param {unknown} error
 * @returns {NotRegistered}
 */
function registrationFailed(settings, error) {
  console.warn(
    `auth-service-worker: could not register ${settings?.workerURL} for the scope ${settings?.scope}. ` +
      'Serve that file from this origin, as JavaScript, at or above the scope, or with a Service-Worker-Allowed ' +
      'header that names the scope.',
    error,
  );
  return { registered: false, reason: 'registration-failed', error };
}
