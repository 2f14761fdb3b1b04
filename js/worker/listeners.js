// Makes facts of the core from the events of the service worker. The listeners are added during the first evaluation of
// the script, as the platform requires: https://w3c.github.io/ServiceWorker/#service-worker-script-request
import { allowsWasm } from './any-core.js';
import { AskChannels } from './ask-channels.js';
import { ClientNumbers } from './client-numbers.js';
import { CoreRunner } from './core-runner.js';
import { DecisionLog } from './decision-log.js';
import { createEffects } from './effects.js';
import { shimOptions } from './options.js';
import { StateKeeper } from './state-keeper.js';
import { RequestLedger } from './request-ledger.js';
import { routePast } from './routes.js';
import { Schemes } from './schemes.js';
import { SitePolicy } from '../site-policy.js';
import { infoOf, isFromApp } from './request-info.js';

/** @typedef {import('./options.js').Options} Options */
/**
 * @typedef {ServiceWorkerGlobalScope & {
 *   createCoreModule: () => import('../core.js').CoreModule,
 *   authServiceWorkerOptions?: Options,
 * }} Scope
 */

/**
 * Adds the listeners of the auth service worker. A listener that responds to a fetch event stops its dispatch. So
 * this listener does not see an event that an earlier listener has responded to.
 * @param {ServiceWorkerGlobalScope} scope
 * @param {() => import('../core.js').CoreModule} createCoreModule
 * @param {Options | null} [options]
 * @returns {(event: FetchEvent) => void} what the fetch listener does
 */
export function listen(scope, createCoreModule, options) {
  const clients = new ClientNumbers(scope.clients);
  const requests = new RequestLedger();
  /** @type {Map<number, ExtendableMessageEvent>} */
  const messages = new Map();
  let lastMessage = 0;

  const core = new CoreRunner(createCoreModule, { ...options, keepsState: true, scriptURL: scope.location.href });
  const state = new StateKeeper(scope, core, clients);
  const channels = new AskChannels(core, clients);
  const schemes = new Schemes(options?.authorization);
  const log = new DecisionLog();
  if (options?.debug === true) log.keep();
  const effects = createEffects({
    scope,
    core,
    clients,
    channels,
    requests,
    schemes,
    state,
    log,
    options: shimOptions(options),
    messages,
  });
  core.effects = effects;
  core.onBirth = () => state.begin();
  core.onDeath = () => {
    effects.forgetTokens();
    channels.closeAll();
    // Now nobody knows whose responses are in the cache, so the requests revalidate.
    requests.releaseAll((id) => effects.fetch(id, 0, 1));
  };
  // If another worker has imported this one, that worker decides when to take over.
  scope.addEventListener('install', (event) => {
    state.installs();
    // If the core without WebAssembly is needed, it must be imported now: see any-core.js.
    if (!allowsWasm()) core.start();
    if (!options?.standalone) return;
    void scope.skipWaiting();
    void routePast(event);
  });
  scope.addEventListener('activate', (event) => {
    state.activates();
    if (!options?.standalone) return;
    // To make a core takes long. So it is made before the first request, but after pages are taken over.
    event.waitUntil(scope.clients.claim().finally(() => core.start()));
  });

  scope.addEventListener('message', (event) => {
    const id = event.ports.length > 0 ? ++lastMessage : 0;
    if (id) messages.set(id, event);
    state.retry();
    core.message(id, clients.numberOf(event.source), event.data);
    messages.delete(id);
    state.keepAlive(event);
  });

  /** The worker's policies that have forbidden a part of a host, by their texts. @type {Map<string, SitePolicy>} */
  const pathPolicies = new Map();
  // WebKit does not send this event.
  scope.addEventListener('securitypolicyviolation', (event) => {
    const { blockedURI, disposition, effectiveDirective, originalPolicy } =
      /** @type {SecurityPolicyViolationEvent} */ (event);
    if (effectiveDirective !== 'connect-src' || disposition !== 'enforce' || !/^https?:/.test(blockedURI)) return;
    // A policy may forbid some paths of a host. And when it forbids the target of a redirect, `blockedURI` is the URL
    // of the request, which it may allow: https://w3c.github.io/webappsec-csp/#create-violation-for-request
    const policy = new SitePolicy(originalPolicy, scope.location.origin);
    if (policy.allowsSomeOf(effectiveDirective, blockedURI)) pathPolicies.set(originalPolicy, policy);
    else core.hostForbidden(blockedURI);
  });

  const authorizesNavigations = options?.authorizesNavigations === true;
  const heardFetch = (/** @type {FetchEvent} */ event) => {
    const { request } = event;
    state.noteActive();
    const began = () => core.clientBegan(clients.numberOfId(event.resultingClientId));
    // A new core leaves a navigation alone that no page of the app began (cpp/core/core.h). So if such a navigation
    // starts the worker, it need not wait for the core. The core is made while the page loads.
    if (core.isUnborn && request.destination === 'document' && !isFromApp(request) && !authorizesNavigations) {
      setTimeout(began, 0);
      if (log.isOn) log.end(log.begin(event, 'fromOutside'));
      return;
    }
    if (request.mode === 'navigate') began();
    if (!core.start()) return;
    const info = infoOf(request, core.names, schemes.headers);
    const isForbidden =
      pathPolicies.size > 0 && [...pathPolicies.values()].some((policy) => !policy.allows('connect-src', request.url));
    const token = isForbidden ? 0 : core.decide(request.url, info);
    const client = token < 0 || log.isOn ? clients.numberOfId(event.clientId) : 0;
    const decision = log.isOn
      ? log.begin(event, isForbidden ? 'forbiddenHost' : core.ruleOf(client, request.url, info))
      : undefined;
    if (token === 0) {
      log.end(decision);
    } else {
      const id = requests.add(event, info, decision);
      if (token > 0) effects.fetch(id, token);
      else core.request(id, client, request.url, info);
    }
    // Otherwise the numbers of clients whose requests are all left alone would pile up.
    if (client && core.isForgotten(client)) clients.forget(client);
  };
  if (options?.answersRequests !== false) scope.addEventListener('fetch', heardFetch);
  return heardFetch;
}
