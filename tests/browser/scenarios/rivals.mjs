// The same app with no worker, and with one that does nothing, for what ours costs.
import { startApp } from '../servers.mjs';
import { chain } from './pages.mjs';

const IDLE_WORKER = `
  oninstall = () => skipWaiting();
  onactivate = (event) => event.waitUntil(clients.claim());
  // Not empty: engines know a listener that does nothing.
  onfetch = (event) => { if (event.request.url === '') event.respondWith(fetch(event.request)); };`;

const registrations = { without: '', idle: "navigator.serviceWorker.register('/idle.js');" };

/**
 * @param {import('../story.mjs').Cleanup} cleanup
 * @param {string} page of version 2, which is served at /app
 * @param {keyof typeof registrations} rival
 * @returns {Promise<string>} its origin
 */
export async function openRival(cleanup, page, rival) {
  const app = await startApp(
    {
      ...chain,
      '/app': page.replace('registerAuthServiceWorker();', registrations[rival]),
      '/idle.js': { status: 200, type: 'text/javascript', body: IDLE_WORKER },
    },
    'self-contained',
  );
  cleanup.after(() => app.close());
  return app.origin;
}
