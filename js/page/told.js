// What has been said about tokens, put together.
import { CLEAR_TOKENS, clearTokens, removeRealmToken, setRealmToken, SYNC_TOKENS, syncTokens } from '../protocol.js';
import { normaliseRealmURL } from '../realm-url.js';

/**
 * Far more realms than a page speaks of one by one. What is dropped is not lost: the worker asks.
 */
const MAX_REALMS = 1000;

/**
 * @typedef {ReturnType<typeof setRealmToken> | ReturnType<typeof removeRealmToken>
 *   | ReturnType<typeof syncTokens> | ReturnType<typeof clearTokens>} TokenMessage
 */

export class Told {
  /** Moves whenever the app says something. */
  changes = 0;
  /** Nothing that was said before counts. */
  #isWhole = false;
  /** By realm, the last word: its URL as it was said, and its token, if it has one. @type {Map<unknown, [string, string?]>} */
  #words = new Map();

  /** @param {TokenMessage} message */
  add(message) {
    if (message.type === SYNC_TOKENS || message.type === CLEAR_TOKENS) {
      this.clear();
      this.#isWhole = true;
      this.addTokens('tokens' in message ? message.tokens : {});
    } else {
      this.#set(message.realmURL, 'token' in message ? message.token : undefined);
      if (this.#words.size > MAX_REALMS) this.#words.delete(this.#words.keys().next().value);
    }
  }

  /** @param {import('./tokens.js').Read} tokens */
  addTokens(tokens) {
    for (const [realmURL, token] of Object.entries(tokens ?? {})) this.#set(realmURL, token);
  }

  clear() {
    this.#isWhole = false;
    this.#words.clear();
  }

  /** @param {string} realmURL @returns {string | undefined} */
  tokenOf(realmURL) {
    return this.#words.get(normaliseRealmURL(realmURL))?.[1];
  }

  /** @param {TokenMessage} message @returns {boolean} whether it brings a token for a realm that has none */
  hasNew(message) {
    const tokens = 'tokens' in message ? message.tokens : 'token' in message ? { [message.realmURL]: message.token } : {};
    return Object.entries(tokens).some(([realmURL, token]) => token && !this.tokenOf(realmURL));
  }

  /** @returns {string[]} */
  realms() {
    return [...this.#words.values()].map(([realmURL]) => realmURL);
  }

  /** @returns {TokenMessage[]} the shortest list with the effect of all that was added */
  messages() {
    const words = [...this.#words.values()];
    if (!this.#isWhole) return words.map(messageOf);
    const tokens = words.filter(([, token]) => token);
    return [tokens.length > 0 ? syncTokens(Object.fromEntries(tokens)) : clearTokens()];
  }

  /**
   * @param {import('./tokens.js').Read} tokens
   * @returns {TokenMessage[]} what a worker lacks of these tokens that was told all this
   */
  missing(tokens) {
    const now = new Told();
    now.addTokens(tokens);
    const gone = [...this.#words.values()].filter(([realmURL, token]) => token && !now.tokenOf(realmURL));
    if (now.#words.size === 0) return gone.length > 0 ? [clearTokens()] : [];
    const changed = [...now.#words.values()].filter(([realmURL, token]) => this.tokenOf(realmURL) !== token);
    return [...gone.map(([realmURL]) => removeRealmToken(realmURL)), ...changed.map(messageOf)];
  }

  /** @param {string} realmURL @param {string} [token] */
  #set(realmURL, token) {
    const realm = normaliseRealmURL(realmURL);
    this.#words.delete(realm);
    this.#words.set(realm, [realmURL, token]);
  }
}

/** @param {[string, string?]} word @returns {TokenMessage} */
const messageOf = ([realmURL, token]) => (token ? setRealmToken(realmURL, token) : removeRealmToken(realmURL));
