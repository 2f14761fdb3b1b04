// What each order of the core does to the platform: one function per order, by the names and with
// the numbers of OrderKind in cpp/step.h.
import { ack, helloAnswer } from '../protocol.js';
import { authedRequest, isEventStream, revalidatingRequest, send } from './authed-request.js';
import { answerBits, IS_ELSEWHERE, IS_RETRY } from './traits.js';
import { warningTexts } from './warning-texts.js';

/** Of Answer in cpp/step.h. */
const NETWORK_ERROR = 0;
const NOT_TOLD = -1;

/**
 * @param {object} parts
 * @param {ServiceWorkerGlobalScope} parts.scope
 * @param {import('./core-runner.js').CoreRunner} parts.core
 * @param {import('./client-numbers.js').ClientNumbers} parts.clients
 * @param {import('./ask-channels.js').AskChannels} parts.channels
 * @param {import('./request-ledger.js').RequestLedger} parts.requests
 * @param {import('./schemes.js').Schemes} parts.schemes
 * @param {import('./state-keeper.js').StateKeeper} parts.state
 * @param {import('./options.js').Options} parts.options
 * @param {Map<number, ExtendableMessageEvent>} parts.messages those being handled, that brought a port
 * @returns {import('./core-runner.js').Effects}
 */
export function createEffects(parts) {
  const { scope, core, clients, channels, requests, schemes, state, messages } = parts;
  const { abortsOldFetches, credentials, refusesRedirects } = parts.options;
  const fetch = (/** @type {Request} */ request) => scope.fetch(request);
  /** The headers with a token. @type {Map<number, import('./schemes.js').Header[]>} */
  const authorizations = new Map();

  /** @param {number} token */
  const authorizationOf = (token) => {
    let headers = authorizations.get(token);
    if (!headers) {
      headers = schemes.headersFor(...core.realmToken(token));
      authorizations.set(token, headers);
    }
    return headers;
  };

  /**
   * @param {number} id
   * @param {number} token 0 for none
   * @param {boolean} revalidates
   * @param {boolean} isElsewhere where the answer before ended
   */
  const fetchAnew = (id, token, revalidates, isElsewhere) => {
    const entry = requests.promise(id);
    if (!entry) return;
    const { request, clientId } = entry.event;
    const traits = entry.traits | (entry.outcome ? IS_RETRY : 0) | (isElsewhere ? IS_ELSEWHERE : 0);
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
      authorization: token ? authorizationOf(token) : undefined,
      revalidates,
      refusesRedirects,
      credentials,
      signal,
    });
    entry.outcome = send(fetch, sent);
    /** @param {number} status @param {number} bits of the answer */
    const report = (status, bits) => {
      // A core that has died since, or an abort, released the request: nobody waits for its answer.
      if (requests.get(id) !== entry) return;
      core.response(id, clients.numberOfId(clientId), url, token, traits, status, bits, entry.endedAt);
      state.keepAlive(entry.event);
    };
    entry.outcome.then(
      (response) => {
        entry.endedAt = response.redirected ? response.url : '';
        // A redirect that the page follows itself has no status.
        report(response.status || NOT_TOLD, answerBits(sent.cache, response));
      },
      () => {
        entry.endedAt = '';
        report(signal.aborted ? NOT_TOLD : NETWORK_ERROR, 0);
      },
    );
  };

  /**
   * As the browser would send it, or nearly so.
   * @param {Request} original
   * @param {boolean} revalidates
   */
  const fetchPlain = (original, revalidates) => {
    try {
      // As it is, WebKit's needs a preflight for its Cache-Control.
      if (isEventStream(original)) return send(fetch, authedRequest(original, {}));
      if (revalidates) return fetch(revalidatingRequest(original));
    } catch (error) {
      console.error('auth-service-worker: could not send a request in another way than the browser.', error);
    }
    return fetch(original);
  };

  /** The claim being carried out. @type {Promise<void>} */
  let claiming = Promise.resolve();

  /** @param {number} message @param {object} answer */
  const post = (message, answer) => messages.get(message)?.ports[0].postMessage(answer);

  return {
    leaveAlone: (request) => requests.drop(request),

    hold: (request) => void requests.promise(request),

    fetch(request, token, revalidates, elsewhere) {
      const entry = requests.get(request);
      if (!entry) return;
      try {
        if (token || elsewhere) return fetchAnew(request, token, revalidates !== 0, elsewhere !== 0);
      } catch (error) {
        console.error('auth-service-worker: could not send a request with its token.', error);
      }
      requests.answer(request, fetchPlain(entry.event.request, revalidates !== 0));
    },

    settle(request) {
      const outcome = requests.get(request)?.outcome;
      if (outcome) requests.answer(request, outcome);
    },

    findClients(ask, request) {
      channels.open(ask, requests.get(request)?.event.request.url);
      clients.findAll().then(
        (found) => core.clientsFound(ask, found),
        () => core.clientsFound(ask, []),
      );
    },

    askClient(ask, client, request, reason) {
      channels.open(ask, requests.get(request)?.event.request.url);
      channels.ask(ask, client, core.reasonName(reason));
    },

    closeAsk: (ask) => channels.close(ask),

    forgetClient: (client) => clients.forget(client),

    forgetTokens: () => authorizations.clear(),

    abortFetches: (token) => requests.abortUpTo(token),

    saveState: () => state.save(),

    claim() {
      claiming = scope.clients.claim();
    },

    answerHello: (message) => post(message, helloAnswer()),

    acknowledge(message) {
      const event = messages.get(message);
      // A claim that failed is not: the page asks again.
      event?.waitUntil(
        Promise.all([claiming, state.saved]).then(
          () => event.ports[0].postMessage(ack()),
          () => {},
        ),
      );
      claiming = Promise.resolve();
    },

    sendStats: (message) => post(message, { ...core.stats(), requests: requests.size }),

    warn: (warning) => console.warn(`auth-service-worker: ${warningTexts[core.warningName(warning)]}`),
  };
}
