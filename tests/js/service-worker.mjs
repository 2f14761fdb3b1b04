// Runs the shipped worker file in Node: its own global scope with the real Request, Headers,
// Response and MessageChannel, clients and a network made by the test, and time moved by the test.
import { IDBFactory } from 'fake-indexeddb';
import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { createContext, runInContext } from 'node:vm';

const PACKAGE = new URL('../../build/wasm/package/', import.meta.url);
const ORIGIN = 'https://app.example';

/** Whether WebAssembly is forbidden in this run, so that every worker has the core that is plain JavaScript: AUTH_CORE=plain. */
export const isWithoutWasm = process.env.AUTH_CORE === 'plain';

/** The platform's channels, closed at the end: an open port keeps Node alive. */
const channels = [];
class Channel extends MessageChannel {
  constructor() {
    super();
    channels.push(this);
  }
}
after(() => channels.forEach(({ port1 }) => port1.close()));

/** Time that moves only when told to. */
export class Clock {
  now = 0;
  #timers = new Map();
  #lastId = 0;

  setTimeout = (callback, ms) => {
    this.#timers.set(++this.#lastId, { callback, at: this.now + ms });
    return this.#lastId;
  };
  clearTimeout = (id) => void this.#timers.delete(id);

  get timers() {
    return this.#timers.size;
  }

  /** Moves to a time, running what is due on the way. @param {number} ms */
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

/** Lets everything happen that needs no time: promises and messages between ports. */
export async function settled() {
  for (let i = 0; i < 25; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A page: answers asks with `answer(url, post)`, and counts them in `asked`. */
export class Page {
  type = 'window';
  frameType = 'top-level';
  focused = true;
  visibilityState = 'visible';
  asked = [];

  constructor(id, answer = () => {}) {
    this.id = id;
    this.answer = answer;
  }

  postMessage(message, [port]) {
    this.asked.push(structuredClone(message));
    // The platform hands the port over with the message, so the page has it a task later.
    setImmediate(() => this.answer(message.requestURL, (reply) => port.postMessage(reply)));
  }
}

/**
 * @param {object} [options]
 * @param {string} [options.file] of the package, served in the root of the app's origin
 * @param {string} [options.query] of the URL it is registered by
 * @param {Page[]} [options.pages]
 * @param {(request: Request) => Promise<Response> | Response} [options.network]
 * @param {object} [options.globals] further globals of the worker
 * @param {(createAuthCore: Function) => Function} [options.wrapCore] puts something between core and shim
 */
export function startWorker({
  file = 'split/auth-service-worker.js',
  query = '',
  pages = [],
  network,
  globals,
  wrapCore,
} = {}) {
  const clock = new Clock();
  const listeners = {};
  /** What the worker is kept alive for. */
  const lifetimes = [];
  const waitUntil = (promise) => void lifetimes.push(promise);
  const sent = [];
  const warnings = [];
  const fetch = async (request) => {
    sent.push(request);
    return network ? network(request) : new Response('ok');
  };
  /** What pages are told on BroadcastChannels. */
  const told = [];
  class BroadcastChannel {
    constructor(name) {
      this.name = name;
    }
    postMessage(message) {
      told.push([this.name, structuredClone(message)]);
    }
  }
  const log = (...parts) => void warnings.push(parts.map(String).join(' '));
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
    console: { log, warn: log, error: log },
    location: new URL(`/auth-service-worker.js${query}`, ORIGIN),
    indexedDB: new IDBFactory(),
    registration: { scope: 'https://app.example/' },
    skipWaiting: async () => {},
    clients: {
      claim: async () => {},
      matchAll: async () => pages,
      get: async (id) => pages.find((page) => page.id === id),
    },
    addEventListener: (type, listener) => void (listeners[type] = listener),
    importScripts: (...urls) =>
      urls.forEach((url) => {
        run(new URL(url, scope.location));
        if (wrapCore && String(url).includes('/auth-core')) scope.createAuthCore = wrapCore(scope.createAuthCore);
      }),
    ...globals,
  };
  scope.self = scope;
  createContext(scope);
  const folder = new URL('.', new URL(file, PACKAGE));
  const run = (url) =>
    runInContext(readFileSync(new URL(url.pathname.slice(1), folder), 'utf8'), scope, { filename: url.href });
  run(scope.location);
  // That it is forbidden, which is what this run is about.
  if (isWithoutWasm && !Object.hasOwn(globals ?? {}, 'WebAssembly')) {
    const others = warnings.filter((warning) => !/^Aborted|WebAssembly is forbidden/.test(warning));
    warnings.splice(0, Infinity, ...others);
  }

  return {
    clock,
    pages,
    sent,
    told,
    warnings,
    listeners,
    lifetimes,

    /** A message of a page, or a bare one. */
    post(data, source = null, ports = []) {
      listeners.message({ data, source, ports, waitUntil });
    },

    /**
     * A request of a page. Returns what became of it: 'left alone', or the promised answer.
     * @param {string} url
     * @param {object} [init] of Request, and destination and client; referrer as the platform shows it
     */
    request(url, { destination = 'image', client = 'tab', referrer, ...init } = {}) {
      const request = new Request(url, { mode: 'no-cors', ...init });
      if (referrer) Object.defineProperty(request, 'referrer', { value: referrer });
      Object.defineProperty(request, 'destination', { value: destination });
      if (destination === 'document') Object.defineProperty(request, 'mode', { value: 'navigate' });
      let answer;
      listeners.fetch({
        request,
        clientId: client,
        waitUntil,
        respondWith: (promise) => {
          if (answer) throw new Error('respondWith was called twice');
          answer = Promise.resolve(promise);
          answer.catch(() => {});
        },
      });
      return answer ? { request, answer } : 'left alone';
    },

    async stats(decisions) {
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
      this.post({ type: 'stats', decisions }, null, [port2]);
      const stats = await answer;
      port1.close();
      return stats;
    },
  };
}

/** The Authorization header of each request that went out, null for none. */
export const authorizations = (worker) => worker.sent.map((request) => request.headers.get('Authorization'));
