// New tokens, from the app.
import { within } from './within.js';

/** Below the worker's 3000 ms, so that the answer is still wanted when it arrives. */
const REFRESH_CAP_MS = 2800;

/** Guarantee: one refresh of a realm at a time, and none that hangs stands in the way of the next. */
export class Refresher {
  #settings;
  /** The refreshes in flight, by realm. @type {Map<string, Promise<string | undefined>>} */
  #inFlight = new Map();

  /** @param {Pick<import('./options.js').Settings, 'realmOf' | 'mayReauthenticate' | 'reauthenticate'>} settings */
  constructor(settings) {
    this.#settings = settings;
  }

  /**
   * The realm of the URL, when asking the app for a new token of it makes sense.
   * @param {URL} url
   * @returns {Promise<string | undefined>} may reject or hang, as the app's functions do
   */
  async realmToRefresh(url) {
    const realm = await this.#settings.realmOf(url);
    if (!realm || !(await this.#settings.mayReauthenticate())) return undefined;
    return String(realm);
  }

  /**
   * @param {string} realmURL
   * @returns {Promise<string | undefined>} undefined when no token came in time. Never rejects
   */
  refresh(realmURL) {
    const inFlight = this.#inFlight.get(realmURL);
    if (inFlight) return inFlight;
    const refresh = within(REFRESH_CAP_MS, this.#reauthenticate(realmURL));
    this.#inFlight.set(realmURL, refresh);
    refresh.finally(() => this.#inFlight.delete(realmURL));
    return refresh;
  }

  /** @param {string} realmURL */
  async #reauthenticate(realmURL) {
    const token = await this.#settings.reauthenticate(realmURL);
    return typeof token === 'string' && token ? token : undefined;
  }
}
