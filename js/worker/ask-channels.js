// The MessageChannels on which clients answer asks.
import { requestRealmToken, requestRealmTokenBecause } from '../protocol.js';

/** @typedef {{url: string, ports: MessagePort[]}} Channel */

export class AskChannels {
  #core;
  #clients;
  /** @type {Map<number, Channel>} */
  #open = new Map();

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
   * @param {string | undefined} url ignored once known
   */
  open(ask, url) {
    if (url !== undefined && !this.#open.has(ask)) this.#open.set(ask, { url, ports: [] });
  }

  /**
   * Puts the question to a client.
   * @param {number} ask
   * @param {number} client
   * @param {import('../protocol.js').Reason | ''} reason '' for a client of version 1
   * @param {boolean} [refresh] its tokens did not help: it is to get a new one
   */
  ask(ask, client, reason, refresh) {
    const channel = this.#open.get(ask);
    const receiver = this.#clients.get(client);
    if (!channel || !receiver) {
      this.#core.clientGone(client);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    // What is in the queue when the port is closed may still come, for another core: its asks have the same numbers.
    port1.onmessage = ({ data }) => this.#open.get(ask) === channel && this.#core.reply(ask, client, data);
    channel.ports.push(port1);
    try {
      const { url } = channel;
      const question = reason
        ? requestRealmTokenBecause(url, reason, refresh, this.#core.realmOf(url))
        : requestRealmToken(url);
      receiver.postMessage(question, [port2]);
    } catch {
      this.#core.clientGone(client);
    }
  }

  /** @param {number} ask */
  close(ask) {
    for (const port of this.#open.get(ask)?.ports ?? []) port.close();
    this.#open.delete(ask);
  }

  closeAll() {
    for (const ask of [...this.#open.keys()]) this.close(ask);
  }
}
