// Events of the service worker become facts of the core. Registered during the first evaluation of
// the script, as the platform requires: https://w3c.github.io/ServiceWorker/#service-worker-script-request
import { allowsWasm } from './any-core.js';
import { AskChannels } from './ask-channels.js';
import { ClientNumbers } from './client-numbers.js';
import { CoreRunner } from './core-runner.js';
import { createEffects } from './effects.js';
import { shimOptions } from './options.js';
import { StateStore } from './state-store.js';
import { RequestLedger } from './request-ledger.js';
import { routePast } from './routes.js';
import { traitsReader } from './traits.js';

/** @typedef {import('./options.js').Options} Options */
/**
 * @typedef {ServiceWorkerGlobalScope & {
 *   createAuthCore: () => import('../core.js').Core,
 *   authServiceWorkerOptions?: Options,
 * }} Scope
 */

/**
 * Adds what an auth service worker hears. A listener that answers a fetch event ends its dispatch, so ours hears of none
 * that another one has answered.
 * @param {ServiceWorkerGlobalScope} scope
 * @param {() => import('../core.js').Core} createAuthCore
 * @param {Options | null} [options]
 */
export function listen(scope, createAuthCore, options) {
  const clients = new ClientNumbers(scope.clients);
  const requests = new RequestLedger(scope);
  /** @type {Map<number, ExtendableMessageEvent>} */
  const messages = new Map();
  let lastMessage = 0;

  const core = new CoreRunner(createAuthCore, { ...options, keepsState: true, scriptURL: scope.location.href });
  const store = new StateStore(scope.registration.scope);
  const channels = new AskChannels(core, clients);
  /** Whether what was saved has been asked for by this core. */
  let isRead = false;
  /** The reading of it. @type {Promise<void> | undefined} */
  let reading;
  const readState = () => {
    isRead = true;
    const thisReading = store.load().then(
      (state) => core.stateLoaded(state),
      () => core.stateUnavailable(),
    );
    reading = thisReading;
    return thisReading.then(() => {
      if (reading === thisReading) reading = undefined;
    });
  };
  /** What is heard before the saved state is read is written afterwards. */
  const saved = () => (reading || store.written ? patiently(Promise.resolve(reading).then(() => store.written)) : undefined);
  /** @param {ExtendableEvent} event */
  const keepAlive = (event) => {
    const all = saved();
    if (all) event.waitUntil(all);
  };
  let isInstalling = false;
  /** While this version waits, the one before it goes on and saves. */
  const isWaiting = () => isInstalling || ['installing', 'installed'].includes(scope.serviceWorker?.state);
  core.effects = createEffects({ scope, core, clients, channels, requests, store, options: shimOptions(options), messages, saved, keepAlive });
  core.onBirth = () => {
    isRead = false;
    if (!isWaiting()) void readState();
  };
  core.onDeath = () => {
    core.effects.forgetTokens(0, 0, 0, 0);
    channels.closeAll();
    requests.releaseAll();
  };
  // Where the other script must be imported instead, it must be now: any-core.js.
  if (!allowsWasm()) core.start();
  const readTraits = traitsReader(core);

  // Inside another worker these are that one's to decide.
  if (options?.standalone) {
    scope.addEventListener('install', (event) => {
      isInstalling = true;
      void scope.skipWaiting();
      routePast(event, core.methods());
    });
    scope.addEventListener('activate', (event) => {
      isInstalling = false;
      event.waitUntil(scope.clients.claim());
      // What was read before may be of a user who has logged out meanwhile.
      if (!core.isUnborn) event.waitUntil(readState());
    });
  }

  scope.addEventListener('message', (event) => {
    const id = event.ports.length > 0 ? ++lastMessage : 0;
    if (id) messages.set(id, event);
    core.message(id, clients.numberOf(event.source), event.data);
    messages.delete(id);
    keepAlive(event);
  });

  // Of the worker's own policy. WebKit says nothing of it.
  scope.addEventListener('securitypolicyviolation', (event) => {
    const { blockedURI, disposition, effectiveDirective } = /** @type {SecurityPolicyViolationEvent} */ (event);
    if (effectiveDirective === 'connect-src' && disposition === 'enforce') core.hostForbidden(blockedURI);
  });

  scope.addEventListener('fetch', (event) => {
    const { request } = event;
    if (!isRead && !core.isUnborn) void readState();
    const began = () => core.clientBegan(clients.numberOfId(event.resultingClientId));
    // A new core leaves pages alone (cpp/core.h): the one that starts the worker need not wait until it is made, which
    // happens while the page is on its way.
    if (core.isUnborn && request.destination === 'document') {
      setTimeout(began, 0);
      return;
    }
    if (request.mode === 'navigate') began();
    const traits = readTraits(request);
    const token = core.decide(request.url, traits);
    if (token === 0) return;
    const id = requests.add(event, traits);
    if (token > 0) core.carryOut('fetch', id, token);
    else core.request(id, clients.numberOfId(event.clientId), request.url, traits);
  });
}

/** How long a page, or the browser, waits at most for what is saved: storage may hang. */
const PATIENCE_MS = 1000;

/** @param {Promise<unknown>} promise which never rejects @returns {Promise<void>} settles with it, or when it takes too long */
function patiently(promise) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    void promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
