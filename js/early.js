// The early responder: an inline script for <head>. It sends the worker the tokens in storage, and replies
// `pending` to its asks, until the package takes over. Errors here are ignored: the package does the same work later.
import { pendingReply, REQUEST_REALM_TOKEN, setRealmToken } from './protocol.js';

/** There is at most one push in this time, since a page full of images gets many asks. */
const PAUSE_MS = 100;
/** After this time the app hears of a failure in any case. */
const LIMIT_MS = 5000;

try {
  const container = navigator.serviceWorker;
  const { storageKey = 'boxel-session', workerUrl = '/auth-service-worker.js' } = document.currentScript?.dataset ?? {};
  // Resolved against the page's own URL, not against a <base>, which may be of another origin.
  const { href } = new URL(workerUrl, location.href);
  const withoutQuery = (/** @type {string} */ url) => url.split('?')[0];
  /**
   * Whether it is the page's own worker. The query does not count: it has the worker's options, which may change.
   * @param {any} worker
   */
  const isOwn = (worker) => worker && withoutQuery(worker.scriptURL) === withoutQuery(href);
  /** @type {import('./page/early-asks.js').EarlyAsk[]} */
  const asks = [];
  /** The tokens that the worker was told, by realm. @type {import('./protocol.js').Tokens} */
  const told = {};
  let nextPush = 0;
  const stored = () => Object.entries(JSON.parse(localStorage.getItem(storageKey) ?? ''));

  /**
   * Tells the tokens only to the page's own worker: no other worker of the origin may have them. It sends each token in
   * a message of its own, since a sync would start an epoch, and would remove tokens that only another tab has sent.
   * @param {any} worker
   * @param {MessagePort} [port] of an ask. It gets a `pending` if the page has tokens
   * @returns {boolean | undefined} whether the port got `pending`
   */
  const push = (worker, port) => {
    try {
      // While a page is prerendered, Chromium keeps what the page posts to a worker. A logout may come before the page
      // is shown. TypeScript has no `prerendering` yet: https://wicg.github.io/nav-speculation/prerendering.html
      if (!isOwn(worker) || /** @type {any} */ (document).prerendering === true) return;
      const tokens = stored();
      // The clock may be set back; this time cannot.
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
  // Otherwise messages queue until DOMContentLoaded.
  container.startMessages();

  /**
   * Images that have failed, with their URLs. The app has had no `error` event yet, and they may still be repaired.
   * @type {[any, string][]}
   */
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
  /** Returns the images that are still broken, and that have requested nothing since. @returns {Element[]} */
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
  // The package may never come.
  setTimeout(() => end().map((element) => element.dispatchEvent(new Event('error'))), LIMIT_MS);
} catch {}
