// Real libraries beside the package: service workers of others that import ours, and what shows images in pages.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { editorsPage, insertIntoEditors, savedByEditors, shownInEditors, toBeSaved } from './editors.mjs';
import { showImage, storeTokens, workerStats } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { packageFolder, startApp } from './servers.mjs';
import { openApp, openRealms, pageWith, test, useBrowser, useStory } from './story.mjs';
import { until } from './until.mjs';
import { inPage, viewerFiles, viewerModules, viewerScripts } from './viewers.mjs';

const modules = fileURLToPath(new URL('../../js/node_modules/', import.meta.url));
const script = (/** @type {string} */ body) => ({ status: 200, type: 'text/javascript', body });
const fileOf = (/** @type {string} */ name) => script(readFileSync(modules + name, 'utf8'));

/** A script in one file, as a bundler makes it. @param {string} contents */
const bundled = async (contents, format = /** @type {'iife' | 'esm'} */ ('iife')) => {
  const {
    outputFiles: [{ text }],
  } = await build({
    stdin: { contents, resolveDir: modules },
    bundle: true,
    format,
    write: false,
    logLevel: 'error',
    alias: { 'auth-service-worker/worker': `${packageFolder}/worker.js` },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return script(text);
};

/** What Workbox does for a site: keeps the app, and waits with an update until it is told. */
const keepApp = `
  precacheAndRoute([{ url: '/app.html', revision: '1' }], { directoryIndex: 'app.html' });
  addEventListener('message', ({ data }) => data?.type === 'SKIP_WAITING' && skipWaiting());`;

/** The ways in which an update of the worker that vite-plugin-pwa writes takes over. */
const registerTypes = {
  prompt: `addEventListener('message', ({ data }) => data && data.type === 'SKIP_WAITING' && skipWaiting());`,
  autoUpdate: 'skipWaiting(); all.clientsClaim();',
};

/**
 * As workbox-build 7.4.1 writes it for vite-plugin-pwa 2.0.0: what the site imports comes in a promise, after Workbox has
 * been imported in another one, and every navigation of the app gets the same kept page.
 * @param {keyof typeof registerTypes} registerType
 */
const generated = (registerType, revision = 1) =>
  script(`
  const define = async ([name], factory) => {
    await new Promise((resolve) => {
      importScripts(name);
      resolve();
    });
    factory(workbox);
  };
  define(['/workbox.js'], (all) => {
    importScripts('/auth-service-worker.js');
    ${registerTypes[registerType]}
    all.precacheAndRoute([{ url: 'app.html', revision: '${revision}' }], {});
    all.cleanupOutdatedCaches();
    all.registerRoute(new all.NavigationRoute(all.createHandlerBoundToURL('app.html')));
  });`);

const workbox = () =>
  bundled(`
    import { clientsClaim } from 'workbox-core';
    import * as precaching from 'workbox-precaching';
    import { NavigationRoute, registerRoute } from 'workbox-routing';
    globalThis.workbox = { ...precaching, NavigationRoute, clientsClaim, registerRoute };`);

/**
 * A page that registers its worker as vite-plugin-pwa 2.0.0 does with `autoUpdate`: it loads itself again once an update
 * has taken over. It tells the server how wide its images are.
 * @param {number} version
 * @param {string} [body]
 */
const updatingPage = (version, body = '') => `<!doctype html><script src="/early.js"></script>${body}
  <script>
    addEventListener('load', () =>
      navigator.sendBeacon('/said', 'version ${version}: ' + [...document.images].map((image) => image.naturalWidth)));
  </script>${pageWith(`
  import * as auth from '/page.js';
  import { Workbox } from '/workbox-window.js';
  const workbox = new Workbox('/sw.js', { scope: '/' });
  workbox.addEventListener('activated', (event) => {
    if (event.isUpdate || event.isExternal) location.reload();
  });
  globalThis.auth = auth;
  await auth.registerAuthServiceWorker({ registration: workbox.register() });`)}`;

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

/** Firebase's messaging adds its handlers when its configuration is there. */
const late = `
  addEventListener('message', async () => {
    await null;
    addEventListener('push', () => {});
    addEventListener('notificationclick', () => {});
  });`;

/**
 * Workers of a site, by their files, and what they do beside ours.
 * @type {Record<string, {
 *   files: () => Promise<Record<string, import('./servers.mjs').ServedResponse>>, offline?: string, waits?: boolean
 * }>} offline: a page that it has without the server; waits: with an update
 */
const hosts = {
  'Workbox, imported by generateSW, as vite-plugin-pwa with registerType: prompt': {
    files: async () => ({ '/workbox.js': await workbox(), '/sw.js': generated('prompt') }),
    offline: '/any/route',
    waits: true,
  },
  'Workbox, bundled by injectManifest': {
    files: async () => ({
      '/sw.js': await bundled(`
        import { addAuthListeners } from 'auth-service-worker/worker';
        import { precacheAndRoute } from 'workbox-precaching';
        addAuthListeners();
        ${keepApp}`),
    }),
    offline: '/app.html',
    waits: true,
  },
  'Angular’s ngsw-worker.js': {
    files: async () => ({
      '/ngsw-worker.js': fileOf('@angular/service-worker/ngsw-worker.js'),
      '/ngsw.json': { status: 200, type: 'application/json', body: JSON.stringify(angularManifest) },
      '/sw.js': script(`importScripts('/auth-service-worker.js', '/ngsw-worker.js');`),
    }),
    offline: '/app.html',
  },
  'MSW’s mockServiceWorker.js': {
    files: async () => ({
      '/mockServiceWorker.js': fileOf('msw/lib/mockServiceWorker.js'),
      '/sw.js': script(`importScripts('/auth-service-worker.js', '/mockServiceWorker.js');`),
    }),
  },
  'Firebase messaging, whose handlers come late': {
    files: async () => ({ '/sw.js': script(`importScripts('/auth-service-worker.js'); ${late}`) }),
    waits: true,
  },
};

const page = pageWith(`
  import * as auth from '/page.js';
  globalThis.auth = auth;
  await auth.registerAuthServiceWorker({ workerURL: '/sw.js' });`);

describe('Beside the worker of', () => {
  const browser = useBrowser();

  for (const [name, { files, offline, waits }] of Object.entries(hosts)) {
    test(`${name}: an image with its token, a POST, an update${offline ? ', the app without its server' : ''}`, async (t) => {
      /** @type {Record<string, import('./servers.mjs').ServedResponse | string>} */
      const pages = { '/': page, '/app.html': page, '/save': { status: 200, body: 'saved' }, ...(await files()) };
      const { app, realms, log, tab } = await openApp(t, browser, { page: () => pages, worker: 'self-contained' });
      await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
      assert.equal(
        await tab.evaluate(async () => (await fetch('/save', { method: 'POST', body: 'x' })).text()),
        'saved',
      );

      const worker = /** @type {import('./servers.mjs').ServedResponse} */ (pages['/sw.js']);
      pages['/sw.js'] = script(`${worker.body}\n// Another version.`);
      await tab.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.update()));
      const isWaiting = async () => !!(await navigator.serviceWorker.getRegistration())?.waiting;
      if (waits) await until('the update', () => tab.evaluate(isWaiting));
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/updated.png`), true);
      if (waits) assert.equal(await tab.evaluate(isWaiting), true);

      if (!offline) return;
      app.close();
      await tab.goto(app.origin + offline);
      assert.equal(await tab.evaluate(() => document.title), 'An app');
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/offline.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/offline.png'), ['Bearer r-token']);
    });
  }

  test('Workbox, imported by generateSW, as vite-plugin-pwa with registerType: autoUpdate: an update loads the page again, whose images show', async (t) => {
    /** @type {Record<string, import('./servers.mjs').ServedResponse | string>} */
    const pages = {
      '/': updatingPage(1),
      '/app.html': updatingPage(1),
      '/said': { status: 204 },
      '/save': { status: 200, body: 'saved' },
      '/workbox.js': await workbox(),
      '/workbox-window.js': await bundled(`export { Workbox } from 'workbox-window';`, 'esm'),
      '/sw.js': generated('autoUpdate', 1),
    };
    const { app, realms, log, tab } = await openApp(t, browser, { page: () => pages, worker: 'self-contained' });
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);

    pages['/app.html'] = updatingPage(2, `<img src="${realms.origin}/r/updated.png">`);
    pages['/sw.js'] = generated('autoUpdate', 2);
    await tab.evaluate(() => void navigator.serviceWorker.getRegistration().then((known) => known?.update()));
    // Not asked in the page: Chromium's driver hangs if a tab is closed while its page loads itself again.
    const said = () => app.log.of('/said').map(({ body }) => body);
    await until('the page of the update', () => said().length > 1);
    assert.deepEqual(said(), ['version 1: ', 'version 2: 64']);
    assert.deepEqual(log.authorizationsOf('/r/updated.png'), ['Bearer r-token']);
    assert.equal(await tab.evaluate(async () => (await fetch('/save', { method: 'POST', body: 'x' })).text()), 'saved');

    app.close();
    await tab.goto(`${app.origin}/any/route`);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/offline.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/offline.png'), ['Bearer r-token']);
  });

  for (const [order, scripts] of Object.entries({
    first: ['auth-service-worker', 'mockServiceWorker'],
    last: ['mockServiceWorker', 'auth-service-worker'],
  })) {
    test(`MSW, which responds to all requests of a page that mocks: ours imported ${order} ${order === 'first' ? 'adds tokens' : 'sees none of them'}`, async (t) => {
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
      // Until ours has read its saved state, any origin may have a realm.
      await until(
        'the mock',
        async () => (await tab.evaluate(async () => (await fetch('/api/user')).text())) === 'mocked',
      );
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), order === 'first');
      assert.equal(log.authorizationsOf('/r/a.png').at(-1), order === 'first' ? 'Bearer r-token' : undefined);
      if (order === 'first') return;
      const diagnosis = await tab.evaluate(async (url) => {
        const { diagnose } = await import(/** @type {any} */ ('/inspect.js'));
        return (await diagnose(url)).text;
      }, `${realms.origin}/r/a.png`);
      assert.match(diagnosis, /✗ The request for the image did not reach the worker\..* import this package first/);
    });
  }
});

/**
 * What each viewer is to have of its files, how many it requests at least, and what it does in engines that lack what
 * it needs.
 * @type {Record<import('./viewers.mjs').Viewer, {
 *   requests: number, views: object, instead?: {engines: string[], why: string, views: object}
 * }>}
 */
const viewers = {
  Leaflet: { requests: 2, views: { broken: 0 } },
  OpenSeadragon: { requests: 8, views: { tiles: 8, broken: 0 } },
  OpenLayers: { requests: 5, views: { tiles: 4, broken: 0, features: 1 } },
  MapLibre: {
    requests: 2,
    views: { broken: 0, features: 1 },
    instead: { engines: ['firefox'], why: 'without a window there is no WebGL', views: { error: 'no WebGL2' } },
  },
  'hls.js': {
    requests: 5,
    views: { width: 64, seconds: 3 },
    instead: { engines: ['webkit'], why: 'this engine has no codec of MP4', views: { isSupported: false } },
  },
  'PDF.js': { requests: 3, views: { colour: [255, 0, 0, 255] } },
};

/** @param {string} src @param {string} way of the frame that it is in @returns {Promise<boolean>} whether a copy shows it */
const showsInCopy = async (src, way) => {
  const html = `<body style="margin: 0"><img src="${src}" width="64" height="40">`;
  let inner = document;
  if (way === 'page') {
    document.body.innerHTML = html;
  } else {
    const frame = document.createElement('iframe');
    if (way === 'srcdoc') frame.srcdoc = html;
    document.body.append(frame);
    const isLoaded = new Promise((resolve) => (frame.onload = resolve));
    if (way === 'javascript:') frame.src = `javascript:${JSON.stringify(html)}`;
    await isLoaded;
    inner = /** @type {Document} */ (frame.contentDocument);
  }
  const [image] = inner.images;
  while (image.naturalWidth === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const { width, height } = image;
  const options = { useCORS: true, logging: false, width, height, scale: 1 };
  const canvas = await /** @type {any} */ (globalThis).html2canvas(image, options);
  return canvas
    .getContext('2d')
    .getImageData(32, 20, 1, 1)
    .data.some((/** @type {number} */ part) => part > 0 && part < 255);
};

/** A component with an image, and what `globalThis.printed()` finds in the frame when that is to be printed. */
const printing = await bundled(
  `
  import { createElement, useRef } from 'react';
  import { createRoot } from 'react-dom/client';
  import { useReactToPrint } from 'react-to-print';
  function Component({ src }) {
    const contentRef = useRef(null);
    const found = useRef(() => {});
    const print = async ({ contentDocument: { images } }) =>
      found.current([...images].map((image) => image.getBoundingClientRect().width));
    const start = useReactToPrint({ contentRef, print });
    globalThis.printed = () => new Promise((resolve) => {
      found.current = resolve;
      start();
    });
    return createElement('div', { ref: contentRef }, createElement('img', { src }));
  }
  export const show = (src) =>
    createRoot(document.body.appendChild(document.createElement('main'))).render(createElement(Component, { src }));`,
  'esm',
);

describe('In a page with', () => {
  const browser = useBrowser();
  const scene = useStory(async (t) => {
    const files = await viewerFiles();
    const headers = { 'Access-Control-Expose-Headers': 'Accept-Ranges, Content-Range' };
    const story = await openApp(t, browser, {
      realms: {
        '/r/': { token: 'r-token' },
        '/r/late/': { token: 'r-token', stall: { at: 10, ms: 300 } },
        ...Object.fromEntries(
          Object.entries(files).map(([path, file]) => [`/r/${path}`, { token: 'r-token', headers, file }]),
        ),
      },
      page: (origin) =>
        `<!doctype html>${viewerScripts}<body>${pageWith(`
        import * as auth from '/page.js';
        globalThis.auth = auth;
        auth.registerAuthServiceWorker({ tokens: () => ({ '${origin}/r/': 'r-token' }) });
        ${viewerModules}
        globalThis.isReady = await auth.whenControlled();`)}`,
    });
    return { ...story, realm: `${story.realms.origin}/r/` };
  });

  for (const visit of ['first', 'later']) {
    test(`viewers: a ${visit} visit`, async () => {
      const { app, tab } = scene;
      if (visit === 'later') await tab.goto(app.origin);
      await until('the libraries', () => tab.evaluate(() => 'isReady' in globalThis));
    });

    for (const [name, { requests, views, instead }] of Object.entries(viewers)) {
      const isUnable = instead?.engines.includes(engineOfRun);
      test(`${name}, ${visit} visit: ${isUnable ? instead?.why : 'all that it requests comes with the token'}`, async () => {
        const { log, realm, tab } = scene;
        log.entries = [];
        assert.deepEqual(await tab.evaluate(inPage(name), realm), isUnable ? instead?.views : views);
        const sent = log.entries.filter(({ method }) => method === 'GET').map(({ authorization }) => authorization);
        assert.deepEqual([...new Set(sent)], isUnable ? [] : ['Bearer r-token']);
        assert.ok(sent.length >= (isUnable ? 0 : requests), `${sent.length} requests`);
      });
    }
  }

  // In Chromium its copy is in a frame whose requests bypass the worker. It waits for what is not complete there.
  test('html2canvas: it copies images of the page and of frames, also those that come late', async () => {
    const { realm, tab } = scene;
    const shown = [];
    for (const way of ['page', 'srcdoc', 'javascript:']) {
      shown.push(
        await tab.evaluate(showsInCopy, `${realm}${way === 'page' ? 'late/' : ''}${way.slice(0, 4)}.png`, way),
      );
    }
    assert.deepEqual(shown, [true, true, true]);
  });

  test('react-to-print: the image of a component shows in its frame when it prints', async (t) => {
    const url = '/r/print.png';
    const story = await openApp(t, browser, {
      page: (origin) => ({
        '/': pageWith(`
          import * as auth from '/page.js';
          import { show } from '/print.js';
          globalThis.auth = auth;
          await auth.registerAuthServiceWorker({ tokens: () => ({ '${origin}/r/': 'r-token' }) });
          await auth.whenControlled();
          show('${origin}${url}');`),
        '/print.js': printing,
      }),
    });
    const { log, tab } = story;
    await until('the component', () => tab.evaluate(() => document.images[0]?.naturalWidth > 0));
    assert.deepEqual(await tab.evaluate(() => /** @type {any} */ (globalThis).printed()), [64]);
    assert.equal(log.authorizationsOf(url)[0], 'Bearer r-token');
  });

  test('editors: each shows its images, from the first visit on, and saves their own URLs', async (t) => {
    const realms = await openRealms(t, { '/r/': { token: 'r-token' } });
    const realm = `${realms.origin}/r/`;
    const register = `
      import { registerAuthServiceWorker } from '/page.js';
      registerAuthServiceWorker({ tokens: () => ({ '${realm}': 'r-token' }) });`;
    const app = await startApp({ '/': `${editorsPage(realm)}<script type="module">${register}</script>` }, 'split');
    t.after(() => app.close());
    const tab = await browser.openTab();
    t.after(() => tab.close());
    for (const visit of ['first', 'later']) {
      await tab.goto(app.origin);
      if (visit === 'first') assert.equal(realms.log.authorizationsOf('/r/jodit-in-page.png')[0], undefined);
      for (const hasLater of [false, true]) {
        if (hasLater) await tab.evaluate(insertIntoEditors, realm);
        const expected = toBeSaved(realm, hasLater);
        const urls = expected.flatMap(([, urls]) => urls).sort();
        await until(
          `${visit} visit: ${urls.length} images`,
          async () => (await tab.evaluate(shownInEditors)).join() === urls.join(),
        );
        assert.deepEqual(await tab.evaluate(savedByEditors), expected);
      }
    }
  });
});
