// Events of the service worker become facts of the core. Registered during the first evaluation of
// the script, as the platform requires: https://w3c.github.io/ServiceWorker/#service-worker-script-request
import { allowsWasm } from './any-core.js';
import { AskChannels } from './ask-channels.js';
import { ClientNumbers } from './client-numbers.js';
import { CoreRunner } from './core-runner.js';
import { createEffects } from './effects.js';
import { StateStore } from './state-store.js';
import { RequestLedger } from './request-ledger.js';
import { routePast } from './routes.js';
import { traitsReader } from './traits.js';

/**
 * @typedef {object} Options
 * @property {boolean} [askUnknownHosts] ask the page about origins that never had a realm, too
 * @property {boolean} [abortsOldFetches] abort, after a change of user, what is in flight for the user before
 * @property {boolean} [refusesRedirects] a token request that is redirected fails, and what may go out without a
 *   token does so: for realms whose server redirects to places of its origin that must not see the token
 * @property {boolean} [debug] warn, once each, of messages and replies that were ignored
 */
/**
 * @typedef {ServiceWorkerGlobalScope & {
 *   createAuthCore: () => import('../core.js').Core,
 *   authServiceWorkerOptions?: Options,
 * }} Scope
 */

/**
 * Makes the scope an auth service worker.
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

  const core = new CoreRunner(createAuthCore, { ...options, keepsState: true });
  const store = new StateStore();
  const channels = new AskChannels(core, clients);
  const refusesRedirects = options?.refusesRedirects === true;
  const abortsOldFetches = options?.abortsOldFetches === true;
  core.effects = createEffects({ scope, core, clients, channels, requests, store, refusesRedirects, abortsOldFetches, messages });
  core.onBirth = () => void store.load().then((saved) => core.stateLoaded(saved));
  core.onDeath = () => {
    core.effects.forgetTokens(0, 0, 0, 0);
    channels.closeAll();
    requests.releaseAll();
  };
  // Where the other script must be imported instead, it must be now: any-core.js.
  if (!allowsWasm()) core.start();
  const readTraits = traitsReader(core);

  scope.addEventListener('install', (event) => {
    void scope.skipWaiting();
    routePast(event, core.methods());
  });
  scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));

  scope.addEventListener('message', (event) => {
    const id = event.ports.length > 0 ? ++lastMessage : 0;
    if (id) messages.set(id, event);
    core.message(id, clients.numberOf(event.source), event.data);
    messages.delete(id);
  });

  scope.addEventListener('fetch', (event) => {
    const { request } = event;
    // A new core leaves navigations alone (cpp/core.h): the one that starts the worker need not wait until it is
    // made, which happens while the page is on its way.
    if (core.isUnborn && request.mode === 'navigate') {
      setTimeout(() => core.start(), 0);
      return;
    }
    const traits = readTraits(request);
    const token = core.decide(request.url, traits);
    if (token === 0) return;
    const id = requests.add(event, traits);
    if (token > 0) core.carryOut('fetch', id, token);
    else core.request(id, clients.numberOfId(event.clientId), request.url, traits);
  });
}
