import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { askCount, pushToken, showImage, storeTokens, workerStats } from './in-page.mjs';
import { appPage, openWarmApp, png, test, useBrowser } from './story.mjs';

describe('What the server responds with', () => {
  const browser = useBrowser();

  test('403: another token that the page has is tried, and a refresh is not', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { files: { other: png }, rejection: 403 } },
      page: (origin) =>
        appPage(`{
        isLoggedIn: () => true,
        realmOf: () => '${origin}/r/',
        reauthenticate: async () => { globalThis.logins = (globalThis.logins ?? 0) + 1; },
      }`),
    });
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), false);
    // Once the page has replied, it requests its broken images again.
    assert.deepEqual([...new Set(log.authorizationsOf('/r/a.png'))], ['Bearer r-token']);
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'other' });
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'other');
    await tab.evaluate(workerStats);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/b.png`), true);
    assert.equal(await tab.evaluate(() => globalThis.logins ?? 0), 0);
  });

  test('403: the token that another tab stored meanwhile shows the image', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { files: { other: png }, rejection: 403 } },
    });
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'other' });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token', 'Bearer other']);
  });

  test('401 without CORS headers: the token is refreshed', async (t) => {
    /** @type {Record<string, import('./servers.mjs').File>} */
    const files = { 'r-token': png, new: png };
    const { realms, log, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { files, corsOfErrors: false } },
      page: (origin) =>
        appPage(`{ isLoggedIn: () => true, realmOf: () => '${origin}/r/', reauthenticate: async () => 'new' }`),
    });
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    delete files['r-token'];
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token', 'Bearer new']);
  });

  test('a public image without CORS headers on a realm: shows, and the second costs no ask', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser, { realms: { '/r/': { cors: false } } });
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/b.png`), true);
    assert.equal(await tab.evaluate(askCount), 1);
    assert.deepEqual(
      log.authorizationsOf('/r/a.png'),
      [undefined],
      'a preflight failed, then the browser asked by itself',
    );
  });

  test('a redirect to another realm is followed with the token of that one', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { token: 'r-token', location: '/m/moved.png' }, '/m/': { token: 'm-token' } },
    });
    await tab.evaluate(pushToken, `${realms.origin}/m/`, 'm-token');
    await tab.evaluate(workerStats);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/m/moved.png'), ['Bearer r-token', 'Bearer m-token']);
  });

  test('a redirect to a presigned URL of the same origin is followed without a token', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser, {
      realms: {
        '/r/': { token: 'r-token', location: '/store/a.png?X-Amz-Signature=s' },
        '/store/': { isPresigned: true },
      },
    });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/store/a.png'), ['Bearer r-token', undefined]);
  });

  test('a presigned URL inside a realm goes out as it is', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser, { realms: { '/r/': { isPresigned: true } } });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png?X-Amz-Signature=s`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), [undefined]);
  });
});
