// Gets new tokens, and replies to the workers that ask for them.
import { REPLY_CAP_MS, READ_CAP_MS } from '../page/reply-caps.js';
import { isPossible } from '../page/options.js';
import { noTokenReply, refreshingReply } from '../protocol.js';
import { realmOfURL } from './realm-of-url.js';
import { Refresher } from './refresher.js';
import { tokenFinder } from './token-finder.js';
import { coveringRealm } from '../page/covering-realm.js';
import { expiryOf, readTokens } from '../page/tokens.js';
import { withTimeout } from '../page/async.js';

/** The limit for the app to tell whether a refresh is possible, and of which realm. */
const GATE_CAP_MS = 1000;
/** The limit for reading the tokens again at the end of a refresh. */
const REREAD_CAP_MS = 100;

/** The reasons of a worker that had a token for the URL and could not use it. @type {unknown[]} */
const SUSPECT = /** @type {import('../protocol.js').Reason[]} */ (['expired', 'rejected', 'unreachable']);

export { useRenewal } from './renewal.js';

/** @typedef {import('./token-finder.js').Found} Found */
/** @typedef {ReturnType<typeof createRefresh>} Refresh */

/**
 * @param {import('../page/options.js').AuthServiceWorkerOptions} options
 * @param {import('../page/page-state.js').PageState} state
 */
export function createRefresh(options, state) {
  const find = tokenFinder(options);
  const refresher = new Refresher(options, state);

  /**
   * Replies to an ask to refresh, and any ask of a worker that does not look for the token itself.
   * @param {import('../page/asks.js').Ask} ask
   * @param {import('../page/asks.js').Reading} reading
   * @param {import('../page/epoch.js').Epoch} epoch
   * @returns {Promise<import('../page/asks.js').FinalReply | undefined>}
   */
  const findReply = async ({ url, hint, reason, wantsRefresh, isVersion2, left, pend }, reading, epoch) => {
    /** A token that did not help: better than none. @type {Found | undefined} */
    let spare;
    const lookUp = async (/** @type {import('../page/tokens.js').StoredTokens} */ tokens) => {
      const found = await find(tokens, url);
      if (!found || !SUSPECT.includes(reason) || epoch.log.tokenOf(found.realmURL) !== found.token) return found;
      spare = found;
      return undefined;
    };
    const early = wantsRefresh
      ? undefined
      : await withTimeout(left(READ_CAP_MS), lookUp(reading.isOver ? reading.tokens : epoch.held));
    if (early) return early;

    const canRefresh = await withTimeout(left(GATE_CAP_MS), Promise.resolve(isPossible(options)));
    const lateRead = reading.end?.then(() => lookUp(reading.tokens));
    const late = lateRead && (await withTimeout(left(canRefresh ? READ_CAP_MS : REPLY_CAP_MS), lateRead));
    if (late) return late;
    const known = reading.tokens ?? epoch.held;
    if (wantsRefresh && canRefresh === false) reading.tokens = known;
    reading.isComplete = canRefresh === false && (wantsRefresh || reading.isOver);
    const realmURL = canRefresh && (await withTimeout(GATE_CAP_MS, realmOfURL(options, state, url, known, hint)));
    if (!realmURL) return spare ?? (lateRead && withTimeout(left(REPLY_CAP_MS), lateRead));
    if (!pend(wantsRefresh ? refreshingReply(realmURL) : undefined)) return undefined;
    const refresh = refresher.refresh(realmURL, reason === 'unknown' ? undefined : reason).then((token) => {
      if (!token) return undefined;
      // The refresh has heeded what the app said meanwhile.
      const { log } = epoch;
      Object.assign(reading, { isRefreshed: true, tokens: log.asOfNow(known, reading.since), since: log.now });
      return { realmURL, token };
    });
    const found = await withTimeout(left(REPLY_CAP_MS), lateRead ? firstOf(refresh, lateRead) : refresh);
    // The refresh began after the ask arrived, so its token may still come when the reply has gone without it.
    const { since } = reading;
    const pushLate = (/** @type {Found | undefined} */ late) =>
      late && late.token !== found?.token && refresher.push(realmURL, late.token, since, true);
    void refresh.then(epoch.guard(pushLate));
    if (isVersion2) {
      // The tokens may have changed meanwhile.
      const { now } = epoch.log;
      const read = await withTimeout(REREAD_CAP_MS, (async () => readTokens(options))());
      if (read) Object.assign(reading, { tokens: read, since: now });
      else reading.tokens ??= known;
    }
    return found ?? (isVersion2 ? noTokenReply(realmURL) : undefined);
  };

  /**
   * Finds a token that has not expired by the page's clock. The worker's clock may be wrong.
   * @param {URL} url
   * @param {import('../page/tokens.js').StoredTokens} tokens
   * @returns {Found | undefined} the URL's token, unless it has expired
   */
  const unexpired = (url, tokens) => {
    const realmURL = coveringRealm(Object.keys(tokens ?? {}), url);
    const token = realmURL && tokens?.[realmURL];
    return token && expiryOf(token) > Date.now() ? { realmURL, token } : undefined;
  };

  return { findReply, unexpired };
}

/**
 * @template T
 * @param {Promise<T>[]} promises that never reject
 * @returns {Promise<T | undefined>} the first result that is not empty
 */
const firstOf = (...promises) =>
  Promise.any(promises.map(async (promise) => (await promise) || Promise.reject())).catch(() => undefined);
