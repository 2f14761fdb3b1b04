// The MessageChannels on which clients reply to asks.
import { PENDING, requestRealmToken, requestRealmTokenBecause } from '../protocol.js';

/** At most this many ports stay open after their asks. */
const MAX_LATE = 256;

/**
 * @typedef {{url: string, ports: Map<MessagePort, boolean>}} Channel the value of a port tells whether its final reply
 *   has come
 */

export class AskChannels {
  #core;
  #clients;
  /** @type {Map<number, Channel>} */
  #open = new Map();
  /**
   * Ports of closed asks, oldest first. A reply may still come there: it ends the client's silence.
   * @type {Set<MessagePort>}
   */
  #late = new Set();

  /**
   * @param {import('./core-runner.js').CoreRunner} core
   * @param {import('./client-numbers.js').ClientNumbers} clients
   */
  constructor(core, clients) {
    this.#core = core;
    this.#clients = clients;
  }

  /**
   * Keeps the URL of an ask, since its request may be gone when the next client is asked.
   * @param {number} ask
   * @param {string | undefined} url ignored if the ask has one already
   */
  open(ask, url) {
    if (url !== undefined && !this.#open.has(ask)) this.#open.set(ask, { url, ports: new Map() });
  }

  /**
   * Puts the ask to a client.
   * @param {number} ask
   * @param {number} client
   * @param {import('../protocol.js').Reason | ''} reason '' for a client of version 1
   * @param {boolean} [refresh] its tokens did not help, so it has to get a new one
   */
  ask(ask, client, reason, refresh) {
    const channel = this.#open.get(ask);
    const receiver = this.#clients.get(client);
    if (!channel || !receiver) {
      this.#core.clientGone(client);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    const { life } = this.#core;
    port1.onmessage = ({ data }) => {
      channel.ports.set(port1, data?.type !== PENDING);
      if (this.#late.delete(port1)) port1.close();
      // A reply to a closed ask only tells the core that the client has spoken. When a port is closed, a reply may
      // still be in the queue. By then there may be another core, which counts its asks anew.
      if (this.#core.life === life) this.#core.reply(ask, client, data);
    };
    channel.ports.set(port1, false);
    try {
      const { url } = channel;
      const message = reason
        ? requestRealmTokenBecause(url, reason, refresh, this.#core.realmOf(url))
        : requestRealmToken(url);
      receiver.postMessage(message, [port2]);
    } catch {
      this.#core.clientGone(client);
    }
  }

  /** @param {number} ask */
  close(ask) {
    for (const [port, hasReplied] of this.#open.get(ask)?.ports ?? []) {
      if (hasReplied) port.close();
      else this.#late.add(port);
    }
    this.#open.delete(ask);
    this.#closeLate(MAX_LATE);
  }

  closeAll() {
    for (const ask of [...this.#open.keys()]) this.close(ask);
    this.#closeLate(0);
  }

  /** @param {number} kept */
  #closeLate(kept) {
    for (const port of this.#late) {
      if (this.#late.size <= kept) break;
      port.close();
      this.#late.delete(port);
    }
  }
}
