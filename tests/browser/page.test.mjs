import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askCount, shownWidths, showImage, workerStats } from './in-page.mjs';
import { openApp, pageWith, useBrowser } from './story.mjs';

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
      page: (realmOrigin) => pageWith(`
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
});
