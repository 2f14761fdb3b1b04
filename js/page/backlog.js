// What the app said about its tokens that no worker is known to have taken in.
import { CLEAR_TOKENS, SYNC_TOKENS, syncTokens } from '../protocol.js';
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
 * tokens, then the last one about each realm since. Those of the app's storage count while the app has
 * said nothing about all.
 */
export class Backlog {
  /** @type {WholeMessage | undefined} */
  #whole;
  /** @type {WholeMessage | undefined} */
  #stored;
  /** @type {Map<unknown, RealmMessage>} */
  #realms = new Map();

  /** What the app's storage says now: it comes before all that was added. @param {import('./tokens.js').Read} tokens */
  precede(tokens) {
    this.#stored = tokens ? syncTokens(tokens) : undefined;
  }

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

  /** @returns {TokenMessage[]} */
  messages() {
    const whole = this.#whole ?? this.#stored;
    return whole ? [whole, ...this.#realms.values()] : [...this.#realms.values()];
  }

  clear() {
    this.#whole = this.#stored = undefined;
    this.#realms.clear();
  }
}
