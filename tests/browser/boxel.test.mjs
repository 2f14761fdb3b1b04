// Boxel's page and worker, and ours, in each other's place. What they have in common is the app: services that find
// and refresh the tokens of its realms.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { pushToken, shownWidths, showImage, startImage, storeTokens, workerStats } from './in-page.mjs';
import { openApp, pageWith, test, useBrowser, useStory } from './story.mjs';
import { until } from './until.mjs';

const REALMS = ['a', 'b', 'c'];

/** A refresh takes all tokens out of storage, and puts them back after 800 ms. @param {string} origin */
const services = (origin) => `
  // WebKit's new page may have the globals of the last one.
  Object.assign(globalThis, { logins: 0, isLoggedOut: false, isCancelled: false, isStarted: false });
  const read = () => JSON.parse(localStorage.getItem('boxel-session') ?? '{}');
  const refreshes = new Map();
  const refresh = async (realm) => {
    globalThis.logins++;
    const before = read();
    localStorage.removeItem('boxel-session');
    await new Promise((resolve) => setTimeout(resolve, 800));
    refreshes.delete(realm);
    if (globalThis.isCancelled) localStorage.setItem('boxel-session', JSON.stringify(before));
    if (globalThis.isLoggedOut || globalThis.isCancelled) return undefined;
    const token = new URL(realm).pathname.slice(1, -1) + '-token';
    localStorage.setItem('boxel-session', JSON.stringify({ ...before, ...read(), [realm]: token }));
    auth.syncTokenToServiceWorker(realm, token);
    return token;
  };
  const realms = ${JSON.stringify(REALMS.map((name) => `${origin}/${name}/`))};
  const realmService = {
    realmOf: (url) => realms.find((realm) => url.href.startsWith(realm)),
    reauthenticate(realm) {
      if (!refreshes.has(realm)) refreshes.set(realm, refresh(realm));
      return refreshes.get(realm);
    },
  };
  // The app registers the worker first, and knows only later whether somebody is logged in.
  const matrixService = { get isLoggedIn() { return globalThis.isStarted && !globalThis.isLoggedOut; } };`;

const pages = {
  ours: (/** @type {string} */ origin) =>
    pageWith(`
    import * as auth from '/page.js';
    globalThis.auth = auth;
    ${services(origin)}
    await auth.registerAuthServiceWorker({ realmService, matrixService });
    globalThis.isStarted = true;`),
  // It speaks only the wire: it tells the worker in control what changes, and replies to its asks.
  theirs: (/** @type {string} */ origin) =>
    pageWith(`
    const container = navigator.serviceWorker;
    const tell = (message) => container.controller?.postMessage(message);
    const auth = globalThis.auth = {
      syncTokenToServiceWorker: (realmURL, token) =>
        tell(token ? { type: 'set-realm-token', realmURL, token } : { type: 'remove-realm-token', realmURL }),
      clearServiceWorkerTokens: () => tell({ type: 'clear-tokens' }),
    };
    ${services(origin)}
    const syncAll = () => tell({ type: 'sync-tokens', tokens: read() });
    container.addEventListener('controllerchange', syncAll);
    container.addEventListener('message', async ({ data, ports: [port] }) => {
      if (data.type !== 'request-realm-token') return;
      const [realmURL, token] = Object.entries(read()).find(([realm]) => data.requestURL.startsWith(realm)) ?? [];
      if (token) return port.postMessage({ realmURL, token });
      const owner = realmService.realmOf(new URL(data.requestURL));
      if (!owner || !matrixService.isLoggedIn) return port.postMessage({});
      port.postMessage({ type: 'pending' });
      const fresh = await realmService.reauthenticate(owner);
      port.postMessage(fresh ? { realmURL: owner, token: fresh } : {});
    });
    await container.register('/auth-service-worker.js');
    if (container.controller) syncAll();
    globalThis.isStarted = true;`),
};

/** What a module, a style sheet and its import, and a script of a realm leave behind, after a font. @param {string} realm */
const loadAll = async (realm) => {
  const loaded = (/** @type {HTMLElement} */ element) =>
    new Promise((resolve) => {
      element.onload = () => resolve(true);
      element.onerror = () => resolve(false);
      document.head.append(element);
    });
  // This is no font: the browser requests it, and refuses it.
  await new FontFace('realm', `url(${realm}font.woff2)`).load().catch(() => {});
  return [
    await loaded(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${realm}sheet.css` })),
    getComputedStyle(document.body).getPropertyValue('--is-imported').trim(),
    await loaded(Object.assign(document.createElement('script'), { src: `${realm}script.js` })),
    await import(`${realm}module.js`).then(({ name }) => name),
  ];
};

/** @param {import('./launcher.mjs').Tab} tab */
const isStarted = (tab) => until('the start of the app', () => tab.evaluate(() => globalThis.isStarted));

const text = (/** @type {string} */ type, /** @type {string} */ body) => ({
  token: 'a-token',
  file: { type, body: Buffer.from(body) },
});

for (const [page, worker] of /** @type {const} */ ([
  ['theirs', 'self-contained'],
  ['ours', 'version-1'],
  ['ours', 'self-contained'],
])) {
  describe(`Boxel: ${page === 'ours' ? 'our' : 'its'} page with ${worker === 'version-1' ? 'its' : 'our'} worker`, () => {
    const browser = useBrowser();
    const scene = useStory(async (t) => {
      const story = await openApp(t, browser, {
        realms: {
          ...Object.fromEntries(REALMS.map((name) => [`/${name}/`, { token: `${name}-token` }])),
          '/a/sheet.css': text('text/css', '@import "imported.css";'),
          '/a/imported.css': text('text/css', 'body { --is-imported: yes }'),
          '/a/script.js': text('text/javascript', ''),
          '/a/module.js': text('text/javascript', 'export const name = "module"'),
        },
        page: pages[page],
        worker,
      });
      const url = (/** @type {string} */ path) => `${story.realms.origin}/${path}`;
      /** Does what follows a login: these tokens are in storage. @param {string[]} names of their realms */
      const start = async (...names) => {
        await story.tab.evaluate(() => auth.clearServiceWorkerTokens());
        await story.tab.evaluate(
          storeTokens,
          Object.fromEntries(names.map((name) => [url(`${name}/`), `${name}-token`])),
        );
        await story.tab.goto(story.app.origin);
        await isStarted(story.tab);
      };
      return { ...story, url, start, sent: (/** @type {string} */ path) => story.log.authorizationsOf(`/${path}`) };
    });

    test('warm, and with a token that is in storage only', async () => {
      const { start, tab, url, sent } = scene;
      await start();
      await tab.evaluate(pushToken, url('a/'), 'a-token');
      assert.equal(await tab.evaluate(showImage, url('a/warm.png')), true);
      await tab.evaluate(storeTokens, { [url('b/')]: 'b-token' });
      assert.equal(await tab.evaluate(showImage, url('b/stored.png')), true);
      assert.deepEqual([sent('a/warm.png'), sent('b/stored.png')], [['Bearer a-token'], ['Bearer b-token']]);
    });

    test('after the worker was stopped: images, a font, a style sheet, what it imports, a script and a module', async () => {
      const { start, tab, url, sent } = scene;
      await start('a');
      await tab.evaluate(pushToken, url('a/'), 'a-token');
      await tab.evaluate(workerStats);
      await tab.stopWorkers();
      assert.deepEqual(await tab.evaluate(loadAll, url('a/')), [true, 'yes', true, 'module']);
      assert.equal(await tab.evaluate(showImage, url('a/stopped.png')), true);
      for (const name of ['font.woff2', 'sheet.css', 'imported.css', 'script.js', 'module.js', 'stopped.png'])
        assert.deepEqual(sent(`a/${name}`), ['Bearer a-token'], name);
    });

    test('three realms that are refreshed after a stop, for 800 ms', async () => {
      const { start, tab, url, sent } = scene;
      await start();
      await tab.stopWorkers();
      assert.deepEqual(
        await tab.evaluate(
          shownWidths,
          REALMS.map((name) => url(`${name}/fresh.png`)),
        ),
        [64, 64, 64],
      );
      for (const name of REALMS) assert.deepEqual(sent(`${name}/fresh.png`), [`Bearer ${name}-token`]);
      assert.equal(await tab.evaluate(() => globalThis.logins), 3);
    });

    test('a login that the user cancels: the image stays broken, and those of other realms show', async () => {
      const { start, tab, url, sent } = scene;
      await start('b');
      await tab.evaluate(() => void Object.assign(globalThis, { isCancelled: true }));
      assert.deepEqual(await tab.evaluate(shownWidths, [url('a/cancelled.png'), url('b/beside.png')]), [0, 64]);
      assert.deepEqual([sent('a/cancelled.png'), sent('b/beside.png')], [[undefined], ['Bearer b-token']]);
      assert.equal(await tab.evaluate(() => globalThis.logins), 1);
    });

    test('a logout during a refresh: the image stays broken, and no token goes anywhere', async () => {
      const { start, tab, url, sent, log } = scene;
      await start();
      await tab.evaluate(startImage, url('a/logout.png'));
      await until('the refresh', () => tab.evaluate(() => globalThis.logins === 1));
      await tab.evaluate(() => {
        Object.assign(globalThis, { isLoggedOut: true });
        auth.clearServiceWorkerTokens();
      });
      await log.arrival('/a/logout.png');
      assert.equal(await tab.evaluate(showImage, url('a/logged-out.png')), false);
      assert.deepEqual([...new Set([...sent('a/logout.png'), ...sent('a/logged-out.png')])], [undefined]);
    });

    test('two tabs, of which one refreshes a realm and then shows another one', async () => {
      const { start, tab, openTab, url, sent } = scene;
      await start('b');
      const other = await openTab();
      await isStarted(other);
      assert.equal(await tab.evaluate(showImage, url('a/first.png')), true);
      assert.equal(await tab.evaluate(showImage, url('b/first.png')), true);
      assert.equal(await other.evaluate(showImage, url('b/second.png')), true);
      assert.deepEqual(
        [sent('a/first.png'), sent('b/first.png'), sent('b/second.png')],
        [['Bearer a-token'], ['Bearer b-token'], ['Bearer b-token']],
      );
      assert.deepEqual(
        [await tab.evaluate(() => globalThis.logins), await other.evaluate(() => globalThis.logins)],
        [1, 0],
      );
    });
  });
}
