// What the core keeps from one worker life to the next: origins and fingerprints of users, never a token.
import { createStore, get, set } from 'idb-keyval';

const KEY = 'state';

export class StateStore {
  #store = createStore('auth-service-worker', 'state');

  /** @returns {Promise<unknown>} what `save` was given last; undefined when there is nothing or no storage. Never rejects */
  async load() {
    try {
      return await get(KEY, this.#store);
    } catch {
      return undefined;
    }
  }

  /** Keeps it if it can: a browser may forbid storage, or lack room. @param {string} state */
  async save(state) {
    try {
      await set(KEY, state, this.#store);
    } catch {
      // The next worker life starts as the first.
    }
  }
}
