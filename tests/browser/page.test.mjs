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

  /** Another worker of the site, which tells the server what it hears. */
  const other = {
    status: 200,
    type: 'text/javascript',
    body: `
      oninstall = () => skipWaiting();
      onactivate = (event) => event.waitUntil(clients.claim());
      onfetch = () => {};
      onmessage = ({ data, ports: [port] }) => {
        port?.postMessage({});
        fetch('/heard', { method: 'POST', body: JSON.stringify(data) });
      };`,
  };
  /** @param {string} scope */
  const letOtherControl = async (scope) => {
    await navigator.serviceWorker.register('/other.js', { scope });
    while (!navigator.serviceWorker.controller?.scriptURL.endsWith('/other.js'))
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
      );
  };

  test('tells another worker that is in control nothing, nor waits for its own where that cannot be', async (t) => {
    const app = await startApp(
      {
        '/': '<!doctype html>Before',
        '/heard': '',
        '/other.js': other,
        '/app/': pageWith(`
          import * as auth from '/page.js';
          globalThis.auth = auth;
          globalThis.registered = auth.registerAuthServiceWorker({ scope: '/elsewhere/' });
          auth.syncTokenToServiceWorker('https://realm.example/', 'secret');`),
      },
      'self-contained',
    );
    t.after(() => app.close());
    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(app.origin);
    await tab.evaluate(letOtherControl, '/');
    await tab.goto(`${app.origin}/app/`);
    const isControlled = await tab.evaluate(async () => {
      const { registration } = await /** @type {any} */ (globalThis).registered;
      const isOurs = await auth.whenControlled();
      /** @type {{realms: number}} */
      let stats;
      do {
        stats = await new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data }) => resolve(data);
          (registration.active ?? registration.waiting ?? registration.installing).postMessage({ type: 'stats' }, [
            port2,
          ]);
        });
      } while (stats.realms === 0);
      navigator.serviceWorker.controller?.postMessage('end');
      return isOurs;
    });
    assert.equal(isControlled, false);
    await until('what the other has heard', () => app.log.of('/heard').length > 0);
    assert.deepEqual(
      app.log.of('/heard').map(({ body }) => body),
      ['"end"'],
    );
  });

  test('replaces another worker of its scope, which is told no token, and shows what it has failed to show', async (t) => {
    const realms = await openRealms(t, { '/r/': { token: 'secret' } });
    const realm = `${realms.origin}/r/`;
    const app = await startApp(
      {
        '/': '<!doctype html>Before',
        '/heard': '',
        '/other.js': other,
        '/app/': `<!doctype html><script src="/early.js"></script>
          <img src="${realm}a.png" onerror="hasFailed = true">${pageWith(`
          import * as auth from '/page.js';
          globalThis.auth = auth;
          void auth.registerAuthServiceWorker();
          await auth.whenControlled();
          globalThis.controlledBy = navigator.serviceWorker.controller.scriptURL;`)}`,
      },
      'self-contained',
    );
    t.after(() => app.close());
    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(app.origin);
    await tab.evaluate(storeTokens, { [realm]: 'secret' });
    await tab.evaluate(letOtherControl, '/');
    await tab.goto(`${app.origin}/app/`);
    await until('the picture', () => tab.evaluate(() => document.images[0].naturalWidth > 0));
    assert.deepEqual(
      await tab.evaluate(() => [/** @type {any} */ (globalThis).controlledBy, 'hasFailed' in globalThis]),
      [`${app.origin}/auth-service-worker.js`, false],
    );

    // They fight for the scope: until the page registers again, the other has it.
    await tab.evaluate(letOtherControl, '/');
    const diagnosis = await tab.evaluate(async (realm) => {
      auth.syncTokenToServiceWorker(realm, 'secret');
      navigator.serviceWorker.controller?.postMessage('end');
      const { diagnose } = await import(/** @type {any} */ ('/inspect.js'));
      return (await diagnose()).text;
    }, realm);
    assert.match(diagnosis, /other\.js has taken the scope of \S+\/auth-service-worker\.js\. A scope has one worker/);
    await until('what the other has heard', () => app.log.of('/heard').some(({ body }) => body === '"end"'));
    assert.deepEqual(
      app.log.of('/heard').filter(({ body }) => body.includes('secret')),
      [],
    );
  });
});
