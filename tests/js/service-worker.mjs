// Runs the shipped worker file in Node. Its global scope has the real Request, Headers, Response and MessageChannel.
// The test makes the clients and the network, and moves the time.
import { IDBFactory } from 'fake-indexeddb';
import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { PACKAGE } from './package.mjs';

const ORIGIN = 'https://app.example';

/** Whether this run forbids WebAssembly (AUTH_CORE=plain). Then every worker has the core that is plain JavaScript. */
export const isWithoutWasm = process.env.AUTH_CORE === 'plain';

/**
 * The platform's channels. They are closed at the end, since an open port keeps Node running.
 * @type {MessageChannel[]}
 */
const channels = [];
class Channel extends MessageChannel {
  constructor() {
    super();
    channels.push(this);
  }
}
after(() => channels.forEach(({ port1 }) => port1.close()));

/** Time that moves only when a test says so. */
export class Clock {
  now = 0;
  /** How long the machine has slept: the clock on the wall has gone on, and the worker's own has not. */
  slept = 0;
  /** @type {Map<number, {callback: () => void, at: number}>} */
  #timers = new Map();
  #lastId = 0;

  setTimeout = (/** @type {() => void} */ callback, /** @type {number} */ ms) => {
    this.#timers.set(++this.#lastId, { callback, at: this.now + ms });
    return this.#lastId;
  };
  clearTimeout = (/** @type {number} */ id) => void this.#timers.delete(id);

  get timers() {
    return this.#timers.size;
  }

  /** Moves to a time, and runs what is due on the way. @param {number} ms */
  async to(ms) {
    await settled();
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= ms).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [id, { callback, at }] = due;
      this.#timers.delete(id);
      this.now = Math.max(this.now, at);
      callback();
      await settled();
    }
    this.now = ms;
  }
}

/** Waits for all that needs no time: promises and messages between ports. */
export async function settled() {
  for (let i = 0; i < 25; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A message or a reply. @typedef {Record<string, any>} Data */
/** @typedef {(url: string, post: (reply: Data) => void) => void} Reply how a page replies to an ask */

/** A page. It replies to asks with `reply(url, post)`, and keeps them in `asked`. */
export class Page {
  type = 'window';
  frameType = 'top-level';
  focused = true;
  visibilityState = 'visible';
  /** @type {Data[]} */
  asked = [];

  /** @param {string} id @param {Reply} [reply] */
  constructor(id, reply = () => {}) {
    this.id = id;
    this.reply = reply;
  }

  postMessage(/** @type {Data} */ message, /** @type {MessagePort[]} */ [port]) {
    this.asked.push(structuredClone(message));
    // The platform transfers the port with the message, so the page has it a task later.
    setImmediate(() => this.reply(message.requestURL, (reply) => port.postMessage(reply)));
  }
}

/** @typedef {() => import('../../js/core.js').CoreModule} CreateCoreModule */
/**
 * @typedef {object} WorkerOptions
 * @property {string} [file] a file of the package, served in the root of the app's origin
 * @property {string} [query] that of the URL that it is registered by
 * @property {Page[]} [pages]
 * @property {(request: Request) => Promise<Response> | Response} [network]
 * @property {Record<string, any>} [globals] further globals of the worker
 * @property {(createCoreModule: CreateCoreModule) => CreateCoreModule} [wrapCore] puts something between core and shim
 */
/** Gets the parts of an event that a test passes. @typedef {(event: Record<string, any>) => void} Listener */
/**
 * @typedef {RequestInit & {destination?: string, client?: string}} RequestOfPage its referrer is as the platform shows
 *   it
 */
/** @typedef {{request: Request, response: Promise<Response>}} Held */
/** @typedef {ReturnType<typeof startWorker>} Worker */

/** @param {WorkerOptions} options */
export function startWorker({
  file = 'split/auth-service-worker.js',
  query = '',
  pages = [],
  network,
  globals,
  wrapCore,
} = {}) {
  const clock = new Clock();
  /** @type {Record<string, Listener>} */
  const listeners = {};
  /** The promises that keep the worker running. @type {Promise<unknown>[]} */
  const lifetimes = [];
  const waitUntil = (/** @type {Promise<unknown>} */ promise) => void lifetimes.push(promise);
  /** @type {Request[]} */
  const sent = [];
  /** @type {string[]} */
  const warnings = [];
  const fetch = async (/** @type {Request} */ request) => {
    sent.push(request);
    return network ? network(request) : new Response('ok');
  };
  /** The messages to pages on BroadcastChannels. @type {[name: string, message: Data][]} */
  const told = [];
  class BroadcastChannel {
    constructor(/** @type {string} */ name) {
      this.name = name;
    }
    postMessage(/** @type {Data} */ message) {
      told.push([this.name, structuredClone(message)]);
    }
  }
  // If the whole run forbids WebAssembly, the warning of that is no news.
  const isToldAnyway = isWithoutWasm && !Object.hasOwn(globals ?? {}, 'WebAssembly');
  const log = (/** @type {unknown[]} */ ...parts) => {
    const text = parts.map(String).join(' ');
    if (!isToldAnyway || !/^Aborted|^auth-service-worker: WebAssembly is forbidden/.test(text)) warnings.push(text);
  };
  /** @type {Record<string, any>} */
  const scope = {
    AbortController,
    Request,
    Response,
    Headers,
    URL,
    URLSearchParams,
    crypto,
    MessageChannel: Channel,
    BroadcastChannel,
    TextEncoder,
    TextDecoder,
    atob,
    fetch,
    WebAssembly: isWithoutWasm ? undefined : WebAssembly,
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    performance: { timeOrigin: 0, now: () => clock.now },
    Date: class extends Date {
      static now() {
        return clock.now + clock.slept;
      }
    },
    console: { log, warn: log, error: log },
    location: new URL(`/auth-service-worker.js${query}`, ORIGIN),
    indexedDB: new IDBFactory(),
    registration: { scope: 'https://app.example/' },
    skipWaiting: async () => {},
    clients: {
      claim: async () => {},
      matchAll: async () => pages,
      get: async (/** @type {string} */ id) => pages.find((page) => page.id === id),
    },
    addEventListener: (/** @type {string} */ type, /** @type {Listener} */ listener) =>
      void (listeners[type] = listener),
    importScripts: (/** @type {string[]} */ ...urls) =>
      urls.forEach((url) => {
        run(new URL(url, scope.location));
        if (wrapCore && String(url).includes('/auth-core')) scope.createCoreModule = wrapCore(scope.createCoreModule);
      }),
    ...globals,
  };
  scope.self = scope;
  createContext(scope);
  const folder = new URL('.', new URL(file, PACKAGE));
  const run = (/** @type {URL} */ url) =>
    runInContext(readFileSync(new URL(url.pathname.slice(1), folder), 'utf8'), scope, { filename: url.href });
  run(scope.location);

  return {
    clock,
    pages,
    sent,
    told,
    warnings,
    listeners,
    lifetimes,

    /**
     * Posts a message, of a page or without a source.
     * @param {unknown} data
     * @param {object | null} source
     * @param {MessagePort[]} ports
     */
    post(data, source = null, ports = []) {
      listeners.message({ data, source, ports, waitUntil });
    },

    /**
     * Sends a request of a page. Returns what became of it: 'left alone', or the promised response.
     * @param {string} url
     * @param {RequestOfPage} [init]
     * @returns {Held | 'left alone'}
     */
    request(url, { destination = 'image', client = 'tab', referrer, ...init } = {}) {
      const request = new Request(url, { mode: 'no-cors', ...init });
      if (referrer) Object.defineProperty(request, 'referrer', { value: referrer });
      Object.defineProperty(request, 'destination', { value: destination });
      if (destination === 'document') Object.defineProperty(request, 'mode', { value: 'navigate' });
      /** @type {Promise<Response> | undefined} */
      let response;
      listeners.fetch({
        request,
        clientId: client,
        waitUntil,
        respondWith: (/** @type {Promise<Response>} */ promise) => {
          if (response) throw new Error('respondWith was called twice');
          response = Promise.resolve(promise);
          response.catch(() => {});
        },
      });
      return response ? { request, response } : 'left alone';
    },

    /** Sends a request that must not be left alone. @param {string} url @param {RequestOfPage} [init] */
    heldRequest(url, init) {
      const held = this.request(url, init);
      if (held === 'left alone') throw new Error(`${url} was left alone`);
      return held;
    },

    /** @param {boolean} [decisions] @returns {Promise<Data>} */
    async stats(decisions) {
      const { port1, port2 } = new MessageChannel();
      const reply = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
      this.post({ type: 'stats', decisions }, null, [port2]);
      const stats = await reply;
      port1.close();
      return stats;
    },
  };
}

/** Returns the Authorization header of each request that went out; null for none. @param {{sent: Request[]}} worker */
export const authorizations = (worker) => worker.sent.map((request) => request.headers.get('Authorization'));

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export const resultOf = (request) =>
  new Promise((resolve, reject) =>
    Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }),
  );

/**
 * For `wrapCore`: each core traps in this function while `traps()` returns true.
 * @param {'message' | 'reply' | 'names'} name
 * @param {() => boolean} traps
 * @returns {(createCoreModule: CreateCoreModule) => CreateCoreModule}
 */
export const trappingIn = (name, traps) => (createCoreModule) => () => {
  const module = createCoreModule();
  const owner = /** @type {Record<string, (...args: unknown[]) => number>} */ (
    /** @type {unknown} */ (name in module ? module : module.AuthCore.prototype)
  );
  const call = owner[name];
  owner[name] = function (...args) {
    if (traps()) throw new WebAssembly.RuntimeError('unreachable');
    return call.apply(this, args);
  };
  return module;
};
