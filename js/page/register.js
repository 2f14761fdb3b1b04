// Registers the worker and connects the page with it.
import { takeEarlyAsks } from './early-asks.js';
import { stateOf } from './page-state.js';
import { handlerFor } from './replies.js';
import { containerOf } from './support.js';
import { useContainer } from './token-sync.js';
import { warn } from './warn.js';

/**
 * @typedef {'unsupported' | 'insecure-context' | 'registration-failed'} FailureReason
 * @typedef {{registered: true, registration: ServiceWorkerRegistration}} Registered
 * @typedef {{registered: false, reason: FailureReason, error?: unknown}} NotRegistered
 * @typedef {Registered | NotRegistered} RegistrationResult
 */

/**
 * Registers the worker, answers its asks and keeps it in tokens. Never rejects: without a worker the
 * app works on, as if it had not called. May be called again, with other options: they replace these.
 * @param {import('./options.js').AuthServiceWorkerOptions} [options]
 * @returns {Promise<RegistrationResult>}
 */
export async function registerAuthServiceWorker(options) {
  let place = '';
  /** @type {import('./token-push.js').TokenPush | undefined} */
  let push;
  try {
    const { workerURL = '/auth-service-worker.js', scope = '/', navigator } = (options ??= {});
    place = `${workerURL} for ${scope}`;
    const container = containerOf(navigator);
    if (!container) return notRegistered('unsupported', place);
    // All before register(): a worker may claim the page and ask before its promise resolves.
    push = useContainer(container);
    answerAsks(container, handlerFor(options, container, (isForgotten) => push?.answered(isForgotten)));
    push.useOptions(options);
    const registration = await container.register(workerURL, { scope });
    push.useRegistration(registration);
    return { registered: true, registration };
  } catch (error) {
    push?.endWait();
    return notRegistered('registration-failed', place, error);
  }
}

/**
 * @param {ServiceWorkerContainer} container
 * @param {ReturnType<typeof handlerFor>} handler
 */
function answerAsks(container, handler) {
  const state = stateOf(container);
  // One listener: two would give two final replies.
  if (!state.handler) container.addEventListener('message', (event) => void state.handler?.(event));
  state.handler = handler;
  // Messages queue until DOMContentLoaded otherwise, and images ask long before:
  // https://w3c.github.io/ServiceWorker/#navigator-service-worker-startMessages
  container.startMessages?.();
  for (const [event, isPending] of takeEarlyAsks(container)) void handler(event, isPending);
}

/**
 * @param {FailureReason} reason
 * @param {string} place
 * @param {unknown[]} errors none, or one
 * @returns {NotRegistered}
 */
function notRegistered(reason, place, ...errors) {
  if (globalThis.isSecureContext === false) reason = 'insecure-context';
  const texts = {
    unsupported: 'no service workers here, as in some private modes and sandboxed frames.',
    'insecure-context': 'service workers need https, or localhost.',
    'registration-failed':
      `could not register ${place}. Serve it from this origin, as JavaScript, at or above that scope or with ` +
      'Service-Worker-Allowed.',
  };
  warn(texts[reason], ...errors);
  return { registered: false, reason, ...(errors.length > 0 && { error: errors[0] }) };
}
