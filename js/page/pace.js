import { isThenable } from './async.js';
import { setTimeout } from './platform.js';

const FIRST_PAUSE_MS = 100;
/** The longest pause after reads that take no time. */
const LAST_QUICK_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 30_000;

/**
 * Guarantees: after a quiet time, a read starts at once. There is one read at a time. The pauses between reads grow
 * while they bring nothing new. Otherwise two tabs whose reads change the storage would make each other read for ever:
 * MSAL counts its reads in the storage, and auth0-spa-js takes a lock there.
 */
export class Pace {
  #read;
  #isWanted = false;
  #isBusy = false;

  /** @param {() => import('./options.js').Awaitable<boolean | undefined>} read returns whether it has brought news. Never rejects */
  constructor(read) {
    this.#read = read;
  }

  /** There may be news. */
  want() {
    this.#isWanted = true;
    if (!this.#isBusy) void this.#run();
  }

  async #run() {
    this.#isBusy = true;
    for (let pause = 0; this.#isWanted; ) {
      this.#isWanted = false;
      const read = this.#read();
      const last = isThenable(read) ? LAST_PAUSE_MS : LAST_QUICK_PAUSE_MS;
      const hasNews = await read;
      pause = hasNews ? FIRST_PAUSE_MS : Math.min(2 * pause || FIRST_PAUSE_MS, last);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    this.#isBusy = false;
  }
}
