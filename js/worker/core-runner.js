// The core, its clock, its one timer, and what to do when it dies.
import { CoreMemory } from '../core-memory.js';
import { wireText } from './wire-text.js';

const NUMBERS_PER_ORDER = 5;

/** @typedef {Record<string, (a: number, b: number, c: number, d: number) => void>} Effects */
/** @typedef {import('../core.js').AuthCore} AuthCore */
/** @typedef {{address: number, core: AuthCore, memory: CoreMemory, module: import('../core.js').CoreModule}} Living */
/** @typedef {(import('../protocol.js').Reason | '')[]} Reasons */
/** @typedef {Record<'destinations' | 'orders' | 'warnings' | 'methods' | 'rules', string[]> & {reasons: Reasons}} Names */

/** The clock of the machine may be this far ahead, in ms: less is set right little by little, or is no fault. */
const MAX_LAG_MS = 1000;

let { timeOrigin: start } = performance;

/**
 * Returns wall-clock ms. They never run backwards while the worker lives, as the core requires. On most systems,
 * performance.now() stands still while the machine sleeps, and a token may have expired meanwhile.
 * @returns {number}
 */
const now = () => {
  const ran = performance.now();
  const lag = Date.now() - start - ran;
  if (lag > MAX_LAG_MS) start += lag;
  return start + ran;
};

/**
 * Feeds facts to the core and carries its orders out. Guarantee: nothing that the core or an effect throws leaves this
 * class. A core that threw is dropped, and the next fact gets a new one.
 */
export class CoreRunner {
  /** One function per order, by the order's name. @type {Effects} */
  effects = {};
  /**
   * The names of the core's enumerations, in their order: the core's numbers stand for them. Empty before the first
   * core.
   */
  names = /** @type {Names} */ ({});
  /** Called when a core has been made. The core then waits for `stateLoaded`. */
  onBirth = () => {};
  /** Called after a core died. */
  onDeath = () => {};

  #createCoreModule;
  #options;
  /** @type {Living | undefined} */
  #living;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #hasReported = false;
  #isForbidden = false;

  /**
   * @param {() => import('../core.js').CoreModule} createCoreModule
   * @param {import('./options.js').Options & {keepsState: boolean, scriptURL: string}} options
   */
  constructor(createCoreModule, options) {
    this.#createCoreModule = createCoreModule;
    this.#options = options;
  }

  /** Whether the next fact gets a new core. */
  get isUnborn() {
    return !this.#living;
  }

  /** An object that stands for the present core; undefined while there is none. @returns {object | undefined} */
  get life() {
    return this.#living;
  }

  /** Makes a core unless there is one. @returns {boolean} whether there is one now */
  start() {
    return !!this.#guard(() => this.#alive());
  }

  /**
   * Decides about a request. This is the hot path.
   * @param {string} url
   * @param {number} info
   * @returns {number} token id (> 0), 0 to leave the request alone, -1 when `request` has to decide
   */
  decide(url, info) {
    try {
      const { address, memory, module } = this.#alive();
      return module._decide(address, memory.putURL(url), info);
    } catch (error) {
      this.#die(error);
      return 0;
    }
  }

  /**
   * Tells the rule by which `request` will decide.
   * @param {number} client
   * @param {string} url
   * @param {number} info
   * @returns {string} '' without a core
   */
  ruleOf(client, url, info) {
    return (
      this.#guard(() => {
        const { core, memory } = this.#alive();
        return this.names.rules[core.ruleOf(client, memory.putURL(url), info, now())];
      }) ?? ''
    );
  }

  /** @param {number} id @param {number} client @param {string} url @param {number} info */
  request(id, client, url, info) {
    this.#step((core, memory) => core.request(id, client, memory.putURL(url), info, now()));
  }

  /**
   * @param {number} id
   * @param {number} client
   * @param {string} url
   * @param {number} token
   * @param {number} info
   * @param {number} status the HTTP status, or one of Response in cpp/base/step.h
   * @param {number} responseBits as request-info.js makes them
   * @param {string} endedAt where redirects led; '' when there were none
   */
  response(id, client, url, token, info, status, responseBits, endedAt) {
    this.#step((core, memory) =>
      core.response(id, client, memory.putURL(url), token, info, status, responseBits, memory.putText(endedAt), now()),
    );
  }

  /** @param {number} id @param {number} client @param {unknown} data */
  message(id, client, data) {
    this.#step((core, memory) => core.message(id, client, memory.putText(wireText(data)), now()));
  }

  /** @param {number} ask @param {number} client @param {unknown} data */
  reply(ask, client, data) {
    this.#step((core, memory) => core.reply(ask, client, memory.putText(wireText(data)), now()));
  }

  /** @param {number} ask @param {number[]} numbers client and FoundClient bits (cpp/base/step.h) in turn */
  clientsFound(ask, numbers) {
    this.#step((core, memory) => core.clientsFound(ask, memory.putNumbers(numbers), now()));
  }

  /** @param {unknown} saved what `state` returned in an earlier worker life; undefined when nothing was saved */
  stateLoaded(saved) {
    this.#step((core, memory) => core.stateLoaded(memory.putText(saved === undefined ? '' : String(saved)), now()));
  }

  /**
   * To be called before stateLoaded.
   * @param {number} client that had spoken when an earlier worker life saved its state
   */
  clientSpokeBefore(client) {
    this.#step((core) => core.clientSpokeBefore(client, now()));
  }

  /** Whether the core will not name the client's number again. @param {number} client */
  isForgotten(client) {
    return !this.#living?.core.clientState(client);
  }

  /** Whether a later core has to know that the client has spoken. @param {number} client */
  hasSpoken(client) {
    return this.#living?.core.clientState(client) === 2;
  }

  /** The saved state cannot be read. */
  stateUnavailable() {
    this.#step((core) => core.stateUnavailable(now()));
  }

  /** @returns {string} the state to save for the next worker life */
  state() {
    return this.#text((core) => core.state());
  }

  /** @param {number} client the client that a navigation makes; 0 for none */
  clientBegan(client) {
    this.#step((core) => core.clientBegan(client, now()));
  }

  /** @param {string} url that a policy forbids this worker to fetch */
  hostForbidden(url) {
    this.#step((core, memory) => core.hostForbidden(memory.putURL(url), now()));
  }

  /** @param {number} client */
  clientGone(client) {
    this.#step((core) => core.clientGone(client, now()));
  }

  /** @param {number} token @returns {string} the URL of its realm; '' when it is gone */
  realmOfToken(token) {
    return this.#text((core) => core.realmOfToken(token));
  }

  /** @param {number} token @returns {string} the token itself; '' when it is gone */
  textOfToken(token) {
    return this.#text((core) => core.textOfToken(token));
  }

  /** @param {string} url @returns {string} the realm it is in, as far as the core knows; '' when it knows none */
  realmOf(url) {
    return this.#text((core, memory) => core.realmOf(memory.putURL(url)));
  }

  /** @returns {Record<string, number>} counts and sizes, no tokens */
  stats() {
    const text = this.#text((core) => core.stats());
    return text ? { ...JSON.parse(text), memoryBytes: this.#living?.module.HEAPU8.length } : {};
  }

  /** @returns {string} the realms and origins that the core knows: see `Core::places` */
  places() {
    return this.#text((core) => core.places());
  }

  /** @param {(core: AuthCore, memory: CoreMemory) => number} query @returns {string} '' without a core */
  #text(query) {
    return (
      this.#guard(() => {
        const { core, memory } = this.#alive();
        return memory.text(query(core, memory));
      }) ?? ''
    );
  }

  /** @param {(core: AuthCore, memory: CoreMemory) => number} fact */
  #step(fact) {
    const numbers = this.#guard(() => {
      const { core, memory } = this.#alive();
      return memory.numbers(fact(core, memory));
    });
    if (!numbers) return;
    // This comes before the orders: to carry one out may bring another fact, whose timer must stay.
    this.#wakeIn(numbers[0]);
    for (let i = 1; i < numbers.length; i += NUMBERS_PER_ORDER) {
      const [kind, a, b, c, d] = numbers.slice(i, i + NUMBERS_PER_ORDER);
      const name = this.names.orders[kind];
      try {
        this.effects[name](a, b, c, d);
      } catch (error) {
        console.error(`auth-service-worker: could not carry out ${name}.`, error);
      }
    }
  }

  /** @param {number} ms -1: no timer */
  #wakeIn(ms) {
    clearTimeout(this.#timer);
    this.#timer = ms < 0 ? undefined : setTimeout(() => this.#step((core) => core.tick(now())), ms);
  }

  /** Separate from #make(), so that V8 inlines it. That saves 20 ns of a decision. */
  #alive() {
    return this.#living ?? this.#make();
  }

  #make() {
    // A policy that forbids WebAssembly forbids it for this worker's whole life.
    if (this.#isForbidden) throw new Error('no core');
    this.#isForbidden = true;
    const module = this.#createCoreModule();
    this.#isForbidden = false;
    module.clock = now;
    const memory = new CoreMemory(module);
    const isAfterFailure = this.#hasReported;
    const options = JSON.stringify({ ...forCore(this.#options), isAfterFailure, hashKey: randomKey() });
    const core = new module.AuthCore(memory.putText(options));
    const [destinations, orders, reasons, warnings, methods, rules] = memory
      .text(module.names())
      .split('\n')
      .map((list) => list.split(','));
    this.names = { destinations, orders, reasons: /** @type {Reasons} */ (reasons), warnings, methods, rules };
    this.#living = { address: core.address(), core, memory, module };
    this.onBirth();
    return this.#living;
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
    this.#living = undefined;
    clearTimeout(this.#timer);
    if (!this.#hasReported) {
      this.#hasReported = true;
      console.error(
        'auth-service-worker: the core failed, so requests go out as the browser sends them. If WebAssembly is forbidden, ' +
          "add 'wasm-unsafe-eval' to script-src in the Content-Security-Policy header of the worker's script, or serve " +
          'auth-core-without-wasm.js beside it.',
        error,
      );
    }
    this.onDeath();
  }
}

/**
 * Returns the options that the core reads. They are flags and texts. Others may have no JSON, and the core only warns of
 * their type, so an empty object stands for each.
 * @param {import('./options.js').Options} options
 */
const forCore = ({ authorization, ...options }) =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      value === null || ['boolean', 'string', 'undefined'].includes(typeof value) ? value : {},
    ]),
  );

/** @returns {string} 128 random bits, as hexadecimal digits */
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
