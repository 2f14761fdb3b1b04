// Token messages to a worker of version 2, which acknowledges them.
import { ACK } from '../protocol.js';
import { post } from './post.js';
import { clearTimeout, setTimeout } from './timers.js';

const FIRST_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 30_000;

/** @typedef {import('./told.js').TokenMessage} TokenMessage */

/** Guarantee: while messages lack their acknowledgement, `onSilence` is called, after 1 s, 2 s, 4 s … 30 s. */
export class AckedPosts {
  #onSilence;
  #onTaken;
  /** The ports of messages that are not acknowledged yet. @type {Set<MessagePort>} */
  #ports = new Set();
  #pause = FIRST_PAUSE_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {() => void} onSilence has to post again what was not taken in
   * @param {() => void} onTaken all that was posted has been acknowledged
   */
  constructor(onSilence, onTaken) {
    this.#onSilence = onSilence;
    this.#onTaken = onTaken;
  }

  /**
   * A worker takes in a page's messages in their order: the last one's acknowledgement is that of all.
   * @param {ServiceWorker} worker
   * @param {TokenMessage[]} messages
   * @param {boolean} [isRepeat] of what was posted last: the pause before the next one grows
   */
  post(worker, messages, isRepeat) {
    if (messages.length === 0) return;
    for (const message of messages.slice(0, -1)) post(worker, message);
    const port = post(worker, messages[messages.length - 1], (answer) => {
      if (answer?.type === ACK) this.#take(port);
    });
    if (port) this.#ports.add(port);
    this.#pause = isRepeat ? Math.min(2 * this.#pause, LAST_PAUSE_MS) : FIRST_PAUSE_MS;
    clearTimeout(this.#timer);
    if (this.#ports.size > 0) this.#timer = setTimeout(this.#onSilence, this.#pause);
  }

  /** Whether something lacks its acknowledgement. */
  get isWaiting() {
    return this.#ports.size > 0;
  }

  /** Forgets what was posted. */
  drop() {
    for (const port of this.#ports) port.close();
    this.#ports.clear();
    clearTimeout(this.#timer);
  }

  /** @param {MessagePort | undefined} port */
  #take(port) {
    if (!port || !this.#ports.delete(port) || this.#ports.size > 0) return;
    clearTimeout(this.#timer);
    this.#onTaken();
  }
}
