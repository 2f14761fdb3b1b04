// The same app with no worker, with one that does nothing, and with one that only adds the token. They show what
// ours costs.
import { startApp } from '../servers.mjs';
import { chain } from './pages.mjs';

const IDLE_WORKER = `
  oninstall = () => skipWaiting();
  onactivate = (event) => event.waitUntil(clients.claim());
  // The listener is not empty, since engines skip one that does nothing.
  onfetch = (event) => { if (event.request.url === '') event.respondWith(fetch(event.request)); };`;

/** A worker that has its tokens in its URL. */
const BARE_WORKER = `
  const tokens = Object.entries(JSON.parse(decodeURIComponent(location.search.slice(1))));
  oninstall = () => skipWaiting();
  onactivate = (event) => event.waitUntil(clients.claim());
  onfetch = (event) => {
    const { url } = event.request;
    const [, token] = tokens.find(([realm]) => url.startsWith(realm)) ?? [];
    if (token) event.respondWith(fetch(url, { mode: 'cors', headers: { Authorization: 'Bearer ' + token } }));
  };`;

/** @type {Record<string, (tokens: Record<string, string>) => string>} */
const registrations = {
  without: () => '',
  idle: () => "navigator.serviceWorker.register('/idle.js');",
  bare: (tokens) => `navigator.serviceWorker.register('/bare.js?${encodeURIComponent(JSON.stringify(tokens))}');`,
};

/**
 * @param {import('../story.mjs').Cleanup} cleanup
 * @param {string} page of version 2, which is served at /app
 * @param {'without' | 'idle' | 'bare'} rival
 * @param {object} [how]
 * @param {Record<string, string>} [how.tokens] those of the bare worker, by realm
 * @param {number} [how.roundTripMs] see startServer
 * @returns {Promise<string>} its origin
 */
export async function openRival(cleanup, page, rival, { tokens = {}, roundTripMs } = {}) {
  const app = await startApp(
    {
      ...chain,
      '/app': page.replace('registerAuthServiceWorker();', registrations[rival](tokens)),
      '/idle.js': { status: 200, type: 'text/javascript', body: IDLE_WORKER },
      '/bare.js': { status: 200, type: 'text/javascript', body: BARE_WORKER },
    },
    'self-contained',
    { roundTripMs },
  );
  cleanup.after(() => app.close());
  return app.origin;
}
