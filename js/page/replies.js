// Answers the worker's asks.
import { emptyReply, pendingReply, REQUEST_REALM_TOKEN, setRealmToken, tokenReply, withAllTokens } from '../protocol.js';
import { stateOf } from './page-state.js';
import { Refresher } from './refresher.js';
import { isFromOwnWorker } from './sender.js';
import { containerOf } from './support.js';
import { readTokens } from './tokens.js';
import { tokenFinder } from './token-finder.js';
import { hasShownVersion2, noteVersion2 } from './version-2.js';
import { within } from './within.js';

/**
 * All that happens before `pending` or an answer without it. The worker waits 200 ms from the fetch
 * event on, and has used some of them when its question arrives.
 */
const READ_CAP_MS = 150;
/** When tokens take this long and a refresh is possible, `pending` is sent while it is in time. */
const SLOW_READ_MS = 100;
/** The app's word on whether a refresh is possible. */
const GATE_CAP_MS = READ_CAP_MS - SLOW_READ_MS;
/** With the longest refresh still below the worker's 3000 ms. */
const REREAD_CAP_MS = 100;

/** In characters, so that the whole reply is within the 4 MiB of cpp/bounds.h. */
const MAX_TOKENS_LENGTH = 4e6;

/** @type {import('../protocol.js').Reason} */
const MISSING = 'missing';

/**
 * The parts of a MessageEvent that are read.
 * @typedef {object} TokenRequestEvent
 * @property {any} data
 * @property {ReadonlyArray<Pick<MessagePort, 'postMessage'>>} [ports]
 * @property {unknown} [source]
 */
/**
 * Settles when the ask is answered. Never rejects.
 * @typedef {(event: TokenRequestEvent) => Promise<void>} TokenRequestHandler
 */
/** @typedef {ReturnType<typeof tokenReply> | ReturnType<typeof emptyReply> | ReturnType<typeof pendingReply>} Reply */

/**
 * A listener for `message` events of `navigator.serviceWorker`. Every ask gets exactly one final
 * reply, with at most one `pending` before it; everything else is ignored.
 * @param {import('./options.js').AuthServiceWorkerOptions} [options]
 * @returns {TokenRequestHandler}
 */
export function createTokenRequestHandler(options) {
  return handlerFor(options ?? {}, containerOf(options?.navigator));
}

/**
 * @param {import('./options.js').AuthServiceWorkerOptions} options
 * @param {ServiceWorkerContainer | undefined} container
 * @param {(isForgotten: boolean) => void} [onAnswered] called after each answer; `isForgotten`: a worker of version
 *   2 asked as one that does not know the page
 * @returns {(event: TokenRequestEvent, isPending?: boolean) => Promise<void>} a TokenRequestHandler, which also
 *   takes asks that have got their `pending`
 */
export function handlerFor(options, container, onAnswered = (_) => {}) {
  const { told } = stateOf(container);
  const find = tokenFinder(options);
  const refresher = new Refresher(options, told);

  /**
   * @param {URL} url
   * @param {Reading} reading
   * @param {boolean} isSuspect the worker could not use the token it had for the URL
   * @param {() => boolean} postPending returns whether it could be posted
   * @returns {Promise<Reply>} the final one
   */
  const answer = async (url, reading, isSuspect, postPending) => {
    const lookUp = async () => find((reading.tokens = await readTokens(options)), url);
    /** @param {import('./token-finder.js').Found} found */
    const isNew = (found) => !isSuspect || told.tokenOf(found.realmURL) !== found.token;
    const read = within(READ_CAP_MS, lookUp());
    const early = await within(SLOW_READ_MS, read);
    if (early && isNew(early)) return tokenReply(early.realmURL, early.token);

    const realmURL = await within(GATE_CAP_MS, refresher.realmToRefresh(url));
    reading.isComplete = realmURL === null;
    const canRefresh = realmURL && postPending();
    const late = await read;
    if (late && (!canRefresh || isNew(late))) return tokenReply(late.realmURL, late.token);
    if (!canRefresh) return emptyReply();
    const token = await refresher.refresh(realmURL);
    // The refresh has changed them, or time has.
    if (reading.isWanted) reading.tokens = await within(REREAD_CAP_MS, (async () => readTokens(options))());
    return token ? tokenReply(realmURL, token) : emptyReply();
  };

  return async (event, isPending) => {
    const port = askedOn(event, container, options.workerURL);
    if (!port) return;
    const { requestURL, protocol, reason } = event.data;
    if (protocol >= 2) noteVersion2(event.source);
    const isForgotten = !protocol && hasShownVersion2(event.source);
    const mender = stateOf(container).push?.mender;
    mender?.asked();
    /** @type {Reading} */
    const reading = { isWanted: protocol >= 2 || isForgotten };
    /** @param {Reply} reply */
    const post = (reply) => {
      try {
        port.postMessage(withReading(reply, reading));
        return true;
      } catch {
        return false;
      }
    };
    /** @type {Reply} */
    let reply = emptyReply();
    try {
      reply = await answer(new URL(requestURL), reading, !!reason && reason !== MISSING, () => isPending || post(pendingReply()));
    } catch {
      // Not a URL: nothing has a token for it.
    }
    post(reply);
    told.addTokens(reading.isWanted ? reading.tokens : undefined);
    if ('token' in reply) told.add(setRealmToken(reply.realmURL, reply.token));
    onAnswered(isForgotten);
    // Knows the realm now.
    mender?.answered('token' in reply);
  };
}

/**
 * The app's tokens, for an ask.
 * @typedef {object} Reading
 * @property {boolean} isWanted by an asker of version 2
 * @property {import('./tokens.js').Read} [tokens] undefined: not read yet, or not to be read
 * @property {boolean} [isComplete] no refresh can bring others
 */

/**
 * @param {Reply} reply
 * @param {Reading} reading
 */
function withReading(reply, { isWanted, tokens, isComplete = false }) {
  if (!isWanted || tokens === undefined || JSON.stringify(tokens).length > MAX_TOKENS_LENGTH) return reply;
  return withAllTokens(reply, 'token' in reply ? { ...tokens, [reply.realmURL]: reply.token } : { ...tokens }, isComplete);
}

/**
 * @param {TokenRequestEvent} event
 * @param {ServiceWorkerContainer | undefined} container
 * @param {string | URL | undefined} workerURL
 * @returns {Pick<MessagePort, 'postMessage'> | undefined} the port of an ask; undefined for anything else
 */
function askedOn(event, container, workerURL) {
  try {
    if (event.data?.type !== REQUEST_REALM_TOKEN || !isFromOwnWorker(event, container, workerURL)) return undefined;
    return event.ports?.[0];
  } catch {
    return undefined;
  }
}
