import { ACK } from '../protocol.js';
import { clearTimeout, setTimeout } from './platform.js';
import { advise } from './warn.js';

/**
 * Posts a message, with a port if a reply is wanted.
 * @param {ServiceWorker} worker
 * @param {{type: string}} message
 * @param {(reply: any) => void} [onReply]
 * @returns {MessagePort | undefined} our end of the channel, until the reply. None if the message could not be sent,
 *   which is warned of
 */
export function post(worker, message, onReply) {
  const { port1, port2 } = (onReply && new MessageChannel()) ?? {};
  try {
    worker.postMessage(message, port2 ? [port2] : []);
  } catch (error) {
    advise('not-sent', [message.type], error);
    port1?.close();
    return undefined;
  }
  if (port1) {
    port1.onmessage = ({ data }) => {
      port1.close();
      onReply?.(data);
    };
  }
  return port1;
}

// Token messages to a worker of version 2, which acknowledges them.

const FIRST_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 30_000;

/** @typedef {import('./token-log.js').TokenMessage} TokenMessage */

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
   * @param {() => void} onSilence has to post again what is not acknowledged
   * @param {() => void} onTaken called when all that was posted is acknowledged
   */
  constructor(onSilence, onTaken) {
    this.#onSilence = onSilence;
    this.#onTaken = onTaken;
  }

  /**
   * A worker takes in a page's messages in their order, so the acknowledgement of the last one stands for all.
   * @param {ServiceWorker} worker
   * @param {TokenMessage[]} messages
   * @param {boolean} [isRepeat] repeats what was posted last: the pause before the next repetition grows
   */
  post(worker, messages, isRepeat) {
    if (messages.length === 0) return;
    for (const message of messages.slice(0, -1)) post(worker, message);
    const port = post(worker, messages[messages.length - 1], (reply) => {
      if (reply?.type === ACK) this.#take(port);
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
