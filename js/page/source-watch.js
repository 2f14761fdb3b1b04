// Watches the app's token source, and finds which tokens are gone from it.
import { attempt, whenRead } from './async.js';
import { Pace } from './pace.js';
import { clearTimeout, elapsed, setTimeout } from './platform.js';
import { mayHoldTokens, quickTokens, readInOrder } from './tokens.js';

/** @typedef {import('./token-log.js').Said} Said */

/** How long a token may be missing in storage: to refresh it, an app may first remove it, or all of them. */
const MISSING_MS = 5000;
/** The pause before the tokens are read again after a read that failed. It doubles each time. */
const FIRST_RETRY_MS = 5000;
/** Messages of other tabs that follow each other more closely share their reads. */
const BURST_MS = 1000;

/**
 * @typedef {{hasLasted: boolean}} Missing `hasLasted`: the token has been missing for long enough. If a read still
 *   misses it, it counts as removed
 */
/** @typedef {Pick<import('./token-push.js').TokenPush, 'tellRead' | 'withdraw' | 'send'>} Push */

/**
 * Guarantees: the source is read again after each change of it that the page can notice, and after each read that
 * failed while a token may have been removed. A token that stays missing for MISSING_MS counts as removed. Results of
 * reads that began in an earlier epoch are dropped.
 */
export class SourceWatch {
  #state;
  #push;
  /**
   * Realms whose token is missing in storage. Realms that the same read was the first to miss share one object.
   * @type {Map<string, Missing>}
   */
  #missing = new Map();
  /** The timer of the read after one that failed. @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** When the app said all its tokens in another tab. */
  #saidElsewhereAt = -MISSING_MS;
  #newPace = () => new Pace(() => this.#state.options && this.#readAgain(this.#state.options));
  #pace = this.#newPace();
  /** Reads whose tokens are not sent to the worker. There are none if reading takes time. */
  #looks = new Pace(() => {
    const { epoch, options } = this.#state;
    if (options) epoch.log.noteStored(quickTokens(options));
    return undefined;
  });

  /** @param {import('./page-state.js').PageState} state @param {Push} push */
  constructor(state, push) {
    this.#state = state;
    this.#push = push;
  }

  /** Begins to watch. Chromium fetches localStorage when this listener is added. */
  begin() {
    globalThis.addEventListener?.('storage', this.#storageChanged);
  }

  /** To be called when an epoch begins. */
  epochBegan() {
    this.#missing.clear();
  }

  /**
   * The app has synced or cleared all its tokens in another tab. A token that is missing in storage counts as removed at
   * once: no refresh is about to set it again. The next read starts at once, except in a burst of such messages, and
   * another one soon, when the storage shows the change.
   */
  saidElsewhere() {
    if (elapsed() - this.#saidElsewhereAt > BURST_MS) this.#pace = this.#newPace();
    this.#saidElsewhereAt = elapsed();
  }

  /** The source may have changed. */
  mayHaveChanged() {
    this.#storageChanged({ key: null });
  }

  /** @returns {string[]} the realms whose token is missing */
  missing() {
    return [...this.#missing.keys()];
  }

  /** @param {string} realmURL */
  isMissing(realmURL) {
    return this.#missing.has(realmURL);
  }

  /**
   * Looks whether the token source has what was said. What it has counts as removed once it has it no more.
   * @param {Said[]} said
   */
  lookFor(said) {
    const { log } = this.#state.epoch;
    // The app may store it right after it has said it.
    if (said.some(([realmURL]) => log.unstoredTokenOf(realmURL))) setTimeout(() => this.#looks.want(), 0);
  }

  /**
   * To be called when a read has failed. If a token may have been removed, the tokens are read again.
   * @param {number} [pause]
   * @returns {undefined}
   */
  readFailed(pause = FIRST_RETRY_MS) {
    const { epoch } = this.#state;
    clearTimeout(this.#retry);
    if (epoch.log.missingIn({}).length === 0) return;
    const read = epoch.guard(() => this.#state.options && this.#readAgain(this.#state.options, 2 * pause));
    this.#retry = setTimeout(read, pause);
  }

  /** Notes which tokens a read has not found. @param {import('../protocol.js').Tokens} tokens those that it has found */
  noteMissing(tokens) {
    const { log } = this.#state.epoch;
    /** @type {Missing} */
    const first = { hasLasted: elapsed() - this.#saidElsewhereAt < MISSING_MS };
    const realms = log.missingIn(tokens);
    const isAnyNew = realms.some((realmURL) => !this.#missing.has(realmURL));
    this.#missing = new Map(realms.map((realmURL) => [realmURL, this.#missing.get(realmURL) ?? first]));
    this.#push.withdraw(this.#missing.keys());
    /** @type {Said[]} */
    const gone = [...this.#missing].flatMap(([realmURL, { hasLasted }]) => (hasLasted ? [[realmURL]] : []));
    if (gone.length > 0) this.#push.send(gone);
    if (isAnyNew && !first.hasLasted) this.#lookAgain(first);
  }

  /** @param {Pick<StorageEvent, 'key'>} event the key in localStorage that another tab changed; null: all of them */
  #storageChanged = ({ key }) => {
    const { epoch, options } = this.#state;
    if (!options || !mayHoldTokens(options, key)) return;
    epoch.dropHeld();
    // The default token source is read at each of its changes, since reading it changes nothing.
    if (attempt(() => options.tokens, Boolean)) this.#pace.want();
    else this.#readAgain(options);
  };

  /**
   * @param {import('./options.js').AuthServiceWorkerOptions} options
   * @param {number} [pause] before the next read if this one fails
   * @returns {import('./options.js').Awaitable<boolean | undefined>} whether there was news; undefined if the read failed
   */
  #readAgain(options, pause) {
    const { epoch } = this.#state;
    const { changes, now } = epoch.log;
    const take = epoch.guard((/** @type {import('./tokens.js').StoredTokens} */ tokens) => {
      if (options !== this.#state.options) return undefined;
      if (tokens === undefined) return this.readFailed(pause);
      clearTimeout(this.#retry);
      this.#push.tellRead(tokens, now);
      this.noteMissing(tokens ?? {});
      return epoch.log.changes !== changes;
    });
    return whenRead(readInOrder(epoch, options), take);
  }

  /** Looks again later whether tokens are still missing. @param {Missing} missing */
  #lookAgain(missing) {
    const look = this.#state.epoch.guard(() => {
      const { options } = this.#state;
      if (!options || ![...this.#missing.values()].includes(missing)) return;
      missing.hasLasted = true;
      void this.#readAgain(options, 2 * FIRST_RETRY_MS);
    });
    setTimeout(look, MISSING_MS);
  }
}
