// The platform around the page's modules: navigator.serviceWorker, a service worker, the worker's end of an ask, and
// time that moves only when a test says so.
import { START } from './page-time.mjs';
import { after, mock } from 'node:test';
import { createTokenRequestHandler, registerAuthServiceWorker } from '../../js/page/index.js';
// The page imports these modules when it needs them. They are imported here, so that no test waits for that.
import '../../js/refresh/matcher.js';
import '../../js/refresh/index.js';
import '../../js/elements/index.js';
import '../../js/advice.js';
import { ack, helloReply, requestRealmToken, requestRealmTokenBecause } from '../../js/protocol.js';
import { importShipped } from './package.mjs';
import { CAT, REALM } from './wire.mjs';

export { setClockBack, START, stopTime } from './page-time.mjs';
export const { default: createCoreModule } = await importShipped('core.js');
// The same for what the shipped page.js imports.
for (const name of /** @type {const} */ (['refresh.js', 'elements.js', 'advice.js'])) await importShipped(name);

/**
 * @typedef {import('../../js/page/index.js').AuthServiceWorkerOptions} Options
 * @typedef {import('../../js/protocol.js').Reason} Reason
 * @typedef {import('../../js/protocol.js').Tokens} Tokens
 */
/** A message or a reply. @typedef {Record<string, any>} Data */

/** @returns {Promise<never>} */
export const never = () => new Promise(() => {});
/** @template T @param {number} ms @param {T} value @returns {() => Promise<T>} */
export const later = (ms, value) => () => new Promise((resolve) => setTimeout(resolve, ms, value));

/** Makes a JWT whose `exp` is this many seconds after the start. @param {number} seconds */
export function jwt(seconds) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ exp: START / 1000 + seconds })}.signature`;
}

/** Makes a localStorage that has the tokens where the app Boxel has them. @param {unknown} [tokens] */
export const storageOf = (tokens, key = 'boxel-session') => ({
  getItem: (/** @type {string} */ name) => (name === key && tokens ? JSON.stringify(tokens) : null),
});

/** Waits for all that needs no time: promises and messages between ports. */
export async function settled() {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves time in steps, since a timer may set the next one. @param {number} ms */
export async function pass(ms) {
  for (let left = ms; left > 0; left -= 10) {
    await settled();
    mock.timers.tick(Math.min(10, left));
  }
  await settled();
}

/** Collects the console's warnings of a test. @param {import('node:test').TestContext} t */
export function warningsOf(t) {
  const { mock } = t.mock.method(console, 'warn', () => {});
  return {
    get texts() {
      return mock.calls.map(({ arguments: [text] }) => text);
    },
  };
}

/** One ask as the worker sees it: what came back through the channel, and when. */
export class Ask {
  /** @type {Data[]} */
  replies = [];
  /** @type {number[]} */
  times = [];
  /** The handler's promise, once it was called. @type {Promise<void> | undefined} */
  done;
  #channel = new MessageChannel();

  /**
   * @param {string} [url]
   * @param {Reason} [reason] of a version 2 ask
   * @param {boolean} [refresh] whether it wants a refresh; undefined: both in one, as older workers ask
   * @param {string} [realmURL]
   */
  constructor(url = CAT, reason, refresh, realmURL) {
    const { port1, port2 } = this.#channel;
    port1.onmessage = ({ data }) => {
      this.replies.push(data);
      this.times.push(Date.now() - START);
    };
    /** @type {import('node:worker_threads').MessagePort} */ (/** @type {unknown} */ (port1)).unref();
    /** @type {Data} */
    const data = reason ? requestRealmTokenBecause(url, reason, refresh, realmURL) : requestRealmToken(url);
    if (reason && refresh === undefined) delete data.refresh;
    this.event = { data, ports: [port2] };
  }
}

/**
 * Asks, and returns when the handler has done all that needs no time.
 * @param {import('../../js/page/index.js').TokenRequestHandler} handler
 * @param {string} [url]
 * @param {Reason} [reason]
 * @param {boolean} [refresh]
 * @param {string} [realmURL]
 */
export async function ask(handler, url, reason, refresh, realmURL) {
  const asked = new Ask(url, reason, refresh, realmURL);
  asked.done = handler(asked.event);
  await settled();
  return asked;
}

/**
 * Makes a handler of an app that is logged in and knows one realm, and a list of the refreshes that it was asked for.
 * @param {Options} options
 */
export function app(options = {}) {
  /** @type {string[]} */
  const refreshed = [];
  const { reauthenticate = async () => 'fresh' } = options;
  const handler = createTokenRequestHandler({
    createCoreModule,
    storage: storageOf(undefined),
    realmOf: (url) => (url.href.startsWith(REALM) ? REALM : undefined),
    ...options,
    reauthenticate(realmURL, cause) {
      refreshed.push(realmURL);
      return reauthenticate(realmURL, cause);
    },
  });
  return { handler, refreshed };
}

/**
 * The navigator that an app may pass instead of the browser's.
 * @returns {import('../../js/page/platform.js').NavigatorLike}
 */
export const navigatorOf = (/** @type {FakeContainer} */ container) => ({
  serviceWorker: /** @type {any} */ (container),
});

/** The channel to the app's other tabs. It is that of the page that was opened last. */
export class OtherTabs extends EventTarget {
  /** @type {Data[]} */
  static heard = [];
  /** @type {OtherTabs | undefined} */
  static channel;
  constructor(/** @type {string} */ name) {
    super();
    if (name === 'auth-service-worker') OtherTabs.channel = this;
  }
  close() {}
  postMessage(/** @type {Data} */ message) {
    OtherTabs.heard.push(structuredClone(message));
  }
  /** @param {Data} data */
  static async say(data) {
    OtherTabs.channel?.dispatchEvent(Object.assign(new Event('message'), { data }));
    await settled();
  }
}

/** The window, as far as the page listens to it. */
export function openWindow() {
  const view = new EventTarget();
  OtherTabs.heard = [];
  Object.assign(globalThis, {
    BroadcastChannel: OtherTabs,
    addEventListener: view.addEventListener.bind(view),
    removeEventListener: view.removeEventListener.bind(view),
    location: new URL('https://app.example/app/page'),
  });
  return view;
}

/**
 * Opens a page that has registered. It has no tokens in storage unless given. Returns its container.
 * @param {Options} options
 */
export async function openPage(options = {}, container = new FakeContainer()) {
  await registerAuthServiceWorker({
    navigator: navigatorOf(container),
    createCoreModule,
    storage: storageOf(undefined),
    ...options,
  });
  await settled();
  return container;
}

/** Returns what the worker was told of tokens since the last call. @param {FakeServiceWorker} worker */
export const received = (worker) => worker.received.splice(0);

/** Returns the tokens that came with hellos since the last call. @param {FakeServiceWorker} worker */
export const brought = (worker) => worker.hellos.splice(0).flatMap(({ tokens }) => tokens ?? []);

/** The worker's ends of channels. Open ones keep the process alive. @type {MessagePort[]} */
const ports = [];
after(() => ports.forEach((port) => port.close()));

/** A worker of version 1. It ignores messages that it does not know, and all ports. */
export class FakeServiceWorker extends EventTarget {
  /** Token messages. @type {Data[]} */
  received = [];
  /** Whether each came with a port. @type {boolean[]} */
  hadPort = [];
  /** @type {Data[]} */
  hellos = [];
  claims = 0;
  state = 'activated';
  scriptURL = 'https://app.example/auth-service-worker.js';

  postMessage(/** @type {Data} */ message, /** @type {MessagePort[]} */ transferred = []) {
    const { type, ...rest } = structuredClone(message);
    ports.push(...transferred);
    if (type === 'hello') this.hellos.push(rest);
    else if (type === 'claim') this.claims++;
    else {
      this.received.push({ type, ...rest });
      this.hadPort.push(transferred.length === 1);
    }
    this.reply(type, transferred[0], rest);
  }
  /** @param {string} _type @param {MessagePort | undefined} _port @param {Data} _rest */
  reply(_type, _port, _rest) {}
}

/** A worker of version 2, of the page's build: it says hello, and acknowledges token messages unless told not to. */
export class FakeServiceWorker2 extends FakeServiceWorker {
  isDeaf = false;

  /** @override @param {string} type @param {MessagePort | undefined} port @param {Data} hello */
  reply(type, port, { build }) {
    if (type === 'hello') port?.postMessage({ ...helloReply(), build });
    else if (!this.isDeaf) port?.postMessage(ack());
  }
}

export class FakeContainer extends EventTarget {
  /** @type {FakeServiceWorker | null} */
  controller = null;
  /** @type {string[]} */
  calls = [];
  /** @type {{ installing: FakeServiceWorker | null, waiting: FakeServiceWorker | null, active: FakeServiceWorker | null, scope?: string } & EventTarget} */
  registration = Object.assign(new EventTarget(), { installing: null, waiting: null, active: null });
  /** @type {(registration: object) => void} */
  #becomeReady = () => {};
  /** @type {Promise<object> | undefined} */
  ready = new Promise((resolve) => (this.#becomeReady = resolve));
  /** The value that it was registered with. @type {string | undefined} */
  updateViaCache;
  /** @type {((url?: string) => Promise<object | undefined>) | undefined} */
  getRegistration;

  /** @override @param {Parameters<EventTarget['addEventListener']>} listener */
  addEventListener(...listener) {
    this.calls.push(`listen ${listener[0]}`);
    super.addEventListener(...listener);
  }
  startMessages() {
    this.calls.push('startMessages');
  }
  /** @param {string} url @param {RegistrationOptions} options @returns {Promise<object>} */
  async register(url, { scope, updateViaCache }) {
    this.calls.push(`register ${url} ${scope}`);
    this.updateViaCache = updateViaCache;
    return this.registration;
  }

  /** The worker became active, without controlling the page. */
  activate(worker = new FakeServiceWorker()) {
    this.registration.active = worker;
    this.#becomeReady(this.registration);
    return worker;
  }
  /** The worker took control. */
  control(worker = new FakeServiceWorker()) {
    this.registration.active = worker;
    this.controller = worker;
    this.dispatchEvent(new Event('controllerchange'));
    return worker;
  }
  /**
   * The worker's ask arrives.
   * @param {string} [url]
   * @param {{reason?: Reason, refresh?: boolean, realmURL?: string, source?: object}} options
   */
  async ask(url, { reason, refresh, realmURL, source = new FakeServiceWorker() } = {}) {
    const asked = new Ask(url, reason, refresh, realmURL);
    this.dispatchEvent(Object.assign(new Event('message'), asked.event, { source }));
    await settled();
    return asked;
  }
}

/**
 * Gives the page locks as the browser's: one holder at a time. Returns the names that were asked for.
 * @param {import('node:test').TestContext} t
 */
export function useLocks(t) {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  /** @type {string[]} */
  const names = [];
  const locks = {
    /** @param {string} name @param {{signal: AbortSignal} | (() => unknown)} options @param {() => unknown} [take] */
    request(name, options, take) {
      names.push(name);
      const { signal, run } =
        typeof options === 'function' ? { run: options } : { signal: options.signal, run: /** @type {any} */ (take) };
      const turn = last;
      const held = new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
        turn.then(() => signal?.aborted || resolve(run()));
      });
      last = Promise.all([turn, held.catch(() => {})]);
      return held;
    },
  };
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { ...globalThis.navigator, locks } });
  t.after(() =>
    before ? Object.defineProperty(globalThis, 'navigator', before) : Reflect.deleteProperty(globalThis, 'navigator'),
  );
  return names;
}
