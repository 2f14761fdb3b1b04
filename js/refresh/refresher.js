// Gets new tokens from the app.
import { reauthenticate } from '../page/options.js';
import { clearTimeout, elapsed, setTimeout } from '../page/platform.js';
import { withTimeout } from '../page/async.js';
import { expiryOf, quickTokens, usableToken } from '../page/tokens.js';

/** Less than the worker's 3000 ms, so that the reply arrives while the worker still waits for it. */
const REFRESH_CAP_MS = 2800;
/**
 * A tab keeps the lock for this time after a refresh. Firefox would hand it on before other tabs see what was stored.
 */
const STORED_MS = 50;
const FIRST_BACKOFF_MS = 5000;
const LAST_BACKOFF_MS = 300_000;
/** A call of reauthenticate() that takes longer will hardly end. */
const CALL_CAP_MS = 60_000;

/** @typedef {import('../page/epoch.js').Epoch} Epoch */
/** @typedef {import('../page/options.js').RefreshCause['reason']} Reason */
/**
 * A call of reauthenticate(). `before`: the token that the realm had. `since`: the value of TokenLog's `now` when it
 * began. An older copy of the package does not note that.
 * @typedef {{asked: Promise<string | undefined>, before?: string, since?: number, until: number}} Call
 */

/**
 * The pause after a refresh that did not help. Workers of version 2 have back-offs too; those of version 1 have none.
 * @typedef {object} Backoff
 * @property {number} ms
 * @property {number} until
 * @property {number} gains TokenLog.gains when the back-off began: a new token of any realm ends it
 * @property {string | undefined} token what the refresh brought: the same token as before, or none
 */

/**
 * A token that expires soon.
 * @typedef {object} Ending
 * @property {string} token
 * @property {string | undefined} stored what the app's token source had when the page learned of the token
 */

/**
 * Guarantees: a realm has one refresh at a time. A refresh that hangs delays the next one by a minute at most.
 * Refreshes that do not help become rarer.
 */
export class Refresher {
  #options;
  #state;

  /**
   * @param {import('../page/options.js').AuthServiceWorkerOptions} options
   * @param {import('../page/page-state.js').PageState} state
   */
  constructor(options, state) {
    this.#options = options;
    this.#state = state;
  }

  /**
   * Does the same as refresh(), for callers that no worker has asked: the token is pushed.
   * @param {string} realmURL
   * @param {Reason} [reason]
   * @param {Ending} [ending] reauthenticate() is not called if another tab has stored a token that lasts longer
   * @returns {Promise<string | undefined>}
   */
  async renew(realmURL, reason, ending) {
    const { epoch } = this.#state;
    const { now } = epoch.log;
    const token = await this.refresh(realmURL, reason, ending);
    epoch.guard(() => token && this.push(realmURL, token, now))();
    return token;
  }

  /**
   * @param {string} realmURL
   * @param {Reason} [reason] a refresh that is shared has the reason of the first
   * @param {Ending} [ending]
   * @returns {Promise<string | undefined>} undefined when no token came in time. Never rejects
   */
  refresh(realmURL, reason, ending) {
    const { epoch } = this.#state;
    const { refreshes } = epoch;
    const before = epoch.log.tokenOf(realmURL);
    const known = refreshes.get(realmURL);
    if (known && isSameUser(known, before)) {
      // The app has removed the token since it began. For those who ask after that, only what the app says counts.
      const isOfBefore = epoch.log.isRemovedSince(realmURL, known.since ?? Infinity);
      return isOfBefore ? known.then(() => epoch.log.tokenOf(realmURL)) : known;
    }
    const since = epoch.log.now;
    const refresh = Object.assign(this.#refresh(realmURL, epoch, before, reason, ending), { before, since });
    refreshes.set(realmURL, refresh);
    refresh.finally(() => refreshes.get(realmURL) === refresh && refreshes.delete(realmURL));
    return refresh;
  }

  /**
   * @param {string} realmURL
   * @param {Epoch} epoch the one in which it begins
   * @param {string | undefined} before the realm's token
   * @param {Reason} reason
   * @param {Ending} [ending]
   */
  async #refresh(realmURL, epoch, before, reason, ending) {
    const { backoffs, log } = epoch;
    const { now } = log;
    let backoff = backoffs.get(realmURL);
    if (backoff?.gains !== log.gains) backoff = undefined;
    if (backoff && elapsed() < backoff.until) return backoff.token;
    let isLate = false;
    const { asked, since = now } = this.#ask(realmURL, epoch, before, reason, ending);
    // The same for an earlier call. A call that has just begun may remove the token itself.
    const isOfBefore = since < now && log.isRemovedSince(realmURL, since);
    asked.then(epoch.guard((token) => isLate && token && this.push(realmURL, token, since, !ending)));
    const token = await withTimeout(REFRESH_CAP_MS, asked);
    isLate = !token;
    if (isOfBefore) return log.tokenOf(realmURL);
    // Meanwhile the app has said another token. It may be another user's.
    const said = log.tokenOf(realmURL);
    if (said && said !== before && said !== token) return said;
    if (token && token !== before) {
      backoffs.delete(realmURL);
    } else if (reason !== 'unreachable') {
      // For network errors, the worker has a back-off. A 401 right after one need not wait.
      const ms = backoff ? Math.min(2 * backoff.ms, LAST_BACKOFF_MS) : FIRST_BACKOFF_MS;
      backoffs.set(realmURL, { ms, until: elapsed() + ms, gains: log.gains, token });
    }
    return token;
  }

  /**
   * Finds the earlier call if it has not ended; otherwise begins one.
   * @param {string} realmURL
   * @param {Epoch} epoch
   * @param {string | undefined} before the realm's token
   * @param {Reason} reason
   * @param {Ending} [ending]
   * @returns {Call} what it brings never rejects, and may hang
   */
  #ask(realmURL, epoch, before, reason, ending) {
    // An older copy of the package may have made the epoch.
    const calls = (epoch.calls ??= new Map());
    const known = calls.get(realmURL);
    if (known && elapsed() < known.until && isSameUser(known, before)) return known;
    /** @type {Call} */
    const call = {
      before,
      since: epoch.log.now,
      until: elapsed() + CALL_CAP_MS,
      asked: this.#withLock(realmURL, epoch, reason, ending),
    };
    calls.set(realmURL, call);
    call.asked.then(() => calls.get(realmURL) === call && calls.delete(realmURL));
    return call;
  }

  /**
   * If the browser has locks, tabs refresh one after the other: the next one finds the token that the previous one
   * stored.
   * @param {string} realmURL
   * @param {Epoch} epoch once it is over, reauthenticate() is not called any more
   * @param {Reason} reason
   * @param {Ending} [ending]
   * @returns {Promise<string | undefined>} never rejects, may hang
   */
  #withLock(realmURL, epoch, reason, ending) {
    const before = ending ? ending.stored : quickTokens(this.#options)?.[realmURL];
    return new Promise((resolve) => {
      const take = epoch.guard(async () => {
        const now = quickTokens(this.#options)?.[realmURL];
        const isNew = now && now !== before && (!ending || expiryOf(now) > expiryOf(ending.token));
        const asked = isNew ? Promise.resolve(now) : this.#reauthenticate(realmURL, reason);
        asked.then(resolve);
        // The next user does not wait for this one. An older copy of the package may have made the epoch.
        await withTimeout(REFRESH_CAP_MS, Promise.race([asked, epoch.over ?? asked]));
        await withTimeout(STORED_MS, new Promise(() => {}));
      });
      const { locks } = globalThis.navigator ?? {};
      if (!locks) return void take();
      const wait = new AbortController();
      const timer = setTimeout(() => wait.abort(), CALL_CAP_MS);
      locks
        .request(`auth-service-worker ${realmURL}`, { signal: wait.signal }, () => {
          clearTimeout(timer);
          return take();
        })
        .catch(take);
    });
  }

  /**
   * Tells a token that is no reply to an ask.
   * @param {string} realmURL
   * @param {string} token
   * @param {number} since the value of TokenLog's `now` when the token was asked for
   * @param {boolean} [isLate] images have failed without the token
   */
  push(realmURL, token, since, isLate) {
    const { epoch, push } = this.#state;
    push?.tellNews({ [realmURL]: token }, since, isLate);
    // If there is no worker to tell, the token is kept for the page's own requests.
    epoch.log.addNews({ [realmURL]: token }, since);
  }

  /** @param {string} realmURL @param {Reason} reason @returns {Promise<string | undefined>} never rejects, may hang */
  async #reauthenticate(realmURL, reason) {
    try {
      const token = await reauthenticate(this.#options, realmURL, { reason });
      return usableToken(realmURL, () => token);
    } catch {
      return undefined;
    }
  }
}

/**
 * A refresh that began before the app said another token may be for another user.
 * @param {{before?: string}} refresh
 * @param {string | undefined} token that the realm has now
 */
const isSameUser = ({ before }, token) => !token || token === before;
