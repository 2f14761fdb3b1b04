// The platform's timers and clock. They are kept when the first module of the package loads, since apps replace them
// while they render or test.

const KEY = Symbol.for('auth-service-worker timers');

/** @typedef {Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'> & {elapsed: () => number}} Timers */
/** @type {any} */
const shared = globalThis;
/**
 * The browser's own function where zone.js has replaced it. Angular would wait for our timers, some of which start again
 * and again: https://angular.dev/api/core/ApplicationRef#isStable
 * @param {'setTimeout' | 'clearTimeout'} name
 */
const native = (name) => shared[shared.Zone?.__symbol__?.(name)] ?? shared[name];
/** @type {Timers} */
const timers = (shared[KEY] ??= {
  setTimeout: native('setTimeout'),
  clearTimeout: native('clearTimeout'),
  elapsed: performance.now.bind(performance),
});

const { setTimeout: start, clearTimeout: stop } = timers;
export { start as setTimeout, stop as clearTimeout };

/** Milliseconds that never run backwards, whatever happens to the clock of the machine. @returns {number} */
export const { elapsed } = timers;

export const isFirefox = () => /\bFirefox\//.test(globalThis.navigator?.userAgent ?? '');

/**
 * @param {string} name
 * @param {(data: any) => void} hear
 * @returns {BroadcastChannel | undefined} a channel that does not keep Node.js running, for tests of apps. None if the
 *   platform has no channels, or if the user of Firefox has blocked all data of the site
 */
export function openChannel(name, hear) {
  try {
    /** @type {BroadcastChannel & {unref?: () => void}} */
    const channel = new BroadcastChannel(name);
    channel.addEventListener('message', ({ data }) => hear(data));
    channel.unref?.();
    return channel;
  } catch {
    return undefined;
  }
}

// Whether this page may have a service worker at all.

/** @typedef {{readonly serviceWorker: ServiceWorkerContainer}} NavigatorLike */
/** @typedef {'insecure-context' | 'sandboxed' | 'unsupported'} Unsupported why there are no service workers */

/** Whether the browser lets this page have a service worker. @returns {boolean} */
export function isServiceWorkerSupported() {
  return containerOf(undefined) !== undefined;
}

/**
 * Whether the browser lets this page have a service worker, and if not, why: `insecure-context`, neither https nor
 * localhost; `sandboxed`, a frame without `allow-same-origin`; `unsupported`, as in some private modes. In a frame of
 * another site, browsers that partition storage by site may refuse the worker only when the page registers it.
 * @param {NavigatorLike} [navigator] default: the global one
 * @returns {{supported: true} | {supported: false, reason: Unsupported}}
 */
export function support(navigator) {
  if (containerOf(navigator)) return { supported: true };
  if (globalThis.isSecureContext === false) return { supported: false, reason: 'insecure-context' };
  return { supported: false, reason: globalThis.origin === 'null' ? 'sandboxed' : 'unsupported' };
}

/**
 * Returns `navigator.serviceWorker`. It is missing in insecure contexts and in some private modes. In a sandboxed
 * frame, reading it throws. In Firefox it is there even then, but registers nothing:
 * https://w3c.github.io/ServiceWorker/#navigator-serviceworker
 * @param {NavigatorLike | undefined} navigator default: the global one
 * @returns {ServiceWorkerContainer | undefined}
 */
export function containerOf(navigator) {
  try {
    const isSandboxed = !navigator && globalThis.origin === 'null';
    return isSandboxed ? undefined : ((navigator ?? globalThis.navigator)?.serviceWorker ?? undefined);
  } catch {
    return undefined;
  }
}
