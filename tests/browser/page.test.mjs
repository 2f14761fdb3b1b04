import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askCount, controlled, shownWidths, showImage, storeTokens, workerStats } from './in-page.mjs';
import { startApp } from './servers.mjs';
import { openApp, openRealms, pageWith, useBrowser } from './story.mjs';
import { until } from './until.mjs';

describe('The page package', () => {
  const browser = useBrowser();

  test('follows a user through log-in, two realms and log-out', async (t) => {
    const { realms, log, tab } = await openApp(t, browser, {
      realms: { '/one/': { token: 'one-token' }, '/two/': { token: 'two-token' } },
    });
    const { origin } = realms;
    const show = (/** @type {string} */ name) =>
      tab.evaluate(shownWidths, [`${origin}/one/${name}.png`, `${origin}/two/${name}.png`]);
    const sent = (/** @type {string} */ name) =>
      ['one', 'two'].map((realm) => log.authorizationsOf(`/${realm}/${name}.png`).join());
    assert.equal(await tab.evaluate(() => auth.isServiceWorkerSupported()), true);

    await tab.evaluate((realm) => auth.syncTokenToServiceWorker(realm, 'one-token'), `${origin}/one/`);
    await tab.evaluate(workerStats);
    assert.deepEqual(await show('first'), [64, 0]);
    assert.deepEqual(sent('first'), ['Bearer one-token', '']);

    await tab.evaluate((tokens) => auth.syncAllTokensToServiceWorker(tokens), {
      [`${origin}/one/`]: 'one-token',
      [`${origin}/two/`]: 'two-token',
    });
    await tab.evaluate(workerStats);
    assert.deepEqual(await show('both'), [64, 64]);
    assert.deepEqual(sent('both'), ['Bearer one-token', 'Bearer two-token']);

    await tab.evaluate((realm) => auth.syncTokenToServiceWorker(realm, undefined), `${origin}/one/`);
    await tab.evaluate(workerStats);
    assert.deepEqual(await show('second'), [0, 64]);
    assert.deepEqual(sent('second'), ['', 'Bearer two-token']);

    await tab.evaluate(() => auth.clearServiceWorkerTokens());
    await tab.evaluate(workerStats);
    assert.deepEqual(await show('none'), [0, 0]);
    assert.deepEqual(sent('none'), ['', '']);
  });

  test('says what became of the registration, and never rejects', async (t) => {
    const { tab } = await openApp(t, browser);
    const results = await tab.evaluate(async () => {
      const good = await auth.registerAuthServiceWorker();
      const bad = await auth.registerAuthServiceWorker({ workerURL: '/no-such-worker.js' });
      return [good.registered, bad.registered, 'reason' in bad && bad.reason];
    });
    assert.deepEqual(results, [true, false, 'registration-failed']);
  });

  test('answers through createTokenRequestHandler where the app registers the worker itself', async (t) => {
    const { realms, log, tab } = await openApp(t, browser, {
      page: (realmOrigin) =>
        pageWith(`
        import { createTokenRequestHandler } from '/page.js';
        navigator.serviceWorker.addEventListener('message', createTokenRequestHandler({
          realmService: {
            realmOf: (url) => (url.href.startsWith('${realmOrigin}/r/') ? '${realmOrigin}/r/' : undefined),
            reauthenticate: async (realmURL) => 'r-token',
          },
          matrixService: { isLoggedIn: true },
        }));
        await navigator.serviceWorker.register('/auth-service-worker.js');`),
    });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
    assert.equal(await tab.evaluate(askCount), 1);
  });

  test('is one, however many copies of it a page loads: one question, and what failed before is repaired', async (t) => {
    const realms = await openRealms(t, { '/r/': { token: 'r-token' } });
    const app = await startApp(
      {
        '/': '<!doctype html>Before',
        '/app': `${pageWith(`
          for (const url of ['/page.js', '/page.js?v=2', '/vendor/page.js']) await (await import(url)).registerAuthServiceWorker();`)}
          <img src="${realms.origin}/r/first.png">`,
      },
      'split',
    );
    t.after(() => app.close());
    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(app.origin);
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    await tab.goto(`${app.origin}/app`);
    await tab.evaluate(controlled);
    await until('the picture', () => tab.evaluate(() => document.images[0].naturalWidth > 0));

    await tab.stopWorkers();
    const before = await tab.evaluate(askCount);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/asked.png`), true);
    assert.ok((await tab.evaluate(askCount)) - before <= 1);
  });

  test('tells another worker that is in control nothing, until its own is', async (t) => {
    const app = await startApp(
      {
        '/': '<!doctype html>Before',
        '/other.js': {
          status: 200,
          type: 'text/javascript',
          body: `const heard = [];
            oninstall = () => skipWaiting();
            onactivate = (event) => event.waitUntil(clients.claim());
            onmessage = ({ data, ports: [port] }) => (data === 'heard' ? port.postMessage(heard) : heard.push(data));`,
        },
        '/app/': pageWith(`
          import * as auth from '/page.js';
          globalThis.auth = auth;
          globalThis.other = navigator.serviceWorker.controller;
          globalThis.registered = auth.registerAuthServiceWorker({ scope: '/elsewhere/' });
          auth.syncTokenToServiceWorker('https://realm.example/', 'secret');`),
      },
      'self-contained',
    );
    t.after(() => app.close());
    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(app.origin);
    await tab.evaluate(async () => {
      await navigator.serviceWorker.register('/other.js');
      await navigator.serviceWorker.ready;
    });
    await tab.evaluate(controlled);
    await tab.goto(`${app.origin}/app/`);
    const [isControlled, heard] = await tab.evaluate(async () => {
      const { registered, other } = /** @type {any} */ (globalThis);
      await registered;
      const isOurs = await auth.whenControlled();
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { port1, port2 } = new MessageChannel();
      other.postMessage('heard', [port2]);
      return [isOurs, await new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)))];
    });
    assert.deepEqual([isControlled, heard], [false, []]);
  });
});
