// Replies to the worker's asks.
import {
  emptyReply,
  pendingReply,
  refreshableReply,
  REQUEST_REALM_TOKEN,
  tokenReply,
  withAllTokens,
} from '../protocol.js';
import { REPLY_CAP_MS, READ_CAP_MS } from './reply-caps.js';
import { readInOrder } from './tokens.js';
import { importElements, importRefresh } from './lazy-modules.js';
import { coveringRealm } from './covering-realm.js';
import { hasRealmOf, isPossible, readRealms, realmOf } from './options.js';
import { scriptURLOf } from './own-workers.js';
import { stateOf } from './page-state.js';
import { clearTimeout, containerOf, elapsed, setTimeout } from './platform.js';
import { asksToRefresh, hasShownVersion2, helloReplied, noteVersion2 } from './version-2.js';
import { parsedURL } from '../realm-url.js';
import { withTimeout } from './async.js';

/** A read that takes longer does not delay the first reply: the reply has the tokens of the last read. */
const SLOW_READ_MS = 80;
/** After this time, an ask without a reply gets `pending`. */
const PENDING_MS = 100;

/** Counts characters. With this limit the whole reply stays within LIMITS.message. */
const MAX_TOKENS_LENGTH = 4e6;

/**
 * The parts of a MessageEvent that are read.
 * @typedef {object} TokenRequestEvent
 * @property {any} data
 * @property {ReadonlyArray<Pick<MessagePort, 'postMessage'>>} [ports]
 * @property {unknown} [source]
 */
/**
 * Settles when the ask has its final reply. Never rejects.
 * @typedef {(event: TokenRequestEvent) => Promise<void>} TokenRequestHandler
 */
/** @typedef {ReturnType<typeof pendingReply | typeof import('../protocol.js').refreshingReply>} Pending */
/**
 * @typedef {ReturnType<typeof import('../protocol.js').tokenReply | typeof import('../protocol.js').noTokenReply
 *   | typeof emptyReply | typeof refreshableReply>} FinalReply
 */
/**
 * @typedef {object} Ask
 * @property {URL} url
 * @property {unknown} hint the realm that the worker names
 * @property {import('../protocol.js').Reason} [reason]
 * @property {boolean} wantsList the worker finds the token itself, and asks to refresh when there is none
 * @property {boolean} wantsRefresh the worker has found no token
 * @property {boolean} isVersion2 the worker takes a list of all tokens
 * @property {(cap: number) => number} left how many ms are left until `cap` ms after the arrival of the ask
 * @property {(pending?: Pending) => boolean | undefined} pend posts that a reply will follow. Returns true if that
 *   was posted and the epoch has not ended
 */
/**
 * A read of the app's tokens, for an ask.
 * @typedef {object} Reading
 * @property {import('./tokens.js').StoredTokens} [tokens] undefined: not read yet, or not to be read
 * @property {number} since a position in the log (`TokenLog.now`): later entries count more than what was read, and than
 *   the reply
 * @property {Promise<void>} [end] settles when the read ends; may never settle
 * @property {boolean} [isOver] the read has ended
 * @property {boolean} [isComplete] no refresh can bring other tokens
 * @property {boolean} [isRefreshed] a refresh has brought a token
 */

/**
 * Returns a listener for `message` events of `navigator.serviceWorker`. It gives every ask exactly one final reply,
 * with at most one `pending` before it. It ignores everything else.
 * @param {import('./options.js').AuthServiceWorkerOptions} [options]
 * @returns {TokenRequestHandler}
 */
export function createTokenRequestHandler(options) {
  return handlerFor(options ?? {}, stateOf(containerOf(options?.navigator)));
}

/**
 * @param {import('./options.js').AuthServiceWorkerOptions} options
 * @param {import('./page-state.js').PageState} state
 * @returns {(event: TokenRequestEvent, isPending?: boolean) => Promise<void>} a TokenRequestHandler, which also takes
 *   asks that already have their `pending`
 */
export function handlerFor(options, state) {
  /** @type {import('../refresh/index.js').Refresh | undefined} */
  let refresh;
  const loadRefresh = async () =>
    refresh ?? importRefresh().then((module) => (refresh ??= module?.createRefresh(options, state)));
  // Starts at once, so that the first refresh finds it.
  if (isPossible(options)) void loadRefresh();

  /**
   * For a worker of version 1. One that has just started asks about everything that the page loads, refresh.js
   * included. If the reply needed that module, they would wait for each other.
   * @param {URL} url
   * @param {import('./tokens.js').StoredTokens} tokens
   * @returns {Promise<boolean>} whether no realm of the app covers the URL. May reject or hang, since the app's
   *   functions may
   */
  const isOfNoRealm = async (url, tokens) => {
    if (coveringRealm(Object.keys(tokens ?? {}), url)) return false;
    if (hasRealmOf(options)) return !(await realmOf(options, url));
    const realms = await readRealms(options);
    return !coveringRealm(Array.isArray(realms) ? realms : [], url);
  };

  /**
   * @param {Ask} ask
   * @param {Reading} reading
   * @param {import('./epoch.js').Epoch} epoch
   * @returns {Promise<FinalReply | undefined>}
   */
  const findReply = async (ask, reading, epoch) => {
    const { url, reason, wantsList, wantsRefresh, isVersion2, left, pend } = ask;
    if (!wantsRefresh) {
      const hold = epoch.holder();
      reading.end = (async () => {
        const { since } = reading;
        const tokens = await readInOrder(epoch, options);
        // A refresh may have brought newer ones.
        if (reading.since === since) reading.tokens = tokens;
        reading.isOver = true;
        if (tokens) hold(tokens);
      })();
      await withTimeout(left(SLOW_READ_MS), reading.end);
    }
    if (!wantsList) {
      const loading = loadRefresh();
      const isVain =
        !refresh && !isVersion2 && reading.isOver && Promise.race([loading, isOfNoRealm(url, reading.tokens)]);
      if (isVain && (await withTimeout(left(REPLY_CAP_MS), isVain)) === true) return undefined;
      return (await withTimeout(left(REPLY_CAP_MS), loading))?.findReply(ask, reading, epoch);
    }
    // This posts the tokens that were read last.
    if (!reading.isOver) pend();
    // If this takes time, the reply is there when the worker asks again.
    const canRefresh = isPossible(options);
    await withTimeout(left(canRefresh ? READ_CAP_MS : REPLY_CAP_MS), reading.end ?? Promise.resolve());
    reading.isComplete = canRefresh === false && !!reading.isOver;
    if (canRefresh) return refreshableReply();
    if (reason !== 'expired') return undefined;
    return (await withTimeout(left(REPLY_CAP_MS), loadRefresh()))?.unexpired(url, reading.tokens ?? epoch.held);
  };

  return async (event, isPending = false) => {
    const port = askedOn(event, state.workers, options);
    if (!port || state.answered.has(port)) return;
    state.answered.add(port);
    const arrivedAt = elapsed();
    const left = (/** @type {number} */ cap) => Math.max(0, arrivedAt + cap - elapsed());
    const { epoch } = state;
    const { source } = event;
    const { requestURL, protocol, reason, realmURL: hint } = event.data;
    const wantsRefresh = event.data.refresh === true;
    const failures = state.push?.failures;
    if (failures) failures.asks++;
    let isVersion2 = protocol >= 2;
    const { log } = epoch;
    const { now } = log;
    /** @type {Reading} */
    const reading = { since: now };
    /** @param {Pending | FinalReply} reply @param {import('./tokens.js').StoredTokens} [tokens] the page's list */
    const post = (reply, tokens) => {
      try {
        const list = log.asOfNow(tokens, reading.since);
        port.postMessage(isVersion2 ? withTokens(reply, list, reading.isComplete) : reply);
        return true;
      } catch {
        return false;
      }
    };
    const pend = epoch.guard(
      (/** @type {Pending} */ pending = pendingReply()) =>
        (isPending ||= post(pending, reading.tokens ?? (reading.end && epoch.held))),
    );
    const timer = setTimeout(pend, PENDING_MS);
    if (isVersion2) noteVersion2(source, event.data.refresh !== undefined);
    else if (!hasShownVersion2(source)) await helloReplied(source);
    // The worker was stopped and started again, and no longer knows the page.
    const isForgotten = !protocol && hasShownVersion2(source);
    isVersion2 ||= isForgotten;
    const wantsList = event.data.refresh === false || (isForgotten && asksToRefresh(source));
    const url = parsedURL(requestURL);
    const ask = url && { url, hint, reason, wantsList, wantsRefresh, isVersion2, left, pend };
    // Whatever is wrong, there is a reply.
    const given = (ask && (await findReply(ask, reading, epoch).catch(() => undefined))) ?? emptyReply();
    const reply = asOfNow(given, log, reading.since);
    const found = 'token' in reply ? reply : undefined;
    clearTimeout(timer);
    const isOfNow = epoch === state.epoch;
    if (isOfNow) {
      post(reply, reading.tokens);
      // This comes first: a list that was read before the refresh has an older token.
      const news = found && log.addNews({ [found.realmURL]: found.token }, now);
      if (isVersion2) log.addTokens(reading.tokens, now);
      else log.noteStored(reading.tokens);
      const lacksTokens = isForgotten && !fits(reading.tokens);
      state.push?.replied(isForgotten, lacksTokens, reading.isRefreshed ? news : undefined);
      if (!reading.isOver) void reading.end?.then(epoch.guard(() => state.push?.tellRead(reading.tokens, now)));
    } else {
      // The epoch has ended, so what was found no longer counts.
      post(emptyReply());
    }
    const realms = Object.keys(reading.tokens ?? epoch.held ?? {});
    if (found || 'refresh' in reply || realms.length > 0 || failures?.held.size) {
      const sent = { url, reply, realms, wantsList, isOfNow };
      void importElements().then((elements) => elements?.followReply(sent, failures));
    } else if (failures) failures.asks--;
  };
}

/**
 * @param {FinalReply} reply
 * @param {import('./token-log.js').TokenLog} log
 * @param {number} since see Reading
 * @returns {FinalReply} with the token that its realm has now
 */
function asOfNow(reply, log, since) {
  if (!('token' in reply)) return reply;
  const { realmURL, token } = reply;
  const now = log.asOfNow({ [realmURL]: token }, since)?.[realmURL];
  return now ? tokenReply(realmURL, now) : emptyReply();
}

/** Whether a reply has room for them. @param {import('./tokens.js').StoredTokens} tokens */
const fits = (tokens) => !tokens || JSON.stringify(tokens).length <= MAX_TOKENS_LENGTH;

/**
 * @param {Pending | FinalReply} reply
 * @param {import('./tokens.js').StoredTokens} tokens
 * @param {boolean} [isComplete]
 */
function withTokens(reply, tokens, isComplete = false) {
  if (tokens === undefined || !fits(tokens)) return reply;
  const found = 'token' in reply && { [reply.realmURL]: reply.token };
  return withAllTokens(reply, { ...tokens, ...found }, isComplete);
}

/**
 * Other windows and frames may not ask for tokens: a reply goes to the port that comes with the ask. Nor may a worker
 * that is not the page's own. An ask without a source passes, since some engines name none, and only workers of this
 * origin reach `navigator.serviceWorker`.
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
