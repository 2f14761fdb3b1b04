// Real libraries beside the package: service workers of others that import ours, and what shows pictures in pages.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pushToken, showImage, storeTokens, workerStats } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { packageFolder } from './servers.mjs';
import { openApp, pageWith, useBrowser, useStory } from './story.mjs';
import { until } from './until.mjs';

const modules = fileURLToPath(new URL('../../js/node_modules/', import.meta.url));
const script = (/** @type {string} */ body) => ({ status: 200, type: 'text/javascript', body });
const fileOf = (/** @type {string} */ name) => script(readFileSync(modules + name, 'utf8'));

/** A worker in one file, as a bundler makes it. @param {string} contents */
const bundled = async (contents) => {
  const {
    outputFiles: [{ text }],
  } = await build({
    stdin: { contents, resolveDir: modules },
    bundle: true,
    format: 'iife',
    write: false,
    logLevel: 'error',
    alias: { 'auth-service-worker/worker': `${packageFolder}/worker.js` },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return script(text);
};

/** What Workbox does for a site: keeps the app, and waits with an update until it is told. */
const workbox = `
  import { precacheAndRoute } from 'workbox-precaching';
  precacheAndRoute([{ url: '/app.html', revision: String(globalThis.version) }], { directoryIndex: 'app.html' });
  addEventListener('message', ({ data }) => data?.type === 'SKIP_WAITING' && skipWaiting());`;

const angularManifest = {
  configVersion: 1,
  timestamp: 1,
  appData: {},
  index: '/app.html',
  dataGroups: [],
  hashTable: {},
  assetGroups: [
    {
      name: 'app',
      installMode: 'prefetch',
      updateMode: 'prefetch',
      urls: ['/app.html'],
      patterns: [],
      cacheQueryOptions: { ignoreVary: true },
    },
  ],
  navigationUrls: [{ positive: true, regex: '^\\/.*$' }],
  navigationRequestStrategy: 'performance',
};

/** Of Firebase's messaging: its handlers come when its configuration is there. */
const late = `
  addEventListener('message', async () => {
    await null;
    addEventListener('push', () => {});
    addEventListener('notificationclick', () => {});
  });`;

/**
 * Workers of a site, by their files, and what they do beside ours.
 * @type {Record<string, {files: () => Promise<Record<string, import('./servers.mjs').Answer>>, isOffline?: boolean}>}
 */
const hosts = {
  'Workbox, imported by generateSW': {
    files: async () => ({
      '/host.js': await bundled(workbox),
      '/sw.js': script(`version = 1; importScripts('/auth-service-worker.js', '/host.js');`),
    }),
    isOffline: true,
  },
  'Workbox, bundled by injectManifest': {
    files: async () => ({
      '/sw.js': await bundled(
        `import { addAuthListeners } from 'auth-service-worker/worker'; addAuthListeners(); ${workbox}`,
      ),
    }),
    isOffline: true,
  },
  'Angular’s ngsw-worker.js': {
    files: async () => ({
      '/ngsw-worker.js': fileOf('@angular/service-worker/ngsw-worker.js'),
      '/ngsw.json': { status: 200, type: 'application/json', body: JSON.stringify(angularManifest) },
      '/sw.js': script(`importScripts('/auth-service-worker.js', '/ngsw-worker.js');`),
    }),
    isOffline: true,
  },
  'MSW’s mockServiceWorker.js': {
    files: async () => ({
      '/mockServiceWorker.js': fileOf('msw/lib/mockServiceWorker.js'),
      '/sw.js': script(`importScripts('/auth-service-worker.js', '/mockServiceWorker.js');`),
    }),
  },
  'Firebase messaging, whose handlers come late': {
    files: async () => ({ '/sw.js': script(`importScripts('/auth-service-worker.js'); ${late}`) }),
  },
};

const page = pageWith(`
  import * as auth from '/page.js';
  globalThis.auth = auth;
  await auth.registerAuthServiceWorker({ workerURL: '/sw.js' });`);

describe('Beside the worker of', () => {
  const browser = useBrowser();

  for (const [name, { files, isOffline }] of Object.entries(hosts)) {
    test(`${name}: a picture with its token, a POST, an update${isOffline ? ', the app without its server' : ''}`, async (t) => {
      /** @type {Record<string, import('./servers.mjs').Answer | string>} */
      const pages = { '/': page, '/app.html': page, '/save': { status: 200, body: 'saved' }, ...(await files()) };
      const { app, realms, log, tab } = await openApp(t, browser, { page: () => pages, worker: 'self-contained' });
      await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
      assert.equal(
        await tab.evaluate(async () => (await fetch('/save', { method: 'POST', body: 'x' })).text()),
        'saved',
      );

      const worker = /** @type {import('./servers.mjs').Answer} */ (pages['/sw.js']);
      pages['/sw.js'] = script(`${worker.body}\n// Another version.`);
      await tab.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.update()));
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/updated.png`), true);

      if (!isOffline) return;
      app.close();
      await tab.goto(`${app.origin}/app.html`);
      assert.equal(await tab.evaluate(() => document.title), 'An app');
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/offline.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/offline.png'), ['Bearer r-token']);
    });
  }

  for (const [order, scripts] of Object.entries({
    first: ['auth-service-worker', 'mockServiceWorker'],
    last: ['mockServiceWorker', 'auth-service-worker'],
  })) {
    test(`MSW, which answers all requests of a page that mocks: ours imported ${order} ${order === 'first' ? 'adds tokens' : 'sees none of them'}`, async (t) => {
      // Until it knows the realms, ours holds a fetch() to any origin, and MSW does not hear of it.
      const mocking = (/** @type {string} */ origin) =>
        '<script src="/msw.js"></script>' +
        pageWith(`
        import * as auth from '/page.js';
        globalThis.auth = auth;
        await auth.registerAuthServiceWorker({ workerURL: '/sw.js', realms: ['${origin}/r/'], realmsComplete: true });
        // MSW reloads a page that has a worker which is not in control yet.
        await auth.whenControlled();
        const { setupWorker, http, HttpResponse } = MockServiceWorker;
        const worker = setupWorker(http.get('/api/user', () => HttpResponse.text('mocked')));
        await worker.start({ serviceWorker: { url: '/sw.js' }, onUnhandledRequest: 'bypass', quiet: true });
        globalThis.isMocking = true;`);
      const pages = (/** @type {string} */ origin) => ({
        '/': mocking(origin),
        '/msw.js': fileOf('msw/lib/iife/index.js'),
        '/mockServiceWorker.js': fileOf('msw/lib/mockServiceWorker.js'),
        '/sw.js': script(`importScripts(${scripts.map((name) => `'/${name}.js'`)});`),
      });
      const { realms, log, tab } = await openApp(t, browser, { page: pages, worker: 'self-contained' });
      await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
      await until('the mocks', () => tab.evaluate(() => 'isMocking' in globalThis));
      await tab.evaluate(workerStats);
      assert.equal(await tab.evaluate(async () => (await fetch('/api/user')).text()), 'mocked');
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), order === 'first');
      assert.equal(log.authorizationsOf('/r/a.png').at(-1), order === 'first' ? 'Bearer r-token' : undefined);
    });
  }
});

const leafletMap = async (/** @type {string} */ realm) => {
  const { L } = /** @type {any} */ (globalThis);
  const element = document.body.appendChild(
    Object.assign(document.createElement('div'), { style: 'width: 500px; height: 500px' }),
  );
  const layer = L.tileLayer(`${realm}{z}/{x}/{y}.png`);
  const isLoaded = new Promise((resolve) => layer.on('load', resolve));
  L.map(element, { fadeAnimation: false }).setView([50, 10], 4).addLayer(layer);
  await isLoaded;
  return [
    document.querySelectorAll('.leaflet-tile-loaded').length,
    [...document.images].filter(({ naturalWidth }) => naturalWidth !== 64).length,
  ];
};

/** @param {string} src @param {string} way of the frame that it is in @param {boolean} isGivenBytes as the guide says @returns {Promise<boolean>} whether a copy shows it */
const showsInCopy = async (src, way, isGivenBytes) => {
  const html = `<body style="margin: 0"><img src="${src}" width="64" height="40">`;
  let inner = document;
  if (way !== 'page') {
    const frame = document.createElement('iframe');
    if (way === 'srcdoc') frame.srcdoc = html;
    document.body.append(frame);
    const isLoaded = new Promise((resolve) => (frame.onload = resolve));
    if (way === 'javascript:') frame.src = `javascript:${JSON.stringify(html)}`;
    await isLoaded;
    inner = /** @type {Document} */ (frame.contentDocument);
  } else {
    document.body.innerHTML = html;
  }
  const [image] = inner.images;
  for (let left = 100; left > 0 && image.naturalWidth === 0 && way !== 'javascript:'; left--)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const { width, height } = image;
  const onclone = (/** @type {Document} */ copy) =>
    Promise.all(
      [...copy.images].map(async (image) => {
        const bytes = await (await fetch(image.src)).blob();
        await new Promise((resolve) =>
          Object.assign(image, { onload: resolve, onerror: resolve, src: URL.createObjectURL(bytes) }),
        );
      }),
    );
  const options = { useCORS: true, logging: false, width, height, scale: 1, ...(isGivenBytes && { onclone }) };
  const canvas = await /** @type {any} */ (globalThis).html2canvas(image, options);
  return canvas
    .getContext('2d')
    .getImageData(32, 20, 1, 1)
    .data.some((/** @type {number} */ part) => part > 0 && part < 255);
};

describe('In a page with', () => {
  const browser = useBrowser();
  const names = ['leaflet/dist/leaflet.js', 'html2canvas/dist/html2canvas.min.js'];
  const scene = useStory(async (t) => {
    const scripts = names.map((name) => `<script src="/${name}"></script>`).join('');
    const story = await openApp(t, browser, {
      page: () => ({
        '/': `${scripts}<body>${pageWith("import * as auth from '/page.js'; globalThis.auth = auth; await auth.registerAuthServiceWorker();")}`,
        ...Object.fromEntries(names.map((name) => [`/${name}`, fileOf(name)])),
      }),
    });
    const realm = `${story.realms.origin}/r/`;
    await story.tab.evaluate(storeTokens, { [realm]: 'r-token' });
    await story.tab.evaluate(pushToken, realm, 'r-token');
    return { ...story, realm };
  });

  test('Leaflet: all tiles show, each requested once, with the token', async () => {
    const { log, realm, tab } = scene;
    const [shown, broken] = await tab.evaluate(leafletMap, realm);
    assert.deepEqual([shown > 3, broken], [true, 0]);
    const tiles = log.entries.filter(({ method, path }) => method === 'GET' && path.startsWith('/r/4/'));
    assert.deepEqual(
      [tiles.length, tiles.filter(({ authorization }) => authorization !== 'Bearer r-token').length],
      [shown, 0],
    );
  });

  test('html2canvas: in Chromium its copies bypass the worker, and it leaves out a picture without naturalWidth, unless given the bytes', async () => {
    const { realm, tab } = scene;
    const shown = [];
    for (const way of ['page', 'srcdoc', 'javascript:']) {
      for (const isGivenBytes of [false, true])
        shown.push(
          await tab.evaluate(showsInCopy, `${realm}${way.slice(0, 4)}-${isGivenBytes}.png`, way, isGivenBytes),
        );
    }
    const isReached = engineOfRun !== 'chromium';
    assert.deepEqual(shown, [isReached, true, isReached, true, false, true]);
  });
});
