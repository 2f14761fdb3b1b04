import { TokenLog } from './token-log.js';

/** @typedef {import('../refresh/refresher.js').Backoff} Backoff */
/** @typedef {import('../refresh/refresher.js').Call} Call */

/**
 * An epoch is the time since the last sync or clear of all tokens, or since the page came back from the back/forward
 * cache. The object holds what the page has learned of tokens in that time. Guarantee: once the epoch is over, work
 * that began in it reaches no worker, no reply and no later epoch. Such work must keep its results in here, and must
 * act through `guard`.
 */
export class Epoch {
  /** The tokens that the app said, and those that workers got in replies. */
  log = new TokenLog();
  /**
   * A position in the log. Earlier entries are older than the latest sync or clear in another tab. 0: there was none.
   */
  begin = 0;
  /**
   * The refreshes in flight, by realm. `before` is the token that the realm had, `since` the log's `now` when it
   * began.
   * @type {Map<string, Promise<string | undefined> & {before?: string, since?: number}>}
   */
  refreshes = new Map();
  /** The calls of reauthenticate() that have not ended, by realm. @type {Map<string, Call> | undefined} */
  calls;
  /** The back-offs, by realm. @type {Map<string, Backoff>} */
  backoffs = new Map();
  /** The app's tokens as they were read last. @type {import('../protocol.js').Tokens | undefined} */
  #held;
  /** Grows with each change of the app's tokens. */
  #changes = 0;
  #isOver = false;
  /** Resolves `over`. */
  #setOver = () => {};
  /** Resolves when the epoch is over. */
  over = new Promise((resolve) => {
    this.#setOver = () => resolve(undefined);
  });
  /** @type {(() => void)[]} */
  #ends = [];

  /**
   * @param {boolean} [isElsewhere] the sync or clear was in another tab. Work under way is dropped, but this tab keeps
   *   what it knows and shows
   * @returns {Epoch} the one that follows
   */
  end(isElsewhere) {
    this.#isOver = true;
    this.#setOver();
    const next = new Epoch();
    if (isElsewhere) {
      next.log = this.log;
      next.begin = ++this.log.now;
      next.#ends = this.#ends;
    } else {
      // In a microtask, since the callbacks may look for the next epoch.
      queueMicrotask(() => this.#ends.forEach((end) => end()));
    }
    return next;
  }

  /** @param {() => void} end called when the epoch is over */
  onEnd(end) {
    this.#ends.push(end);
  }

  /** The app's tokens as they were read last, unless something has been heard of them since. */
  get held() {
    return this.#held;
  }

  dropHeld() {
    this.#changes++;
    this.#held = undefined;
  }

  /** @returns {(tokens: import('./tokens.js').StoredTokens) => void} holds what a read that begins now brings */
  holder() {
    const changes = this.#changes;
    return (tokens) => {
      if (changes === this.#changes) this.#held = tokens ?? undefined;
    };
  }

  /**
   * @template {unknown[]} Args
   * @template Result
   * @param {(...args: Args) => Result} effect
   * @returns {(...args: Args) => Result | undefined} the effect. It does nothing once the epoch is over
   */
  guard(effect) {
    return (...args) => (this.#isOver ? undefined : effect(...args));
  }
}
