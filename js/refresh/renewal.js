// Gets new tokens shortly before the current ones expire.
import { attempt } from '../page/async.js';
import { expiryOf, quickTokens } from '../page/tokens.js';
import { isPossible } from '../page/options.js';
import { Refresher } from './refresher.js';
import { clearTimeout, setTimeout } from '../page/platform.js';

/** How long before its end a token is refreshed. If it lasts less than 30 s, it is a third of that time. */
const LEAD_MS = 10_000;
/** Timers are no longer than this, since the clock may be set and the machine may sleep. */
const LONGEST_PAUSE_MS = 60_000;

/** @typedef {import('./refresher.js').Ending & {dueAt: number}} Due */

/**
 * Guarantees: each token is refreshed at most once, and each realm at most once in LEAD_MS. The page refreshes only while
 * it is focused, so only one tab of the app does. Nothing is refreshed after a logout. A token that has expired already is not refreshed here: an image that needs it asks for
 * it.
 */
export class Renewal {
  #options;
  #state;
  #refresher;
  /** The token of each realm, and when it is due. @type {Map<string, Due>} */
  #due = new Map();
  /** When each realm was refreshed last. @type {Map<string, number>} */
  #refreshedAt = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {import('../page/options.js').AuthServiceWorkerOptions} options @param {import('../page/page-state.js').PageState} state */
  constructor(options, state) {
    this.#options = options;
    this.#state = state;
    this.#refresher = new Refresher(options, state);
    globalThis.addEventListener?.('focus', this.plan);
  }

  end() {
    globalThis.removeEventListener?.('focus', this.plan);
    clearTimeout(this.#timer);
  }

  /** To be called when tokens have changed. */
  plan = () => {
    clearTimeout(this.#timer);
    const now = Date.now();
    const entries = Object.entries(this.#state.epoch.log.sureTokens());
    // Storage is read once for all realms, since each read may take long.
    const isAnyNew = entries.some(([realmURL, token]) => this.#due.get(realmURL)?.token !== token);
    const stored = isAnyNew ? quickTokens(this.#options) : undefined;
    this.#due = new Map(
      entries.map(([realmURL, token]) => [realmURL, this.#dueOf(realmURL, token, stored?.[realmURL], now)]),
    );
    if (!isInFront()) return;
    let next = Infinity;
    for (const [realmURL, due] of this.#due) {
      if (due.dueAt > now) next = Math.min(next, due.dueAt);
      else void this.#renew(realmURL, due);
    }
    if (next < Infinity) this.#timer = setTimeout(this.plan, Math.min(next - now, LONGEST_PAUSE_MS));
  };

  /**
   * @param {string} realmURL
   * @param {string} token
   * @param {string | undefined} stored for a new token, see Ending
   * @param {number} now
   * @returns {Due}
   */
  #dueOf(realmURL, token, stored, now) {
    const known = this.#due.get(realmURL);
    if (known?.token === token) return known;
    const expiry = expiryOf(token);
    const left = expiry - now;
    if (left <= 0) return { token, stored, dueAt: Infinity };
    const earliest = (this.#refreshedAt.get(realmURL) ?? 0) + LEAD_MS;
    return { token, stored, dueAt: Math.max(earliest, expiry - Math.min(LEAD_MS, left / 3)) };
  }

  /** @param {string} realmURL @param {Due} due */
  async #renew(realmURL, due) {
    due.dueAt = Infinity;
    const { epoch } = this.#state;
    if (expiryOf(due.token) <= Date.now() || !(await isPossible(this.#options)) || epoch !== this.#state.epoch) return;
    // Meanwhile the app may have removed or replaced the token.
    if (epoch.log.sureTokenOf(realmURL) !== due.token) return;
    this.#refreshedAt.set(realmURL, Date.now());
    await this.#refresher.renew(realmURL, undefined, due);
  }
}

/** Whether the page is visible and focused. At most one tab is. */
const isInFront = () => globalThis.document?.visibilityState === 'visible' && document.hasFocus();

/**
 * Ends the renewal for the previous options, and begins one if these options want it.
 * @param {import('../page/options.js').AuthServiceWorkerOptions} options
 * @param {import('../page/page-state.js').PageState} state
 */
export function useRenewal(options, state) {
  if (options !== state.options) return;
  state.renewal?.end();
  state.renewal = attempt(() => options.refreshesBeforeExpiry, Boolean) ? new Renewal(options, state) : undefined;
  state.renewal?.plan();
}
