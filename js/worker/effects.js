// Carries out the orders of the core. There is one function per order; its name and its numbers are those of OrderKind
// in cpp/base/step.h.
import { ack, helloReply, statsReply } from '../protocol.js';
import { Counts, isUnauthorised } from './counts.js';
import { note } from './decision-log.js';
import { authedRequest, isEventStream, isPartial, revalidatingRequest, send } from './authed-request.js';
import { responseBits, IS_ELSEWHERE, IS_RETRY } from './request-info.js';
import { warningTexts } from './warning-texts.js';

/** These two are of Response in cpp/base/step.h. */
const NETWORK_ERROR = 0;
const NO_STATUS = -1;

/**
 * @param {object} parts
 * @param {ServiceWorkerGlobalScope} parts.scope
 * @param {import('./core-runner.js').CoreRunner} parts.core
 * @param {import('./client-numbers.js').ClientNumbers} parts.clients
 * @param {import('./ask-channels.js').AskChannels} parts.channels
 * @param {import('./request-ledger.js').RequestLedger} parts.requests
 * @param {import('./schemes.js').Schemes} parts.schemes
 * @param {import('./state-keeper.js').StateKeeper} parts.state
 * @param {import('./decision-log.js').DecisionLog} parts.log
 * @param {import('./options.js').Options} parts.options
 * @param {Map<number, ExtendableMessageEvent>} parts.messages the messages being handled that have a port
 */
export function createEffects(parts) {
  const { scope, core, clients, channels, requests, schemes, state, log, messages } = parts;
  const { abortsOldFetches, credentials, refusesRedirects } = parts.options;
  const fetch = (/** @type {Request} */ request) => scope.fetch(request);
  const counts = new Counts();
  /**
   * The realm of each token, and the headers that carry it.
   * @type {Map<number, {realmURL: string, headers: import('./schemes.js').Header[]}>}
   */
  const authorizations = new Map();

  /** @param {number} token */
  const authorizationOf = (token) => {
    let authorization = authorizations.get(token);
    if (!authorization) {
      const realmURL = core.realmOfToken(token);
      authorization = { realmURL, headers: schemes.headersFor(realmURL, core.textOfToken(token)) };
      authorizations.set(token, authorization);
    }
    return authorization;
  };

  /**
   * @param {number} id
   * @param {number} token 0 for none
   * @param {boolean} revalidates
   * @param {boolean} isElsewhere whether to request the URL where the redirects of the previous response ended
   */
  const fetchAnew = (id, token, revalidates, isElsewhere) => {
    const entry = requests.promise(id);
    if (!entry) return;
    const { request, clientId } = entry.event;
    if (token) ++counts.sent;
    if (entry.outcome) {
      ++counts.retried;
      entry.info |= IS_RETRY;
    }
    const authorization = token ? authorizationOf(token) : undefined;
    if (authorization) entry.realmURL = authorization.realmURL;
    note(entry.decision, 'sent', authorization?.realmURL ?? '');
    const info = entry.info | (isElsewhere ? IS_ELSEWHERE : 0);
    const url = isElsewhere ? entry.endedAt : request.url;
    let { signal } = request;
    if (abortsOldFetches) {
      const abort = new AbortController();
      const follow = () => abort.abort(request.signal.reason);
      if (request.signal.aborted) follow();
      else request.signal.addEventListener('abort', follow);
      entry.abort = abort;
      signal = abort.signal;
    }
    entry.token = token;
    const sent = authedRequest(request, {
      url,
      authorization: authorization?.headers,
      revalidates,
      refusesRedirects,
      credentials,
      signal,
    });
    entry.outcome = send(fetch, sent);
    /** @param {number} status @param {number} bits of the response */
    const report = (status, bits) => {
      // If the core has died since, it has released the request, and nobody waits for its response.
      if (requests.get(id) !== entry) return;
      entry.status = status;
      if (isUnauthorised(status)) ++counts.refused;
      if (status === NETWORK_ERROR) ++counts.failed;
      note(entry.decision, 'answered', status);
      core.response(id, clients.numberOfId(clientId), url, token, info, status, bits, entry.endedAt);
      state.keepAlive(entry.event);
    };
    entry.outcome.then(
      (response) => {
        entry.endedAt = response.redirected ? response.url : '';
        // A redirect that the page follows itself has no status.
        report(response.status || NO_STATUS, responseBits(sent.cache, response));
      },
      () => {
        entry.endedAt = '';
        report(signal.aborted ? NO_STATUS : NETWORK_ERROR, 0);
      },
    );
  };

  /**
   * Sends a request as the browser would, or nearly so.
   * @param {Request} original
   * @param {boolean} revalidates
   */
  const fetchPlain = (original, revalidates) => {
    try {
      // WebKit adds Cache-Control to an event stream's request. Sent unchanged, it would need a preflight.
      if (isEventStream(original)) return send(fetch, authedRequest(original, {}));
      if (revalidates && isPartial(original)) {
        return fetch(authedRequest(original, { revalidates, refusesRedirects, credentials })).catch(() =>
          fetch(revalidatingRequest(original)),
        );
      }
      if (revalidates) return fetch(revalidatingRequest(original));
    } catch (error) {
      console.error('auth-service-worker: could not change a request.', error);
    }
    return fetch(original);
  };

  /** The claim being carried out. @type {Promise<void>} */
  let claiming = Promise.resolve();

  /** @param {number} message @param {object} reply */
  const post = (message, reply) => messages.get(message)?.ports[0].postMessage(reply);

  return /** @satisfies {import('./core-runner.js').Effects} */ ({
    leaveAlone(request) {
      log.end(requests.get(request)?.decision);
      requests.drop(request);
    },

    hold: (request) => void requests.promise(request),

    /** @param {number} request @param {number} token @param {number} [revalidates] @param {number} [elsewhere] */
    fetch(request, token, revalidates = 0, elsewhere = 0) {
      const entry = requests.get(request);
      if (!entry) return;
      // Nobody reads the previous response. Unless it has arrived as a whole, it would keep one of the few connections.
      void entry.outcome?.then(({ body }) => body?.cancel()).catch(() => {});
      try {
        if (token || elsewhere) return fetchAnew(request, token, revalidates !== 0, elsewhere !== 0);
      } catch (error) {
        console.error('auth-service-worker: could not send a request with its token.', error);
      }
      note(entry.decision, 'sent', '');
      log.end(entry.decision);
      requests.respond(request, fetchPlain(entry.event.request, revalidates !== 0));
    },

    respond(request) {
      const entry = requests.get(request);
      if (!entry?.outcome) return;
      const { event, outcome, status, realmURL, info } = entry;
      requests.respond(request, outcome);
      log.end(entry.decision);
      counts.settled(entry);
      if (isUnauthorised(status)) log.unauthorised(event, realmURL, (info & IS_RETRY) !== 0);
    },

    findClients(ask, request) {
      channels.open(ask, requests.get(request)?.event.request.url);
      clients.findAll().then(
        (found) => core.clientsFound(ask, found),
        () => core.clientsFound(ask, []),
      );
    },

    askClient(ask, client, request, reason) {
      note(requests.get(request)?.decision, 'asked', core.names.reasons[reason]);
      channels.open(ask, requests.get(request)?.event.request.url);
      channels.ask(ask, client, core.names.reasons[reason]);
    },

    askToRefresh(ask, client, request, reason) {
      ++counts.refreshes;
      note(requests.get(request)?.decision, 'asked', core.names.reasons[reason]);
      channels.ask(ask, client, core.names.reasons[reason], true);
    },

    closeAsk: (ask) => channels.close(ask),

    forgetClient: (client) => clients.forget(client),

    forgetTokens: () => authorizations.clear(),

    abortFetches: (token) => requests.abortUpTo(token),

    saveState: () => state.save(),

    claim() {
      claiming = scope.clients.claim();
    },

    sendHello: (message) => post(message, helloReply()),

    acknowledge(message) {
      const event = messages.get(message);
      const { life } = core;
      // Nothing is acknowledged if the claim failed, the core has died since, or the state could not be written. Then
      // the page repeats its message.
      event?.waitUntil(
        Promise.all([claiming, state.saved]).then(
          () => core.life === life && !state.hasFailed && event.ports[0].postMessage(ack()),
          () => {},
        ),
      );
      claiming = Promise.resolve();
    },

    sendStats(message) {
      const { data, source } = messages.get(message) ?? {};
      const isWatched = data?.decisions === true;
      if (isWatched) log.keep(data.keepMs);
      const { kept, rules } = log;
      const counted = { startedAt: performance.timeOrigin, ...core.stats(), ...counts, requests: requests.size };
      const watched = isWatched && { decisions: kept, rules, places: core.places() };
      post(message, statsReply(counted, /** @type {Client | undefined} */ (source)?.id, watched));
    },

    warn: (warning) => console.warn(`auth-service-worker: ${warningTexts[core.names.warnings[warning]]}`),
  });
}
