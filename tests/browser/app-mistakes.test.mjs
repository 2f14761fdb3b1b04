// What an app may leave out, and what it may get wrong: images show where they can, and the console says what to change.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { showImage, shownWidths, storeTokens, workerStats } from './in-page.mjs';
import { appPage, openApp, pageWith, test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

describe('An app', () => {
  const browser = useBrowser();

  /** Keeps the console's warnings from the start on. @param {string} options */
  const warnedPage = (options) =>
    pageWith(`
    globalThis.warnings = [];
    console.warn = (text) => void warnings.push(text);
    const auth = globalThis.auth = await import('/page.js');
    await auth.registerAuthServiceWorker(${options});`);
  const warningsOf = (/** @type {import('./launcher.mjs').Tab} */ tab) =>
    tab.evaluate(() => /** @type {any} */ (globalThis).warnings);

  test('without realmOf: the realm comes from its list, and its token is refreshed', async (t) => {
    const { realms, log, tab } = await openApp(t, browser, {
      page: (origin) => appPage(`{ realms: ['${origin}/r/'], reauthenticate: async () => 'r-token' }`),
    });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
  });

  test('without realmOf or a list: the realm comes from its old token', async (t) => {
    const { realms, log, tab } = await openApp(t, browser, {
      page: () => appPage(`{ reauthenticate: async () => 'r-token' }`),
    });
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'revoked' });
    // Firefox can stop a worker that has just started before it has heard of the page.
    await tab.evaluate(workerStats);
    await tab.stopWorkers();
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer revoked', 'Bearer r-token']);
  });

  for (const [what, tokens, named] of /** @type {[string, (origin: string) => string, RegExp][]} */ ([
    ['whose realm is a path', () => `({ '/r/': 'r-token' })`, /the realm "\/r\/"/],
    ['whose token has a space', (origin) => `({ '${origin}/r/': 'r token' })`, /the token of http:\S+\/r\/ /],
    ['whose tokens are a list', () => `['r-token']`, /tokens\(\) must bring an object/],
    ['whose tokens() throws', () => `{ throw new Error('no session') }`, /tokens\(\) failed/],
    [
      'whose realm has another port than the image',
      (origin) => `({ '${origin.replace(/\d+$/, '1')}/r/': 'r-token' })`,
      /http:\/\/localhost:1\/r\//,
    ],
    [
      'whose realm has a longer path than the image',
      (origin) => `({ '${origin}/r/deep/': 'r-token' })`,
      /http:\S+\/r\/deep\//,
    ],
  ])) {
    test(`${what} is warned once, by its name`, async (t) => {
      const { realms, log, tab } = await openApp(t, browser, {
        page: (origin) => warnedPage(`{ realms: ['${origin}/r/'], tokens: () => ${tokens(origin)} }`),
      });
      const urls = ['a', 'b'].map((name) => `${realms.origin}/r/${name}.png`);
      assert.deepEqual(await tab.evaluate(shownWidths, urls), [0, 0]);
      const warnings = async () => (await warningsOf(tab)).filter((/** @type {string} */ text) => named.test(text));
      // The page loads the module that knows why.
      await until('a warning', async () => (await warnings()).length > 0);
      assert.equal((await warnings()).length, 1);
      assert.deepEqual(log.authorizationsOf('/r/a.png').filter(Boolean), []);
    });
  }

  test('whose user may not see a realm: two asks for the first image, and none for the next', async (t) => {
    const { realms, log, tab } = await openApp(t, browser, {
      page: (origin) => appPage(`{ realmOf: () => '${origin}/r/', reauthenticate: async () => undefined }`),
    });
    const urls = (/** @type {string[]} */ ...names) => names.map((name) => `${realms.origin}/r/${name}.png`);
    assert.deepEqual(await tab.evaluate(shownWidths, urls('a')), [0]);
    assert.deepEqual(await tab.evaluate(() => asks), [...urls('a'), ...urls('a')]);
    assert.deepEqual(await tab.evaluate(shownWidths, urls('b', 'c')), [0, 0]);
    assert.equal(await tab.evaluate(() => asks.length), 2);
    assert.deepEqual(log.authorizationsOf('/r/b.png'), [undefined]);
  });

  test('that replaces the timers while it renders: none is ours, and images show', async (t) => {
    const { realms, log, tab } = await openApp(t, browser, {
      page: (origin) =>
        appPage(`{ realmOf: () => '${origin}/r/', reauthenticate: async () => 'r-token', isLoggedIn: () => true }`),
    });
    const { widths, timers } = await tab.evaluate(async (url) => {
      const { setTimeout: platforms } = globalThis;
      let timers = 0;
      Object.assign(globalThis, { setTimeout: () => ++timers });
      auth.syncTokenToServiceWorker(`${url}other/`, 'other');
      const image = Object.assign(new Image(), { src: `${url}a.png` });
      const widths = await image.decode().then(
        () => image.naturalWidth,
        () => 0,
      );
      Object.assign(globalThis, { setTimeout: platforms });
      return { widths, timers };
    }, `${realms.origin}/r/`);
    assert.deepEqual([widths, timers], [64, 0]);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
  });

  test('that says isEnabled: false in its tests keeps the worker that it has put there', async (t) => {
    const mock = `addEventListener('install', () => skipWaiting());
      addEventListener('activate', (event) => event.waitUntil(clients.claim()));`;
    const { app, tab } = await openApp(t, browser, {
      page: () => ({
        '/mock.js': { status: 200, type: 'text/javascript', body: mock },
        '/': pageWith(`
          const auth = globalThis.auth = await import('/page.js');
          await navigator.serviceWorker.register('/mock.js');
          globalThis.registered = auth.registerAuthServiceWorker({ isEnabled: false });`),
      }),
    });
    assert.deepEqual(await tab.evaluate(() => registered), { registered: false, reason: 'disabled' });
    assert.equal(await tab.evaluate(() => navigator.serviceWorker.controller?.scriptURL), `${app.origin}/mock.js`);
    assert.deepEqual(app.log.of('/auth-service-worker.js'), []);
  });
});
