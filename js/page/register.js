// Registers the worker and connects the page with it.
import { takeEarlyAsks } from './early-asks.js';
import { useContainer } from './found-state.js';
import { registerWorker, registrationAdvice, scriptURLOf } from './own-workers.js';
import { stateOf } from './page-state.js';
import { handlerFor } from './asks.js';
import { containerOf, support } from './platform.js';
import { tokenPushOf } from './token-sync.js';
import { warn } from './warn.js';

/**
 * @typedef {import('./platform.js').Unsupported | 'disabled' | 'registration-failed'} FailureReason
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
  const used = options ?? {};
  /** @type {import('./token-push.js').TokenPush | undefined} */
  let push;
  try {
    if (used.isEnabled === false) return { registered: false, reason: 'disabled' };
    const container = containerOf(used.navigator);
    const state = stateOf(container ?? globalThis);
    state.options = used;
    if (!container) return notRegistered(/** @type {any} */ (support(used.navigator)).reason, used);
    useContainer(container);
    state.workers.scriptURL = scriptURLOf(used);
    // All before register(): a worker may claim the page and ask before its promise resolves.
    push = tokenPushOf(container);
    answerAsks(container, state, handlerFor(used, state));
    // The tokens while the browser fetches the worker: to read storage takes long.
    const [registration] = await Promise.all([registerWorker(container, used), push.useOptions(used)]);
    push.useRegistration(registration);
    if (used.debug && !state.isWatched) {
      state.isWatched = true;
      void import('../inspect/index.js').then(
        ({ watchWorker }) => watchWorker({ debug: true }),
        () => {},
      );
    }
    return { registered: true, registration };
  } catch (error) {
    push?.endWait();
    return notRegistered('registration-failed', used, error);
  }
}

/**
 * @param {ServiceWorkerContainer} container
 * @param {import('./page-state.js').PageState} state
 * @param {ReturnType<typeof handlerFor>} handler
 */
function answerAsks(container, state, handler) {
  // One listener: two would give two final replies.
  if (!state.handler) container.addEventListener('message', (event) => void state.handler?.(event));
  state.handler = handler;
  // Messages queue until DOMContentLoaded otherwise, and images ask long before:
  // https://w3c.github.io/ServiceWorker/#navigator-service-worker-startMessages
  container.startMessages?.();
  const early = takeEarlyAsks(container);
  state.push?.mender.takeEarly(early);
  for (const [event, isPending] of early) void handler(event, isPending);
}

/**
 * @param {FailureReason} reason
 * @param {import('./options.js').AuthServiceWorkerOptions} options
 * @param {unknown[]} errors none, or one
 * @returns {NotRegistered}
 */
function notRegistered(reason, options, ...errors) {
  warn(adviceOn(reason, options), ...errors);
  return { registered: false, reason, ...(errors.length > 0 && { error: errors[0] }) };
}

/** @param {FailureReason} reason @param {import('./options.js').AuthServiceWorkerOptions} options */
function adviceOn(reason, options) {
  if (reason === 'insecure-context') return 'service workers need https, or localhost.';
  if (reason === 'sandboxed') return 'a sandboxed frame has no service workers without allow-same-origin.';
  if (reason === 'unsupported') return 'this browser has no service workers here, as in some private windows.';
  try {
    return registrationAdvice(options);
  } catch {
    return 'the options cannot be read.';
  }
}
