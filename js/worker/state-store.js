// What the core keeps from one worker life to the next, never a token: a line of JSON, and behind it the ids of the
// clients that have spoken.
import { createStore, del, getMany, set, setMany } from 'idb-keyval';

/** Of all scopes, before each had its own. */
const EARLIER_KEY = 'state';

/** A text that the core cannot read: it takes nothing for known, and saves over it. */
const UNREADABLE = '?';

/**
 * Guarantees: at most one write runs and one waits, and the last saved text is the one that stays. If it cannot be
 * written, no later worker life reads an older text, unless storage accepts no change at all.
 */
export class StateStore {
  #key;
  /**
   * The key of a second entry, UNREADABLE, which is read if the text was deleted. It is written with each text, since
   * full storage may allow nothing but a delete.
   */
  #spareKey;
  #store = createStore('auth-service-worker', 'state');
  /** Makes the text of the next write. */
  #state = () => '';
  /** The write on its way. @type {Promise<void> | undefined} */
  #writing;
  /** The one that follows it, whose text is not made yet. @type {Promise<void> | undefined} */
  #waiting;
  /** Whether a write came to nothing. May be set. */
  hasFailed = false;

  /** @param {string} scope of the registration: two of one origin each have a state of their own */
  constructor(scope) {
    this.#key = scope;
    // A scope has no fragment.
    this.#spareKey = `${scope}#spare`;
  }

  /** @returns {Promise<unknown>} what was written last; undefined when nothing was. Rejects when that cannot be known */
  async load() {
    const [text, spare, earlier] = await getMany([this.#key, this.#spareKey, EARLIER_KEY], this.#store);
    return text ?? spare ?? earlier;
  }

  /** Keeps it if it can: a browser may forbid storage, or lack room. @param {() => string} state '' for nothing to keep */
  save(state) {
    this.#state = state;
    this.#waiting ??= (this.#writing ?? Promise.resolve()).then(() => {
      this.#writing = this.#waiting;
      this.#waiting = undefined;
      return this.#write(this.#state());
    });
  }

  /** @returns {Promise<void> | undefined} settles when all that was saved is written or cannot be; undefined: it is */
  get written() {
    return this.#waiting ?? this.#writing;
  }

  /** @param {string} text */
  async #write(text) {
    const writing = this.#writing;
    try {
      if (text) {
        await setMany(
          [
            [this.#key, text],
            [this.#spareKey, UNREADABLE],
          ],
          this.#store,
        );
      }
    } catch {
      this.hasFailed = true;
      // The next life would take the text before for the last word.
      await set(this.#key, UNREADABLE, this.#store)
        .catch(() => del(this.#key, this.#store))
        .catch(() => {});
    }
    if (this.#writing === writing) this.#writing = undefined;
  }
}
