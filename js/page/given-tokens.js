// What this page told the worker of each realm last.
import { CLEAR_TOKENS, clearTokens, removeRealmToken, SET_REALM_TOKEN, setRealmToken, SYNC_TOKENS } from '../protocol.js';
import { normaliseRealmURL } from '../realm-url.js';

/** @typedef {import('../protocol.js').Tokens} Tokens */
/** @typedef {import('./backlog.js').TokenMessage} TokenMessage */

export class GivenTokens {
  /** @type {Map<string, string>} */
  #tokens = new Map();
  /** Moves whenever the app says something of its tokens. */
  changes = 0;

  /** @param {string} realmURL @returns {string | undefined} */
  of(realmURL) {
    return this.#tokens.get(normaliseRealmURL(realmURL));
  }

  /** @param {Readonly<Tokens> | null | undefined} tokens */
  add(tokens) {
    for (const [realmURL, token] of Object.entries(tokens ?? {})) this.#tokens.set(normaliseRealmURL(realmURL), token);
  }

  /** @param {TokenMessage} message */
  note(message) {
    if (message.type === SYNC_TOKENS || message.type === CLEAR_TOKENS) this.#tokens.clear();
    if (message.type === SYNC_TOKENS) this.add(message.tokens);
    else if (message.type === SET_REALM_TOKEN) this.#tokens.set(normaliseRealmURL(message.realmURL), message.token);
    else if (message.type !== CLEAR_TOKENS) this.#tokens.delete(normaliseRealmURL(message.realmURL));
  }

  /**
   * @param {Tokens | null} tokens
   * @returns {TokenMessage[]} what a worker that has the tokens given so far lacks of these
   */
  missing(tokens) {
    const all = Object.entries(tokens ?? {});
    if (all.length === 0) return this.#tokens.size > 0 ? [clearTokens()] : [];
    const realms = new Set(all.map(([realmURL]) => normaliseRealmURL(realmURL)));
    const gone = [...this.#tokens.keys()].filter((realm) => !realms.has(realm));
    const changed = all.filter(([realmURL, token]) => this.of(realmURL) !== token);
    return [...gone.map(removeRealmToken), ...changed.map(([realmURL, token]) => setRealmToken(realmURL, token))];
  }
}

/** @type {WeakMap<ServiceWorkerContainer, GivenTokens>} */
const given = new WeakMap();

/**
 * @param {ServiceWorkerContainer | undefined} container
 * @returns {GivenTokens} the one of the page; one apart for a page without service workers
 */
export function givenTokensOf(container) {
  const tokens = (container && given.get(container)) ?? new GivenTokens();
  if (container) given.set(container, tokens);
  return tokens;
}
