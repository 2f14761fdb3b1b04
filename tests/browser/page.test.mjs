import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe } from 'node:test';
import { askCount, controlled, pushToken, shownWidths, showImage, storeTokens, workerStats } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { packageFolder, startApp } from './servers.mjs';
import { appPage, openApp, openRealms, openWarmApp, pageWith, test, useBrowser } from './story.mjs';
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

  // WebKit keeps its workers then.
  const isCleared = engineOfRun !== 'webkit';
  test(`registers the worker again at the next login, where a logout has cleared the site’s storage${isCleared ? '' : ', which leaves this engine’s worker there'}`, async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser, {
      page: () => ({
        '/': appPage(),
        '/logout': { status: 200, headers: { 'Clear-Site-Data': '"storage"' }, body: 'bye' },
      }),
    });
    const isRegistered = async () => !!(await navigator.serviceWorker.getRegistration());
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/before.png`), true);
    await tab.evaluate(async () => {
      auth.clearServiceWorkerTokens();
      await fetch('/logout', { method: 'POST' });
    });
    if (isCleared) await until('the registration to be gone', async () => !(await tab.evaluate(isRegistered)));
    else assert.equal(await tab.evaluate(isRegistered), true);
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    await until('an image', () => tab.evaluate(showImage, `${realms.origin}/r/after.png`));
    assert.equal(log.authorizationsOf('/r/after.png').at(-1), 'Bearer r-token');
    assert.equal(await tab.evaluate(isRegistered), true);
  });

  test('registers the worker beside the page, wherever a <base> leads', async (t) => {
    const { app, realms, log, tab } = await openApp(t, browser, {
      page: (realmOrigin) => `<!doctype html><base href="${realmOrigin}/elsewhere/">
        <script>${readFileSync(`${packageFolder}/early.js`, 'utf8')}</script>${pageWith(`
        const auth = (globalThis.auth = await import(location.origin + '/page.js'));
        auth.registerAuthServiceWorker();`)}`,
    });
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
    const places = async () => {
      const { active, scope } = (await navigator.serviceWorker.getRegistration(location.href)) ?? {};
      return [active?.scriptURL, scope];
    };
    assert.deepEqual(await tab.evaluate(places), [`${app.origin}/auth-service-worker.js`, `${app.origin}/`]);
    assert.deepEqual(
      log.entries.filter(({ path }) => !path.startsWith('/r/')),
      [],
    );
  });

  for (const [updateViaCache, isUpdated] of /** @type {const} */ ([
    ['none', true],
    ['imports', false],
  ])) {
    test(`with updateViaCache: '${updateViaCache}', ${isUpdated ? 'updates' : 'does not update'} what the worker imports while the HTTP cache has it`, async (t) => {
      const part = readFileSync(`${packageFolder}/split/auth-worker.js`, 'utf8');
      const kept = (/** @type {string} */ body) => ({
        status: 200,
        type: 'text/javascript',
        headers: { 'Cache-Control': 'max-age=86400' },
        body,
      });
      /** @type {Parameters<typeof startApp>[0]} */
      const pages = {
        // The package's own choice is 'none'.
        '/': appPage(isUpdated ? '{}' : `{ updateViaCache: '${updateViaCache}' }`),
        '/auth-worker.js': kept(part),
      };
      const { tab } = await openApp(t, browser, { page: () => pages, worker: 'split' });
      pages['/auth-worker.js'] = kept(
        `${part}\naddEventListener('message', ({ data, ports: [port] }) => data === 'version' && port.postMessage('next'));`,
      );
      await tab.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.update()));
      const isNext = async () => {
        const { installing, waiting, active } = (await navigator.serviceWorker.getRegistration()) ?? {};
        const { port1, port2 } = new MessageChannel();
        const reply = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data === 'next')));
        (installing ?? waiting ?? active)?.postMessage('version', [port2]);
        return Promise.race([reply, new Promise((resolve) => setTimeout(resolve, 500, false))]);
      };
      if (isUpdated) await until('the next version', () => tab.evaluate(isNext));
      else assert.equal(await tab.evaluate(isNext), false);
    });
  }

  test('replies through createTokenRequestHandler where the app registers the worker itself', async (t) => {
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

  test('is one, however many copies of it a page loads: one ask, and what failed before is repaired', async (t) => {
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
    await until('the image', () => tab.evaluate(() => document.images[0].naturalWidth > 0));

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
    await until('the image', () => tab.evaluate(() => document.images[0].naturalWidth > 0));
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
