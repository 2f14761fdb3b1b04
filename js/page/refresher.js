// New tokens, from the app.
import { mayReauthenticate, realmOf, reauthenticate } from './options.js';
import { within } from './within.js';

/** Below the worker's 3000 ms, so that the answer is still wanted when it arrives. */
const REFRESH_CAP_MS = 2800;
const FIRST_BACKOFF_MS = 5000;
const LAST_BACKOFF_MS = 300_000;

/**
 * After a refresh that did not help. Workers of version 2 have a back-off of their own; those of version 1
 * have none.
 * @typedef {object} Backoff
 * @property {number} ms
 * @property {number} until
 * @property {number} changes of the app's tokens when it began: another ends it
 * @property {string | undefined} token what the refresh brought: the same as before, or nothing
 */

/**
 * Guarantee: one refresh of a realm at a time, none that hangs stands in the way of the next for more
 * than its back-off, and refreshes that do not help become rare.
 */
export class Refresher {
  #options;
  #told;
  /** The refreshes in flight, by realm. @type {Map<string, Promise<string | undefined>>} */
  #inFlight = new Map();
  /** @type {Map<string, Backoff>} */
  #backoffs = new Map();

  /**
   * @param {import('./options.js').AuthServiceWorkerOptions} options
   * @param {import('./told.js').Told} told
   */
  constructor(options, told) {
    this.#options = options;
    this.#told = told;
  }

  /**
   * The realm of the URL, when asking the app for a new token of it makes sense.
   * @param {URL} url
   * @returns {Promise<string | undefined | null>} null: it makes no sense for any URL now. May reject or
   *   hang, as the app's functions do
   */
  async realmToRefresh(url) {
    if (!(await mayReauthenticate(this.#options))) return null;
    const realm = await realmOf(this.#options, url);
    return realm ? String(realm) : undefined;
  }

  /**
   * @param {string} realmURL
   * @returns {Promise<string | undefined>} undefined when no token came in time. Never rejects
   */
  refresh(realmURL) {
    let refresh = this.#inFlight.get(realmURL);
    if (!refresh) {
      refresh = this.#refresh(realmURL);
      this.#inFlight.set(realmURL, refresh);
      refresh.finally(() => this.#inFlight.delete(realmURL));
    }
    return refresh;
  }

  /** @param {string} realmURL */
  async #refresh(realmURL) {
    let backoff = this.#backoffs.get(realmURL);
    if (backoff?.changes !== this.#told.changes) backoff = undefined;
    if (backoff && Date.now() < backoff.until) return backoff.token;
    const before = this.#told.tokenOf(realmURL);
    const token = await within(REFRESH_CAP_MS, this.#reauthenticate(realmURL));
    if (token && token !== before) {
      this.#backoffs.delete(realmURL);
    } else {
      const ms = backoff ? Math.min(2 * backoff.ms, LAST_BACKOFF_MS) : FIRST_BACKOFF_MS;
      this.#backoffs.set(realmURL, { ms, until: Date.now() + ms, changes: this.#told.changes, token });
    }
    return token;
  }

  /** @param {string} realmURL */
  async #reauthenticate(realmURL) {
    const token = await reauthenticate(this.#options, realmURL);
    return typeof token === 'string' && token ? token : undefined;
  }
}
