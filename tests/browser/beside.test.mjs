// Beside another worker: one that imports ours, or is a module with it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pushToken, showImage, workerStats } from './in-page.mjs';
import { appPage, openApp, pageWith, useBrowser } from './story.mjs';
import { until } from './until.mjs';

const script = (/** @type {string} */ body) => ({ status: 200, type: 'text/javascript', body });

/** Notes what only the other worker may do. */
const watched = `
  globalThis.taken = [];
  const claim = clients.claim.bind(clients);
  skipWaiting = async () => void taken.push('skipWaiting');
  clients.claim = async () => void taken.push('claim');
  if (globalThis.InstallEvent?.prototype.addRoutes) InstallEvent.prototype.addRoutes = async () => void taken.push('addRoutes');
  addEventListener('message', ({ data, ports }) => data === 'taken' && ports[0].postMessage(taken));
`;

/** The other worker: a share target, and an update that waits until the user agrees. */
const host = `
  addEventListener('fetch', (event) => {
    const { pathname } = new URL(event.request.url);
    if (event.request.method === 'POST' && pathname === '/share') event.respondWith(new Response('shared'));
    if (pathname === '/r/own.png') event.respondWith(new Response('', { status: 418 }));
  });
  addEventListener('activate', (event) => event.waitUntil(claim()));
`;

const page = (/** @type {string} */ type) =>
  pageWith(`navigator.serviceWorker.register('/sw.js', { type: '${type}' });`);

/** @param {'waiting' | 'active'} which @returns {Promise<string[] | null | undefined>} what that worker has noted */
const takenBy = async (which) => {
  const worker = (await navigator.serviceWorker.getRegistration())?.[which];
  const { port1, port2 } = new MessageChannel();
  worker?.postMessage('taken', [port2]);
  return worker && new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
};

/** @param {string} realmURL @param {string} token */
const tellToken = (realmURL, token) =>
  navigator.serviceWorker.controller?.postMessage({ type: 'set-realm-token', realmURL, token });

describe('Beside another worker', () => {
  const browser = useBrowser();

  for (const [how, worker, own] of /** @type {const} */ ([
    [
      'imported first, in several files in a folder of its own',
      'split',
      `importScripts('/vendor/auth-service-worker.js'); ${host}`,
    ],
    ['imported last, in one file', 'self-contained', `${host} importScripts('/vendor/auth-service-worker.js');`],
  ])) {
    test(`${how}: adds tokens, and leaves its answers, its POSTs after a stop and its update to the other`, async (t) => {
      const pages = { '/': page('classic'), '/sw.js': script(watched + own) };
      const { app, realms, log, tab } = await openApp(t, browser, { page: () => pages, worker });
      await tab.evaluate(tellToken, `${realms.origin}/r/`, 'r-token');
      await tab.evaluate(tellToken, `${app.origin}/r/`, 'r-token');
      await tab.evaluate(workerStats);
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/cat.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/cat.png'), ['Bearer r-token']);

      const isAnsweredByTheOther = how.startsWith('imported last');
      assert.equal(
        (await tab.evaluate(async (url) => (await fetch(url)).status, `${app.origin}/r/own.png`)) === 418,
        isAnsweredByTheOther,
      );

      assert.deepEqual(await tab.evaluate(takenBy, 'active'), []);
      await tab.stopWorkers();
      // Firefox sends what comes while it stops a worker past it.
      await until(
        'the other worker’s answer to a POST',
        async () => (await tab.evaluate(async () => (await fetch('/share', { method: 'POST' })).text())) === 'shared',
      );

      pages['/sw.js'] = script(`${watched} ${own} // Another version.`);
      await tab.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.update()));
      const noted = await until('the update to be installed', () => tab.evaluate(takenBy, 'waiting'));
      assert.deepEqual(noted, []);
    });
  }

  for (const [how, options, own] of [
    ['in a module', "workerURL: '/sw.js', type: 'module'", 'addAuthListeners();'],
    [
      'in a listener of the other’s own, registered by something else',
      "registration: navigator.serviceWorker.register('/sw.js', { type: 'module' })",
      `
      addAuthListeners({ answersRequests: false });
      addEventListener('fetch', (event) => {
        const answer = authorize(event);
        if (answer) event.respondWith(answer);
        else if (event.request.url.endsWith('/ping')) event.respondWith(new Response('pong'));
      });`,
    ],
  ]) {
    test(how, async (t) => {
      const pages = {
        '/': appPage(`{ ${options} }`),
        '/sw.js': script(`import { addAuthListeners, authorize } from '/worker.js'; ${watched} ${own} ${host}`),
      };
      const { realms, log, tab } = await openApp(t, browser, { page: () => pages, worker: 'self-contained' });
      await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
      await tab.evaluate(workerStats);
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/cat.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/cat.png'), ['Bearer r-token']);
      if (!own.includes('pong')) return;
      // Until ours has read its saved state, any origin may have a realm.
      await until(
        'the other’s answer',
        async () => (await tab.evaluate(async () => (await fetch('/ping')).text())) === 'pong',
      );
    });
  }
});
