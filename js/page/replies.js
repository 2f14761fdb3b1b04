// Answers the worker's asks.
import { emptyReply, noTokenReply, pendingReply, REQUEST_REALM_TOKEN, setRealmToken, tokenReply, withAllTokens } from '../protocol.js';
import { scriptURLOf } from './own-workers.js';
import { stateOf } from './page-state.js';
import { explainMiss, realmOfURL } from './realm-of-url.js';
import { Refresher } from './refresher.js';
import { containerOf } from './support.js';
import { clearTimeout, elapsed, setTimeout } from './timers.js';
import { readTokens } from './tokens.js';
import { tokenFinder } from './token-finder.js';
import { hasShownVersion2, noteVersion2 } from './version-2.js';
import { within } from './within.js';

// All from when the ask arrives. The worker waits 200 ms from the fetch event on, and has used some of them by then;
// after `pending`, 3000 ms.

/** For tokens that take longer than this, those that were read last answer. */
const SLOW_READ_MS = 80;
/** When something is still running, the worker is told. */
const PENDING_MS = 100;
/** The app's word on whether and for which realm a refresh is possible. */
const GATE_CAP_MS = 1000;
/** Where a refresh may follow, the tokens' read leaves it as much. */
const READ_CAP_MS = 1400;
const ANSWER_CAP_MS = 2800;
/** At the end of a refresh. */
const REREAD_CAP_MS = 100;

/** In characters, so that the whole reply is within the 4 MiB of cpp/bounds.h. */
const MAX_TOKENS_LENGTH = 4e6;

/** The worker had a token for the URL, and could not use it. @type {unknown[]} */
const SUSPECT = /** @type {import('../protocol.js').Reason[]} */ (['expired', 'rejected']);

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
/** @typedef {ReturnType<typeof tokenReply> | ReturnType<typeof noTokenReply> | ReturnType<typeof emptyReply> | ReturnType<typeof pendingReply>} Reply */
/** @typedef {import('./token-finder.js').Found} Found */
/**
 * @typedef {object} Ask
 * @property {URL} url
 * @property {unknown} hint the realm the worker names
 * @property {boolean} isSuspect the worker could not use the token it had for the URL
 * @property {boolean} isVersion2 of a worker that takes all tokens
 * @property {() => boolean} pend says that an answer will follow; returns whether that could be posted
 */
/**
 * The app's tokens, for an ask.
 * @typedef {object} Reading
 * @property {import('./tokens.js').Read} [tokens] undefined: not read yet, or not to be read
 * @property {number} since of Told's `now`, when the read began
 * @property {Promise<void>} [end] of the read; may never come
 * @property {boolean} [isOver] the read
 * @property {boolean} [isComplete] no refresh can bring others
 * @property {string} [refreshed] the realm for which a new token was asked for
 */

/**
 * A listener for `message` events of `navigator.serviceWorker`. Every ask gets exactly one final
 * reply, with at most one `pending` before it; everything else is ignored.
 * @param {import('./options.js').AuthServiceWorkerOptions} [options]
 * @returns {TokenRequestHandler}
 */
export function createTokenRequestHandler(options) {
  return handlerFor(options ?? {}, stateOf(containerOf(options?.navigator)));
}

/**
 * @param {import('./options.js').AuthServiceWorkerOptions} options
 * @param {import('./page-state.js').PageState} state
 * @returns {(event: TokenRequestEvent, isPending?: boolean) => Promise<void>} a TokenRequestHandler, which also
 *   takes asks that have got their `pending`
 */
export function handlerFor(options, state) {
  const find = tokenFinder(options);
  const refresher = new Refresher(options, state, (tokens) => state.push?.tellNews(tokens));

  /**
   * @param {Ask} ask
   * @param {Reading} reading
   * @param {import('./epoch.js').Epoch} epoch
   * @returns {Promise<Found | undefined>}
   */
  const answer = async ({ url, hint, isSuspect, isVersion2, pend }, reading, epoch) => {
    const startedAt = elapsed();
    const left = (/** @type {number} */ cap) => Math.max(0, startedAt + cap - elapsed());
    const hold = epoch.holder();
    reading.end = (async () => {
      reading.tokens = await readTokens(options);
      reading.isOver = true;
      if (reading.tokens) hold(reading.tokens);
    })();
    const lookUp = reading.end.then(() => find(reading.tokens, url));
    const unlessKnown = async (/** @type {Promise<Found | undefined>} */ promise) => {
      const found = await promise;
      return found && isSuspect && epoch.told.tokenOf(found.realmURL) === found.token ? undefined : found;
    };
    const read = unlessKnown(lookUp);

    const early = await within(left(SLOW_READ_MS), read);
    if (early) return early;
    const held = !reading.isOver && epoch.held && (await within(left(PENDING_MS), unlessKnown(find(epoch.held, url))));
    if (held) return held;

    const canRefresh = await within(left(GATE_CAP_MS), refresher.isPossible());
    const late = await within(left(canRefresh ? READ_CAP_MS : ANSWER_CAP_MS), read);
    if (late) return late;
    reading.isComplete = reading.isOver && canRefresh === false;
    const known = reading.tokens ?? epoch.held;
    const realmURL = canRefresh && (await within(GATE_CAP_MS, realmOfURL(options, url, hint, known)));
    // A token that did not help is better than none.
    if (!realmURL) return within(left(ANSWER_CAP_MS), lookUp);
    if (!pend()) return undefined;
    reading.refreshed = realmURL;
    const found = await within(
      left(ANSWER_CAP_MS),
      firstOf(
        refresher.refresh(realmURL).then((token) => (token ? { realmURL, token } : undefined)),
        read,
      ),
    );
    // The refresh has changed them, or time has.
    if (isVersion2) reading.tokens = (await within(REREAD_CAP_MS, (async () => readTokens(options))())) ?? reading.tokens;
    return found;
  };

  return async (event, isPending = false) => {
    const port = askedOn(event, state.workers, options);
    if (!port || state.answered.has(port)) return;
    state.answered.add(port);
    const { epoch } = state;
    const { requestURL, protocol, reason, realmURL: hint } = event.data;
    if (protocol >= 2) noteVersion2(event.source);
    const isForgotten = !protocol && hasShownVersion2(event.source);
    const isVersion2 = protocol >= 2 || isForgotten;
    const mender = state.push?.mender;
    mender?.asked();
    /** @type {Reading} */
    const reading = { since: epoch.told.now };
    const post = (/** @type {Reply} */ reply) => {
      try {
        port.postMessage(reply);
        return true;
      } catch {
        return false;
      }
    };
    const withReading = (/** @type {Reply} */ reply) => (isVersion2 ? withTokensOf(reply, reading) : reply);
    const pend = () => (isPending ||= post(withReading(pendingReply())));
    const timer = setTimeout(epoch.guard(pend), PENDING_MS);
    /** @type {Found | undefined} */
    let found;
    try {
      const url = new URL(requestURL);
      found = await answer({ url, hint, isSuspect: SUSPECT.includes(reason), isVersion2, pend }, reading, epoch);
      if (!found) explainMiss(reading.tokens, url);
    } catch {
      // Not a URL: nothing has a token for it.
    }
    clearTimeout(timer);
    const finish = epoch.guard(() => {
      const no = isVersion2 && reading.refreshed ? noTokenReply(reading.refreshed) : emptyReply();
      post(withReading(found ? tokenReply(found.realmURL, found.token) : no));
      if (isVersion2) epoch.told.addTokens(reading.tokens, reading.since);
      if (found) epoch.told.add(setRealmToken(found.realmURL, found.token));
      state.push?.answered(isForgotten);
      if (!reading.isOver) void reading.end?.then(epoch.guard(() => state.push?.tellNews(reading.tokens ?? {}, reading.since)));
      return true;
    });
    // Whatever was found is of before.
    const isOfNow = finish();
    if (!isOfNow) post(emptyReply());
    // Knows the realm now.
    mender?.answered(!!isOfNow && !!found);
  };
}

/**
 * @template T
 * @param {Promise<T>[]} promises that never reject
 * @returns {Promise<T | undefined>} what the first of them brings that brings something
 */
const firstOf = (...promises) =>
  Promise.any(promises.map(async (promise) => (await promise) || Promise.reject())).catch(() => undefined);

/**
 * @param {Reply} reply
 * @param {Reading} reading
 */
function withTokensOf(reply, { tokens, isComplete = false }) {
  if (tokens === undefined || JSON.stringify(tokens).length > MAX_TOKENS_LENGTH) return reply;
  return withAllTokens(reply, 'token' in reply ? { ...tokens, [reply.realmURL]: reply.token } : { ...tokens }, isComplete);
}

/**
 * Other windows and frames may not ask for tokens: the port that comes with a question is theirs. Nor may a worker that
 * is not the page's own. Engines that name no source pass, since only workers of this origin reach
 * `navigator.serviceWorker`.
 * @param {TokenRequestEvent} event
 * @param {import('./own-workers.js').OwnWorkers} workers
 * @param {import('./options.js').AuthServiceWorkerOptions} options
 * @returns {Pick<MessagePort, 'postMessage'> | undefined} the port of an ask; undefined for anything else
 */
function askedOn({ data, ports, source }, workers, options) {
  try {
    const isOurs = source === undefined || source === null || workers.has(source, scriptURLOf(options));
    return data?.type === REQUEST_REALM_TOKEN && isOurs ? ports?.[0] : undefined;
  } catch {
    return undefined;
  }
}
