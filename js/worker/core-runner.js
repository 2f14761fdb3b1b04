// The core, its clock, its one timer, and what to do when it dies.
import { mapRealmURLs } from '../protocol.js';
import { normaliseRealmURL } from '../realm-url.js';

const NUMBERS_PER_ORDER = 5;
const SCRATCH_BYTES = 8192;

/** @typedef {Record<string, (a: number, b: number, c: number, d: number) => void>} Effects */

/**
 * Wall-clock ms that never run backwards while the worker lives, as the core requires.
 * @returns {number}
 */
const now = () => performance.timeOrigin + performance.now();

/**
 * Feeds facts to the core and carries its orders out. Guarantee: nothing thrown by the core or by an
 * effect leaves this class; a core that threw is thrown away, and the next fact finds a new one.
 */
export class CoreRunner {
  /** One function per order, by the order's name. @type {Effects} */
  effects = {};
  /** Called when a core has been made: it wants to be told the hosts. */
  onBirth = () => {};
  /** Called after a core died. */
  onDeath = () => {};

  #createAuthCore;
  #options;
  #encoder = new TextEncoder();
  /** @type {import('../core.js').CoreModule | undefined} */
  #module;
  /** @type {import('../core.js').Core | undefined} */
  #core;
  #scratch = 0;
  /** @type {string[]} */
  #orderNames = [];
  /** @type {string[]} */
  #reasonNames = [];
  /** @type {string[]} */
  #warningNames = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #hasReported = false;
  #isForbidden = false;

  /**
   * @param {() => import('../core.js').CoreModule} createAuthCore
   * @param {import('./listeners.js').Options & {keepsHosts: boolean}} options
   */
  constructor(createAuthCore, options) {
    this.#createAuthCore = createAuthCore;
    this.#options = options;
  }

  /** Makes the core now rather than at the first fact. */
  start() {
    this.#guard(() => this.#living());
  }

  /** @returns {Map<string, number> | undefined} destination → number; undefined without a core */
  destinations() {
    return this.#guard(() => {
      this.#living();
      return namesToNumbers(this.#module?.destinationNames ?? '');
    });
  }

  /**
   * The hot path.
   * @param {string} url
   * @param {number} traits
   * @returns {number} token id (> 0), 0 to leave the request alone, -1 when `request` has to decide
   */
  decide(url, traits) {
    return (
      this.#guard(() => {
        this.#living();
        return this.#module?._decide(this.#scratch, this.#write(url), traits, now());
      }) ?? 0
    );
  }

  /** @param {number} id @param {number} client @param {string} url @param {number} traits */
  request(id, client, url, traits) {
    this.#step((core) => core.request(id, client, this.#write(url), traits, now()));
  }

  /**
   * @param {number} id
   * @param {number} client
   * @param {string} url
   * @param {number} token
   * @param {number} traits
   * @param {number} status HTTP, or 0 for a network error
   */
  response(id, client, url, token, traits, status) {
    this.#step((core) => core.response(id, client, this.#write(url), token, traits, status, now()));
  }

  /** @param {number} id @param {number} client @param {unknown} data */
  message(id, client, data) {
    this.#step((core) => core.message(id, client, toJSON(data), now()));
  }

  /** @param {number} ask @param {number} client @param {unknown} data */
  reply(ask, client, data) {
    this.#step((core) => core.reply(ask, client, toJSON(data), now()));
  }

  /** @param {number} ask @param {number[]} numbers client and FoundClient bits (cpp/step.h) in turn */
  clientsFound(ask, numbers) {
    this.#step((core) => {
      const room = new Int32Array(this.#heap().buffer, this.#scratch, SCRATCH_BYTES >> 2);
      const fitting = numbers.slice(0, room.length);
      room.set(fitting);
      return core.clientsFound(ask, fitting.length >> 1, now());
    });
  }

  /** @param {unknown} saved what `hosts` returned in an earlier worker life */
  hostsLoaded(saved) {
    this.#step((core) => core.hostsLoaded(typeof saved === 'string' ? saved : '', now()));
  }

  /** @returns {string} for the next worker life */
  hosts() {
    return this.#guard(() => this.#living().hosts()) ?? '';
  }

  /** @param {number} client */
  clientGone(client) {
    this.#step((core) => core.clientGone(client, now()));
  }

  /** @param {number} token @returns {string} the token's text; '' when it is gone */
  tokenText(token) {
    return this.#guard(() => this.#living().realmToken(token).split(' ')[1]) ?? '';
  }

  /** @returns {object} counts and sizes, no tokens */
  stats() {
    return this.#guard(() => JSON.parse(this.#living().stats())) ?? {};
  }

  /** @param {number} reason @returns {import('../protocol.js').Reason | ''} */
  reasonName(reason) {
    return /** @type {import('../protocol.js').Reason | ''} */ (this.#reasonNames[reason]);
  }

  /** @param {number} warning @returns {string} */
  warningName(warning) {
    return this.#warningNames[warning];
  }

  /**
   * Carries one order out.
   * @param {string} name
   * @param {number[]} numbers
   */
  carryOut(name, ...numbers) {
    const [a = 0, b = 0, c = 0, d = 0] = numbers;
    try {
      this.effects[name](a, b, c, d);
    } catch (error) {
      console.error(`auth-service-worker: could not carry out ${name}.`, error);
    }
  }

  /** @param {(core: import('../core.js').Core) => Int32Array} fact */
  #step(fact) {
    const numbers = this.#guard(() => Array.from(fact(this.#living())));
    if (!numbers) return;
    // Before the orders: carrying one out may be a fact itself, whose own timer must stand.
    this.#wakeIn(numbers[0]);
    for (let i = 1; i < numbers.length; i += NUMBERS_PER_ORDER) {
      const [kind, a, b, c, d] = numbers.slice(i, i + NUMBERS_PER_ORDER);
      this.carryOut(this.#orderNames[kind], a, b, c, d);
    }
  }

  /** @param {number} ms -1: not at all */
  #wakeIn(ms) {
    clearTimeout(this.#timer);
    this.#timer = ms < 0 ? undefined : setTimeout(() => this.#step((core) => core.tick(now())), ms);
  }

  #living() {
    if (!this.#core) {
      // What forbids WebAssembly now forbids it for this worker's whole life.
      if (this.#isForbidden) throw new Error('no core');
      this.#isForbidden = true;
      this.#module = this.#createAuthCore();
      this.#isForbidden = false;
      this.#core = new this.#module.Core(JSON.stringify(this.#options));
      this.#scratch = this.#core.scratch();
      this.#orderNames = this.#module.orderNames.split(',');
      this.#reasonNames = this.#module.reasonNames.split(',');
      this.#warningNames = this.#module.warningNames.split(',');
      this.onBirth();
    }
    return this.#core;
  }

  #heap() {
    return /** @type {import('../core.js').CoreModule} */ (this.#module).HEAPU8;
  }

  /**
   * Writes the URL to the scratch buffer. A URL is serialised, so ASCII: its length is its size.
   * @param {string} url
   * @returns {number} bytes; more than the buffer holds for a URL that was cut
   */
  #write(url) {
    this.#encoder.encodeInto(url, this.#heap().subarray(this.#scratch, this.#scratch + SCRATCH_BYTES));
    return url.length;
  }

  /**
   * @template T
   * @param {() => T} call
   * @returns {T | undefined} undefined when the call threw
   */
  #guard(call) {
    try {
      return call();
    } catch (error) {
      this.#die(error);
      return undefined;
    }
  }

  /** @param {unknown} error */
  #die(error) {
    this.#core = undefined;
    this.#module = undefined;
    clearTimeout(this.#timer);
    if (!this.#hasReported) {
      this.#hasReported = true;
      console.error(
        'auth-service-worker: the core failed; requests go out as the browser sends them. Where the ' +
          "error is about WebAssembly being forbidden, add 'wasm-unsafe-eval' to script-src in the " +
          "Content-Security-Policy header of the worker's script.",
        error,
      );
    }
    this.onDeath();
  }
}

/** @param {string} names comma-separated @returns {Map<string, number>} */
function namesToNumbers(names) {
  return new Map(names.split(',').map((name, number) => [name, number]));
}

/**
 * JSON of a message or reply, its realm URLs normalised by the platform's parser. What JSON cannot
 * hold (a cycle, a BigInt) becomes text that no shape fits.
 * @param {unknown} data
 * @returns {string}
 */
function toJSON(data) {
  try {
    return JSON.stringify(mapRealmURLs(data, normaliseRealmURL)) ?? '';
  } catch {
    return '';
  }
}
