// Other workers of a site: one that imports ours, or is a module with it.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { pushToken, showImage, workerStats } from './in-page.mjs';
import { startApp } from './servers.mjs';
import { appPage, openApp, pageWith, test, useBrowser } from './story.mjs';
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

/** And a page that it has without the server. */
const keeper = `
  addEventListener('install', (event) => event.waitUntil(caches.open('kept').then((kept) => kept.add('/kept.html'))));
  addEventListener('fetch', (event) => {
    if (event.request.url.endsWith('/kept.html')) event.respondWith(caches.match('/kept.html'));
  });
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
      `importScripts('/vendor/auth-service-worker.js'); ${host} ${keeper}`,
    ],
    [
      'imported last, in one file',
      'self-contained',
      `${host} ${keeper} importScripts('/vendor/auth-service-worker.js');`,
    ],
  ])) {
    test(`${how}: adds tokens, and leaves its responses, its POSTs after a stop, its update and its pages to the other`, async (t) => {
      /** @type {Record<string, string | import('./servers.mjs').ServedResponse>} */
      const pages = { '/': page('classic'), '/kept.html': page('classic'), '/sw.js': script(watched + own) };
      const { app, realms, log, tab } = await openApp(t, browser, { page: () => pages, worker });
      await tab.evaluate(tellToken, `${realms.origin}/r/`, 'r-token');
      await tab.evaluate(tellToken, `${app.origin}/r/`, 'r-token');
      await tab.evaluate(workerStats);
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/cat.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/cat.png'), ['Bearer r-token']);

      pages['/kept.html'] = { status: 503 };
      await tab.goto(`${app.origin}/kept.html`);
      assert.equal(await tab.evaluate(() => document.title), 'An app');
      await tab.evaluate(tellToken, `${realms.origin}/r/`, 'r-token');
      await tab.evaluate(workerStats);
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/offline.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/offline.png'), ['Bearer r-token']);
      pages['/kept.html'] = page('classic');

      const isRespondedToByTheOther = how.startsWith('imported last');
      assert.equal(
        (await tab.evaluate(async (url) => (await fetch(url)).status, `${app.origin}/r/own.png`)) === 418,
        isRespondedToByTheOther,
      );

      assert.deepEqual(await tab.evaluate(takenBy, 'active'), []);
      await tab.stopWorkers();
      // Firefox sends what comes while it stops a worker past it.
      await until(
        'the other worker’s response to a POST',
        async () => (await tab.evaluate(async () => (await fetch('/share', { method: 'POST' })).text())) === 'shared',
      );

      pages['/sw.js'] = script(`${watched} ${own} // Another version.`);
      await tab.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.update()));
      const noted = await until('the update to be installed', () => tab.evaluate(takenBy, 'waiting'));
      assert.deepEqual(noted, []);
    });
  }

  const warnings = `<script>
    var warned = [];
    console.warn = (text) => warned.push(text.replace(/https?:\\/\\/[^/]+/g, ''));
  </script>`;
  const told = () => /** @type {any} */ (globalThis).warned;

  for (const order of ['first', 'last']) {
    test(`whose cache has kept a 401: ours imported ${order} ${order === 'first' ? 'shows the image' : 'does not hear of it, and the console says so'}`, async (t) => {
      // Workers of old versions of an app did so: they kept whatever came.
      const keeping = `
        addEventListener('fetch', (event) => {
          if (!event.request.url.endsWith('.png')) return;
          event.respondWith(new Response('', { status: 401 }));
        });
        addEventListener('activate', (event) => event.waitUntil(claim()));`;
      const ours = `importScripts('/vendor/auth-service-worker.js');`;
      const { realms, log, tab } = await openApp(t, browser, {
        page: (origin) => ({
          '/': warnings + appPage(`{ workerURL: '/sw.js', tokens: () => ({ '${origin}/r/': 'r-token' }) }`),
          '/sw.js': script(watched + (order === 'first' ? ours + keeping : keeping + ours)),
        }),
        worker: 'self-contained',
      });
      await tab.evaluate(workerStats);
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/cat.png`), order === 'first');
      if (order === 'first') {
        assert.deepEqual(log.authorizationsOf('/r/cat.png'), ['Bearer r-token']);
        return assert.deepEqual(await tab.evaluate(told), []);
      }
      await until('the warning', async () => (await tab.evaluate(told)).length > 0);
      await tab.evaluate(showImage, `${realms.origin}/r/dog.png`);
      assert.deepEqual(await tab.evaluate(told), [
        'auth-service-worker: the request for /r/cat.png did not reach this package in /sw.js. If another listener there responds to it, import this package before it.',
      ]);
    });
  }

  test('that cannot be installed: the wait for it ends', async (t) => {
    const app = await startApp(
      {
        '/': appPage(`{ workerURL: '/sw.js' }`),
        '/sw.js': script(
          `${host} addEventListener('install', (event) => event.waitUntil(Promise.reject(new Error('full'))));`,
        ),
      },
      'self-contained',
    );
    t.after(() => app.close());
    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(app.origin);
    await until('the package', () => tab.evaluate(() => 'auth' in globalThis));
    assert.equal(await tab.evaluate(() => auth.whenControlled()), false);
  });

  for (const [how, options, own] of [
    ['in a module', "workerURL: '/sw.js', type: 'module'", 'addAuthListeners();'],
    [
      'in a listener of the other’s own, registered by something else',
      "registration: navigator.serviceWorker.register('/sw.js', { type: 'module' })",
      `
      addAuthListeners({ answersRequests: false });
      addEventListener('fetch', (event) => {
        const response = authorize(event);
        if (response) event.respondWith(response);
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
        'the other’s response',
        async () => (await tab.evaluate(async () => (await fetch('/ping')).text())) === 'pong',
      );
    });
  }
});
