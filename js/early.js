// The early responder: an inline script for <head>, which hears the worker while the page is parsed.
// The package takes over from it. What fails here fails silently: the package does all of it, later.
import { pendingReply, REQUEST_REALM_TOKEN, setRealmToken } from './protocol.js';

/** At most one push in this time: a page full of images brings as many asks. */
const PAUSE_MS = 100;
/** The app hears of a failure after this time in any case. */
const LIMIT_MS = 5000;

try {
  const container = navigator.serviceWorker;
  const { storageKey = 'boxel-session', workerUrl = '/auth-service-worker.js' } = document.currentScript?.dataset ?? {};
  // Not relative to a <base>, which may be of another origin.
  const { href } = new URL(workerUrl, location.href);
  const withoutQuery = (/** @type {string} */ url) => url.split('?')[0];
  /** The query has the worker's options, which may change. @param {any} worker */
  const isOwn = (worker) => worker && withoutQuery(worker.scriptURL) === withoutQuery(href);
  /** @type {import('./page/early-asks.js').EarlyAsk[]} */
  const asks = [];
  /** By realm, what the worker was told. @type {import('./protocol.js').Tokens} */
  const told = {};
  let nextPush = 0;
  const stored = () => Object.entries(JSON.parse(localStorage.getItem(storageKey) ?? ''));

  /**
   * To the page's own worker only: another of the origin has no business with these tokens. Token by
   * token: a sync would take away what storage lacks and another tab told, and start an epoch.
   * @param {any} worker
   * @param {MessagePort} [port] of an ask: told that the page is there, if it has tokens
   * @returns {boolean | undefined} whether it was told
   */
  const push = (worker, port) => {
    try {
      // Chromium keeps what a prerendered page posts to a worker until the page is shown: a logout may come between.
      // TypeScript has no `prerendering` yet: https://wicg.github.io/nav-speculation/prerendering.html
      if (!isOwn(worker) || /** @type {any} */ (document).prerendering) return;
      const tokens = stored();
      // Not of the clock, which may be set back.
      const now = performance.now();
      if (now >= nextPush) {
        for (const [realmURL, token] of tokens) worker.postMessage(setRealmToken(realmURL, (told[realmURL] = token)));
        nextPush = now + PAUSE_MS;
      }
      if (!port || tokens.length === 0) return;
      port.postMessage(pendingReply());
      return true;
    } catch {}
  };

  const listener = (/** @type {MessageEvent} */ event) => {
    if (event.data?.type === REQUEST_REALM_TOKEN) asks.push([event, push(event.source, event.ports[0])]);
  };
  container.addEventListener('message', listener);
  // Messages queue until DOMContentLoaded otherwise.
  container.startMessages();

  /** Images that may be mended, with their URLs: the app has not heard that they failed. @type {[any, string][]} */
  const failed = [];
  const hold = (/** @type {any} */ event) => {
    try {
      const { target, isTrusted } = event;
      if (!isTrusted || (isOwn(container.controller) && !asks.length)) return;
      if (!stored().some(([realmURL]) => target.currentSrc.startsWith(realmURL))) return;
      event.stopImmediatePropagation();
      failed.push([target, target.currentSrc]);
    } catch {}
  };
  /** Those that have not shown or begun to request anything since. @returns {Element[]} */
  const end = () => {
    removeEventListener('error', hold, true);
    return failed
      .splice(0)
      .filter(([element, url]) => element.currentSrc === url && element.complete !== false && !element.naturalWidth)
      .map(([element]) => element);
  };
  const wasControlled = !!isOwn(container.controller);
  Object.assign(globalThis, {
    authServiceWorkerEarly() {
      container.removeEventListener('message', listener);
      return Object.assign(asks.splice(0), { failed: end(), told, wasControlled });
    },
  });
  if (container.controller) push(container.controller);
  addEventListener('error', hold, true);
  // The package may not come.
  setTimeout(() => end().map((element) => element.dispatchEvent(new Event('error'))), LIMIT_MS);
} catch {}
