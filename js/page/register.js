// Registers the worker and connects the page with it.
import { attempt } from './async.js';
import { dropEarlyAsks, takeEarlyAsks } from './early-asks.js';
import { useContainer } from './found-state.js';
import { registrationDetails, scriptURLOf } from './own-workers.js';
import { stateOf } from './page-state.js';
import { handlerFor } from './asks.js';
import { containerOf, support } from './platform.js';
import { tokenPushOf } from './token-sync.js';
import { advise } from './warn.js';

/**
 * @typedef {import('./platform.js').Unsupported | 'disabled' | 'registration-failed'} FailureReason
 * @typedef {{registered: true, registration: ServiceWorkerRegistration, reason?: undefined, error?: undefined}} Registered
 * @typedef {{registered: false, reason: FailureReason, error?: unknown}} NotRegistered
 * @typedef {Registered | NotRegistered} RegistrationResult
 */

/**
 * Registers the worker, replies to its asks and tells it the tokens. Never rejects: without a worker, the app works as
 * if it had not called. May be called again with other options, which replace these.
 * @param {import('./options.js').AuthServiceWorkerOptions} [options]
 * @returns {Promise<RegistrationResult>}
 */
export async function registerAuthServiceWorker(options) {
  const used = options ?? {};
  /** @type {import('./page-state.js').PageState | undefined} */
  let state;
  try {
    const container = containerOf(used.navigator);
    if (container) useContainer(container);
    state = stateOf(container ?? globalThis);
    state.options = used;
    if (attempt(() => used.isEnabled === false, Boolean)) {
      disable(state);
      if (container) dropEarlyAsks(container);
      return { registered: false, reason: 'disabled' };
    }
    state.hasNoWorker = false;
    if (!container) {
      const { reason } = /** @type {{reason: import('./platform.js').Unsupported}} */ (support(used.navigator));
      advise(reason);
      return { registered: false, reason };
    }
    state.workers.scriptURL = scriptURLOf(used);
    // All this comes before register(): a worker may claim the page and ask before the promise of register() resolves.
    const push = tokenPushOf(container);
    push.beginWait();
    replyToAsks(container, state, handlerFor(used, state));
    // The page reads the tokens while the browser fetches the worker, since reading storage takes long.
    const [registration] = await Promise.all([push.register(used), push.useOptions(used)]);
    if (state.options === used)
      watch(
        state,
        attempt(() => used.debug, Boolean),
      );
    return { registered: true, registration };
  } catch (error) {
    if (state?.options === used) endWait(state);
    attempt(
      () => registrationDetails(used, state),
      (details) => advise('registration-failed', details, error),
      () => advise('options-unreadable', [], error),
    );
    return { registered: false, reason: 'registration-failed', error };
  }
}

/** No worker will come. @param {import('./page-state.js').PageState} state */
function endWait(state) {
  state.hasNoWorker = true;
  state.push?.endWait();
}

/** Ends what an earlier call began. @param {import('./page-state.js').PageState} state */
function disable(state) {
  endWait(state);
  state.options = undefined;
  state.renewal?.end();
  state.renewal = undefined;
  watch(state, false);
  state.push?.end();
}

/**
 * @param {import('./page-state.js').PageState} state
 * @param {unknown} isWanted whether to write a line to the console for each decision
 */
function watch(state, isWanted) {
  void state.watch?.then((end) => end?.());
  state.watch = isWanted
    ? import('../inspect/index.js').then(
        ({ watchWorker }) => watchWorker({ debug: true }),
        () => {},
      )
    : undefined;
}

/**
 * @param {ServiceWorkerContainer} container
 * @param {import('./page-state.js').PageState} state
 * @param {ReturnType<typeof handlerFor>} handler
 */
function replyToAsks(container, state, handler) {
  // One listener: two would give two final replies.
  const isFirst = !state.handler;
  if (isFirst) container.addEventListener('message', (event) => state.options && void state.handler?.(event));
  state.handler = handler;
  // Otherwise messages queue until DOMContentLoaded, and asks for images come long before:
  // https://w3c.github.io/ServiceWorker/#navigator-service-worker-startMessages
  container.startMessages?.();
  const early = takeEarlyAsks(container);
  // The worker has these tokens from storage. Once storage has them no more, they are taken back. When the page registers
  // again, they may be those of an earlier user.
  if (isFirst) state.epoch.log.addEarly(early.told);
  state.push?.failures.takeEarly(early);
  for (const [event, isPending] of early) void handler(event, isPending);
}
