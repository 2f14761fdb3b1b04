// Keeps the latest token of each realm, or that it has none: from the app, from its token source, or from a reply.
import * as LIMITS from '../limits.js';
import { clearTokens, removeRealmToken, setRealmToken, syncTokens } from '../protocol.js';
import { expiryOf, keyOf, serialisedRealm } from './tokens.js';

/** The most characters of realm URLs and tokens in one message. Four times as many bytes are within LIMITS.message. */
export const PART_LENGTH = 1e6;

/** @typedef {import('../protocol.js').Tokens} Tokens */
/**
 * @typedef {ReturnType<typeof setRealmToken> | ReturnType<typeof removeRealmToken>
 *   | ReturnType<typeof syncTokens> | ReturnType<typeof clearTokens>} TokenMessage
 */
/** @typedef {[realmURL: string, token?: string]} Said a realm and its token. Without a token: it has none any more */

/**
 * @typedef {object} Entry
 * @property {string} realmURL as the app wrote it, serialised
 * @property {string | undefined} token undefined: the token was removed
 * @property {number} at the position in the log: later entries have higher ones
 * @property {boolean} isStored the app's token source has this token
 * @property {boolean} isOfSource the token source has, or had, a token of the realm
 * @property {boolean} isEarly it was sent before this epoch, or by the early responder, and not since
 * @property {boolean} isDoubtful the token source has not shown it since a sync or a clear in another tab
 */

/** The latest entry of each realm. */
export class TokenLog {
  /** Grows whenever the app changes a token. */
  changes = 0;
  /** Grows whenever the app has a new token. */
  gains = 0;
  /** The position of the last entry. */
  now = 0;
  /** Whether the app has said all its tokens. Then nothing that was said earlier counts. */
  isWhole = false;
  /** The entries, by the realms' keys. @type {Map<string, Entry>} */
  #entries = new Map();

  /**
   * @param {Said[]} said what is said again counts as said now
   * @param {boolean} [isWhole] these are all tokens there are
   */
  add(said, isWhole) {
    if (isWhole) {
      this.clear();
      this.isWhole = true;
    }
    for (const [realmURL, token] of said) this.#set(realmURL, token).at = ++this.now;
  }

  /**
   * @param {Tokens | null | undefined} tokens as the app's token source has them
   * @param {number} [since] the position (`now`) at which the read began: a later entry of a realm stays
   */
  addTokens(tokens, since = Infinity) {
    for (const [realmURL, token] of Object.entries(tokens ?? {})) {
      if (this.#isFrom(realmURL, since) || this.tokenOf(realmURL) === token) this.#set(realmURL, token, true);
    }
  }

  /** Adds nothing. @param {Tokens | null | undefined} tokens of which the app's token source has those that are in this log */
  noteStored(tokens) {
    this.addTokens(tokens, -1);
  }

  /**
   * @param {import('./tokens.js').StoredTokens} tokens as they were read
   * @param {number} since the position at which the read began
   * @returns {import('./tokens.js').StoredTokens} as they are now: where a realm has a later entry, that counts
   */
  asOfNow(tokens, since) {
    return (
      tokens &&
      Object.fromEntries(
        Object.entries(tokens).flatMap(([realmURL, read]) => {
          const token = this.#isFrom(realmURL, since) ? read : this.tokenOf(realmURL);
          return token ? [[realmURL, token]] : [];
        }),
      )
    );
  }

  clear() {
    this.isWhole = false;
    this.#entries.clear();
  }

  /** @param {Tokens} [tokens] that the worker has from storage. All that the app has said is newer */
  addEarly(tokens = {}) {
    if (this.isWhole) return;
    for (const [realmURL, token] of Object.entries(tokens))
      if (!this.#entryOf(realmURL)) this.#set(realmURL, token, true, true);
  }

  /**
   * Marks tokens as doubtful until the token source shows them again: they may have been removed.
   * @param {boolean} hasSource the app has a token source. What it has said is there, too, or will be soon
   */
  doubt(hasSource) {
    for (const entry of this.#entries.values()) entry.isDoubtful = hasSource || entry.isOfSource;
  }

  /** @returns {Tokens} those that the token source has, or had */
  ofSource() {
    return Object.fromEntries(this.#withToken().filter(([realmURL]) => this.#entryOf(realmURL)?.isOfSource));
  }

  /** @param {Iterable<string>} realms whose tokens are dropped from the log, as if they had never been added */
  withdraw(realms) {
    for (const realmURL of realms) if (this.tokenOf(realmURL)) this.#entries.delete(keyOf(realmURL));
  }

  /** @param {string} realmURL @returns {string | undefined} */
  tokenOf(realmURL) {
    return this.#entryOf(realmURL)?.token;
  }

  /**
   * @param {string} realmURL
   * @param {number} since a value of `now`
   * @returns {boolean} whether the realm's token was removed later, and no other has come
   */
  isRemovedSince(realmURL, since) {
    return !this.tokenOf(realmURL) && !this.#isFrom(realmURL, since);
  }

  /** @param {string} realmURL */
  #entryOf(realmURL) {
    return this.#entries.get(keyOf(realmURL));
  }

  /** @param {string} realmURL @returns {string | undefined} its token, unless it is doubtful */
  sureTokenOf(realmURL) {
    const entry = this.#entryOf(realmURL);
    return entry?.isDoubtful ? undefined : entry?.token;
  }

  /** @returns {Tokens} those that are not doubtful */
  sureTokens() {
    return Object.fromEntries(this.#withToken().filter(([realmURL]) => this.sureTokenOf(realmURL)));
  }

  /** @param {string} realmURL @returns {string | undefined} its token, if only the app itself has said it */
  unstoredTokenOf(realmURL) {
    const entry = this.#entryOf(realmURL);
    return entry?.isStored || entry?.isDoubtful ? undefined : entry?.token;
  }

  /** @param {Said[]} said @returns {boolean} whether it has a token for a realm without a valid token */
  hasNew(said) {
    return said.some(([realmURL, token]) => {
      const known = this.tokenOf(realmURL);
      return token && token !== known && !(known && expiryOf(known) > Date.now());
    });
  }

  /** @returns {string[]} */
  realms() {
    return this.said().map(([realmURL]) => realmURL);
  }

  /** @returns {Tokens} */
  tokens() {
    return Object.fromEntries(this.#withToken());
  }

  /** @param {number} [since] a value of `now`: only what was added later counts @returns {Said[]} */
  said(since = 0) {
    return [...this.#entries.values()].flatMap(({ realmURL, token, at }) => (at > since ? [[realmURL, token]] : []));
  }

  /**
   * @returns {TokenMessage[]} the shortest list with the effect of all that was added. Each message is small enough for
   *   a worker
   */
  messages() {
    if (!this.isWhole) return this.said().map(messageOf);
    const [part, ...rest] = partsOf(this.#withToken());
    return [
      part ? syncTokens(part) : clearTokens(),
      ...rest.flatMap((tokens) => Object.entries(tokens).map(messageOf)),
    ];
  }

  /** @returns {TokenMessage[]} those that take tokens away, without those that bring some */
  removals() {
    if (this.isWhole) return [clearTokens()];
    return this.said().flatMap(([realmURL, token]) => (token ? [] : [removeRealmToken(realmURL)]));
  }

  /**
   * @param {Tokens} tokens
   * @param {number} since the value of `now` when the read of the tokens began
   * @returns {Said[]} the tokens that differ from this log, except where the log has a later entry
   */
  news(tokens, since) {
    return Object.entries(tokens).filter(
      ([realmURL, token]) => this.tokenOf(realmURL) !== token && this.#isFrom(realmURL, since),
    );
  }

  /** @param {Tokens} tokens @param {number} since as for `news` @returns {Said[]} what was added */
  addNews(tokens, since) {
    const news = this.news(tokens, since);
    this.add(news);
    return news;
  }

  /**
   * Puts new tokens in the place of older ones, so that a repetition neither brings those back nor takes these away.
   * @param {Said[]} news
   */
  renew(news) {
    for (const [realmURL, token] of news) {
      const known = this.#entryOf(realmURL);
      // A removal stays: the request for the new token may be older.
      if (known ? known.token : this.isWhole) this.#set(realmURL, token);
    }
  }

  /**
   * @param {Tokens} tokens as the app's token source has them
   * @returns {string[]} the realms that had a token there, or should have one, and have none now
   */
  missingIn(tokens) {
    const keys = new Set(Object.keys(tokens).map(keyOf));
    return [...this.#entries].flatMap(([key, { realmURL, token, isOfSource, isDoubtful }]) =>
      token && (isOfSource || isDoubtful) && !keys.has(key) ? [realmURL] : [],
    );
  }

  #withToken() {
    return /** @type {[string, string][]} */ (this.said().filter(([, token]) => token));
  }

  /** @param {string} realmURL @param {number} since @returns {boolean} whether it has no later entry */
  #isFrom(realmURL, since) {
    return (this.#entryOf(realmURL)?.at ?? 0) <= since;
  }

  /**
   * @param {string} realmURL
   * @param {string} [token]
   * @param {boolean} [isStored]
   * @param {boolean} [isEarly]
   * @returns {Entry} the realm's, which may be an earlier one
   */
  #set(realmURL, token, isStored = false, isEarly = false) {
    const key = keyOf(realmURL);
    const known = this.#entries.get(key);
    const isOfSource = isStored || (!!known?.isOfSource && !known.isEarly);
    if (known && known.token === token) {
      known.isStored = isStored || (known.isStored && !known.isEarly);
      known.isOfSource = isOfSource;
      known.isEarly = known.isDoubtful = false;
      return known;
    }
    this.#entries.delete(key);
    const serialised = serialisedRealm(realmURL) ?? realmURL;
    const entry = { realmURL: serialised, token, at: ++this.now, isStored, isOfSource, isEarly, isDoubtful: false };
    this.#entries.set(key, entry);
    if (this.#entries.size > LIMITS.realms) this.#dropOne();
    return entry;
  }

  /**
   * Drops the oldest token: the worker can ask for it. A dropped removal would be lost, so if there are only removals,
   * all tokens are taken away.
   */
  #dropOne() {
    for (const [key, { token }] of this.#entries) {
      if (token) return void this.#entries.delete(key);
    }
    this.add([], true);
  }
}

/**
 * @param {[realmURL: string, token: string][]} entries
 * @returns {Tokens[]} all of them, each part small enough for one message
 */
export function partsOf(entries) {
  /** @type {Tokens[]} */
  const parts = [];
  let left = 0;
  for (const [realmURL, token] of entries) {
    const length = realmURL.length + token.length;
    if (length > left) {
      parts.push({});
      left = PART_LENGTH;
    }
    parts[parts.length - 1][realmURL] = token;
    left -= length;
  }
  return parts;
}

/** @param {Said} said @returns {TokenMessage} */
const messageOf = ([realmURL, token]) => (token ? setRealmToken(realmURL, token) : removeRealmToken(realmURL));
