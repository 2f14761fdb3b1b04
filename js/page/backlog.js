// What the app said about its tokens while nobody was there to hear it.
import { CLEAR_TOKENS, SYNC_TOKENS } from '../protocol.js';
import { normaliseRealmURL } from '../realm-url.js';

/**
 * Far more realms than a page speaks of before its worker is there. What is dropped is not lost: the
 * worker asks.
 */
const MAX_REALMS = 1000;

/**
 * @typedef {ReturnType<typeof import('../protocol.js').setRealmToken>
 *   | ReturnType<typeof import('../protocol.js').removeRealmToken>} RealmMessage
 * @typedef {ReturnType<typeof import('../protocol.js').syncTokens>
 *   | ReturnType<typeof import('../protocol.js').clearTokens>} WholeMessage one about all tokens
 * @typedef {RealmMessage | WholeMessage} TokenMessage
 */

/**
 * The shortest list of messages with the effect of all that were added: the last one about all
 * tokens, then the last one about each realm since.
 */
export class Backlog {
  /** @type {WholeMessage | undefined} */
  #whole;
  /** @type {Map<unknown, RealmMessage>} */
  #realms = new Map();

  /** @param {TokenMessage} message */
  add(message) {
    if (message.type === SYNC_TOKENS || message.type === CLEAR_TOKENS) {
      // A copy: the app goes on changing its object.
      this.#whole = message.type === SYNC_TOKENS ? { ...message, tokens: { ...message.tokens } } : message;
      this.#realms.clear();
      return;
    }
    const realm = normaliseRealmURL(message.realmURL);
    this.#realms.delete(realm);
    this.#realms.set(realm, message);
    if (this.#realms.size > MAX_REALMS) this.#realms.delete(this.#realms.keys().next().value);
  }

  /** Whether the messages leave nothing of what was before them. */
  get isWhole() {
    return this.#whole !== undefined;
  }

  /** @returns {TokenMessage[]} */
  messages() {
    return this.#whole ? [this.#whole, ...this.#realms.values()] : [...this.#realms.values()];
  }

  clear() {
    this.#whole = undefined;
    this.#realms.clear();
  }
}
