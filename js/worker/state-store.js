// Stores what the core keeps from one worker life to the next: a line of JSON, and after it the ids of the clients that
// have spoken. It never has a token.
import { createStore, del, getMany, set, setMany } from 'idb-keyval';

/** The key that all scopes shared before each had its own. */
const EARLIER_KEY = 'state';

/** A text that the core cannot read. The core then assumes nothing, and replaces it. */
const UNREADABLE = '?';

/**
 * Guarantees: at most one write runs and one waits. The text that was saved last is the one that stays. If it cannot be
 * written, no later worker life reads an older text, unless storage accepts no change at all.
 */
export class StateStore {
  #key;
  /**
   * The key of a second entry with the text UNREADABLE. It is read if the first entry was deleted. Each write writes
   * both, since full storage may allow only a delete.
   */
  #spareKey;
  /** The open database. @type {import('idb-keyval').UseStore | undefined} */
  #opened;
  /**
   * Gives the database up when the app deletes it, as some apps do with all databases at a logout: the deletion waits
   * for that. The next use makes the database again.
   * @type {import('idb-keyval').UseStore}
   */
  #store = (mode, use) => {
    this.#opened ??= createStore('auth-service-worker', 'state');
    return this.#opened(mode, (store) => {
      const { db } = store.transaction;
      db.onversionchange = () => {
        this.#opened = undefined;
        db.close();
      };
      return use(store);
    });
  };
  /** Makes the text of the next write. */
  #state = () => '';
  /** The write that runs. @type {Promise<void> | undefined} */
  #writing;
  /** The write that waits. Its text is not made yet. @type {Promise<void> | undefined} */
  #waiting;
  /** Whether a write has failed. Others may set it. */
  hasFailed = false;

  /** @param {string} scope of the registration: each scope of an origin has a state of its own */
  constructor(scope) {
    this.#key = scope;
    // No other scope has this key, since a scope has no fragment.
    this.#spareKey = `${scope}#spare`;
  }

  /** @returns {Promise<unknown>} what was written last; undefined when nothing was. Rejects when that cannot be known */
  async load() {
    const [text, spare, earlier] = await getMany([this.#key, this.#spareKey, EARLIER_KEY], this.#store);
    return text ?? spare ?? earlier;
  }

  /**
   * Saves the state if the browser allows it and has room.
   * @param {() => string} state makes the text; '' if there is none
   */
  save(state) {
    this.#state = state;
    this.#waiting ??= (this.#writing ?? Promise.resolve()).then(() => {
      this.#writing = this.#waiting;
      this.#waiting = undefined;
      return this.#write(this.#state());
    });
  }

  /**
   * @returns {Promise<void> | undefined} settles when all that was saved is written or cannot be; undefined: all is
   *   written
   */
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
      // Otherwise the next worker life would take the previous text for the latest.
      await set(this.#key, UNREADABLE, this.#store)
        .catch(() => del(this.#key, this.#store))
        .catch(() => {});
    }
    if (this.#writing === writing) this.#writing = undefined;
  }
}
