import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { shownWidths, storeTokens, workerStats } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { appPage, openApp, pngOfWidth, strictTest as test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

const ALICE_SEES = 64;
const BOB_SEES = 32;

describe('The next user of a browser', () => {
  const browser = useBrowser();

  for (const [how, isSecure, cacheControl] of /** @type {[string, boolean, string][]} */ ([
    ['the server let the last one keep theirs', false, 'private, max-age=600'],
    // Over https Firefox holds on to what is immutable, whatever else a request says.
    ['what the last one saw is immutable, over https', true, 'private, max-age=600, immutable'],
  ]))
    test(`sees own images in a new tab, though ${how}`, async (t) => {
      const {
        realms,
        log,
        openTab,
        tab: alice,
      } = await openApp(t, browser, {
        page: () => appPage(),
        realms: {
          '/r/': {
            files: { 'alice-token': pngOfWidth(ALICE_SEES), 'bob-token': pngOfWidth(BOB_SEES) },
            // No `Vary: Authorization`: to the browser's cache this is one image.
            headers: { 'Cache-Control': cacheControl },
          },
        },
        served: { isSecure },
      });
      const realm = `${realms.origin}/r/`;
      const logIn = async (
        /** @type {import('./launcher.mjs').Tab} */ tab,
        /** @type {Record<string, string>} */ tokens,
      ) => {
        await tab.evaluate(storeTokens, tokens);
        await tab.evaluate((all) => auth.syncAllTokensToServiceWorker(all), tokens);
        await tab.evaluate(workerStats);
      };

      await logIn(alice, { [realm]: 'alice-token' });
      assert.deepEqual(await alice.evaluate(shownWidths, [`${realm}me.png`]), [ALICE_SEES]);
      await alice.evaluate(() => auth.clearServiceWorkerTokens());
      await logIn(alice, { [realm]: 'bob-token' });

      const bob = await openTab();
      assert.deepEqual(await bob.evaluate(shownWidths, [`${realm}me.png`]), [BOB_SEES]);
      assert.deepEqual(log.authorizationsOf('/r/me.png'), ['Bearer alice-token', 'Bearer bob-token']);
      // And then keeps it, as the server allows; WebKit's profile, which is private, has no cache on disk.
      const again = await openTab();
      assert.deepEqual(await again.evaluate(shownWidths, [`${realm}me.png`]), [BOB_SEES]);
      assert.equal(log.of('/r/me.png').length, engineOfRun === 'webkit' ? 3 : 2);
    });

  for (const [how, logOut] of /** @type {[string, (realm: string) => void][]} */ ([
    ['at once', () => auth.clearServiceWorkerTokens()],
    ['realm by realm', (realm) => auth.syncTokenToServiceWorker(realm, undefined)],
  ]))
    test(`sees no image of the last one's, whose logout, ${how}, starts the stopped worker`, async (t) => {
      /** @type {Record<string, string>} */
      const headers = { 'Cache-Control': 'private, max-age=600' };
      const files = { 'alice-token': pngOfWidth(ALICE_SEES), 'bob-token': pngOfWidth(BOB_SEES) };
      const { realms, log, openTab, tab } = await openApp(t, browser, { realms: { '/r/': { files, headers } } });
      const realm = `${realms.origin}/r/`;
      const logIn = async (/** @type {string} */ token) => {
        await tab.evaluate(storeTokens, { [realm]: token });
        await tab.evaluate((url, given) => auth.syncTokenToServiceWorker(url, given), realm, token);
        await tab.evaluate(workerStats);
      };
      await logIn('alice-token');
      const urls = [1, 2, 3, 4].map((number) => `${realm}${number}.png`);
      assert.deepEqual(await tab.evaluate(shownWidths, urls), Array(4).fill(ALICE_SEES));

      await tab.stopWorkers();
      await tab.evaluate(() => localStorage.clear());
      await tab.evaluate(logOut, realm);
      await tab.evaluate(workerStats);
      const nobody = await openTab();
      assert.deepEqual(await nobody.evaluate(shownWidths, [urls[0]]), [0]);

      await logIn('bob-token');
      const bob = await openTab();
      assert.deepEqual(await bob.evaluate(shownWidths, [urls[1]]), [BOB_SEES]);
      assert.deepEqual(log.authorizationsOf('/r/2.png'), ['Bearer alice-token', 'Bearer bob-token']);
      // Nor where the request with the token fails: the preflight, or the server is not there.
      headers['Access-Control-Allow-Origin'] = 'https://elsewhere.example';
      assert.deepEqual(await bob.evaluate(shownWidths, [urls[2]]), [0]);
      realms.close();
      assert.deepEqual(await bob.evaluate(shownWidths, [urls[3]]), [0]);
    });

  test('sees own images after a login, though the browser keeps what the public sees', async (t) => {
    const { realms, log, openTab, tab } = await openApp(t, browser, {
      realms: {
        '/r/': {
          files: { '': pngOfWidth(BOB_SEES), 'alice-token': pngOfWidth(ALICE_SEES) },
          headers: { 'Cache-Control': 'max-age=600' },
        },
      },
    });
    const realm = `${realms.origin}/r/`;
    assert.deepEqual(await tab.evaluate(shownWidths, [`${realm}preview.png`]), [BOB_SEES]);
    await tab.evaluate(storeTokens, { [realm]: 'alice-token' });
    await tab.evaluate((tokens) => auth.syncAllTokensToServiceWorker(tokens), { [realm]: 'alice-token' });
    await tab.evaluate(workerStats);
    const alice = await openTab();
    assert.deepEqual(await alice.evaluate(shownWidths, [`${realm}preview.png`]), [ALICE_SEES]);
    assert.deepEqual(log.authorizationsOf('/r/preview.png'), [undefined, 'Bearer alice-token']);
  });

  test('sees own images in the same tab, once the app asks for that', async (t) => {
    const { realms, tab } = await openApp(t, browser, {
      realms: {
        '/r/': {
          files: { 'alice-token': pngOfWidth(ALICE_SEES), 'bob-token': pngOfWidth(BOB_SEES) },
          headers: { 'Cache-Control': 'private, max-age=600' },
        },
      },
    });
    const realm = `${realms.origin}/r/`;
    const logIn = async (/** @type {string} */ token) => {
      await tab.evaluate((tokens) => auth.syncAllTokensToServiceWorker(tokens), { [realm]: token });
      await tab.evaluate(workerStats);
    };
    const widths = () =>
      tab.evaluate(() => [...document.images].map(({ complete, naturalWidth }) => complete && naturalWidth));
    const shows = (/** @type {number} */ width) =>
      until(`images of width ${width}`, async () =>
        (await widths()).every((/** @type {number | boolean} */ shown) => shown === width),
      );

    await logIn('alice-token');
    await tab.evaluate((url) => {
      document.body.innerHTML = `<img src="${url}1.png"><img src="${url}2.png" crossorigin="anonymous">`;
    }, realm);
    await shows(ALICE_SEES);
    for (const [token, width] of /** @type {const} */ ([
      ['bob-token', BOB_SEES],
      ['alice-token', ALICE_SEES],
    ])) {
      await tab.evaluate(() => auth.clearServiceWorkerTokens());
      await logIn(token);
      await tab.evaluate(async () =>
        (await /** @type {any} */ (import(/** @type {any} */ ('/elements.js')))).reloadRealmImages(),
      );
      await shows(width);
    }
    assert.deepEqual(await tab.evaluate(() => [...document.images].map((image) => image.getAttribute('crossorigin'))), [
      null,
      'anonymous',
    ]);
  });

  test('sees own images in a page that the browser kept when the last one left, though the worker was stopped meanwhile', async (t) => {
    const files = { 'alice-token': pngOfWidth(ALICE_SEES), 'bob-token': pngOfWidth(BOB_SEES) };
    const { app, realms, log, tab } = await openApp(t, browser, {
      page: () => ({ '/': appPage(), '/login': '<!doctype html><title>Login</title>' }),
      realms: { '/r/': { files } },
    });
    const realm = `${realms.origin}/r/`;
    await tab.evaluate(storeTokens, { [realm]: 'alice-token' });
    await tab.evaluate((tokens) => auth.syncAllTokensToServiceWorker(tokens), { [realm]: 'alice-token' });
    await tab.evaluate(workerStats);
    assert.deepEqual(await tab.evaluate(shownWidths, [`${realm}before.png`]), [ALICE_SEES]);
    await tab.evaluate(() => void Object.assign(globalThis, { isKept: true }));

    await tab.goto(`${app.origin}/login`);
    await tab.evaluate(storeTokens, { [realm]: 'bob-token' });
    await tab.stopWorkers();
    await tab.goBack();
    assert.equal(await tab.evaluate(() => 'isKept' in globalThis), true);
    assert.deepEqual(await tab.evaluate(shownWidths, [`${realm}back.png`]), [BOB_SEES]);
    assert.deepEqual(log.authorizationsOf('/r/back.png'), ['Bearer bob-token']);
  });
});
