// Gives clients their small numbers in the core.

/** @typedef {{id: string, client?: Client}} Known */

export class ClientNumbers {
  #clients;
  /** @type {Map<string, number>} */
  #numbers = new Map();
  /** @type {Map<number, Known>} */
  #known = new Map();
  #lastNumber = 0;

  /** @param {Clients} clients the platform's */
  constructor(clients) {
    this.#clients = clients;
  }

  /** @param {string} id '' for none @returns {number} 0 for none */
  numberOfId(id) {
    if (!id) return 0;
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = ++this.#lastNumber;
      this.#numbers.set(id, number);
      this.#known.set(number, { id });
    }
    return number;
  }

  /** @param {Client | ServiceWorker | MessagePort | null | undefined} source @returns {number} 0 unless a client */
  numberOf(source) {
    if (!source || !('id' in source)) return 0;
    const number = this.numberOfId(source.id);
    const known = this.#known.get(number);
    if (known) known.client = source;
    return number;
  }

  /** @param {number} number @returns {Client | undefined} */
  get(number) {
    return this.#known.get(number)?.client;
  }

  /** @param {number} number */
  forget(number) {
    const known = this.#known.get(number);
    if (known) this.#numbers.delete(known.id);
    this.#known.delete(number);
  }

  /** @param {(number: number) => boolean} isWanted @returns {string[]} */
  idsOf(isWanted) {
    return [...this.#numbers].flatMap(([id, number]) => (isWanted(number) ? id : []));
  }

  /**
   * Looks up all controlled clients. For each it returns a number and then the FoundClient bits of cpp/base/step.h.
   * @returns {Promise<number[]>}
   */
  async findAll() {
    const found = await this.#clients.matchAll({ type: 'all' });
    return found.flatMap((client) => [this.numberOf(client), bitsOf(client)]);
  }
}

/** @param {Client} client @returns {number} */
function bitsOf(client) {
  if (client.type !== 'window') return 0;
  const { frameType, focused, visibilityState } = /** @type {WindowClient} */ (client);
  return 1 | (frameType === 'nested' ? 0 : 2) | (focused ? 4 : 0) | (visibilityState === 'visible' ? 8 : 0);
}
