import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { askCount, pushToken, shownWidths, showImage, startImage, storeTokens, workerStats } from './in-page.mjs';
import { appPage, openApp, silentPage, test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

/** The worker's, for a page that says nothing; how long exactly is the core's story, which has no browser to wait for. */
const BUDGET_MS = 200;
/** Far longer than a busy machine takes, and less than the 3000 ms for a page that says `pending`. */
const SLACK_MS = 2000;

describe('A worker without the token asks the page', () => {
  const browser = useBrowser();

  test('and uses the one that is only in localStorage', async (t) => {
    const { realms, log, tab } = await openApp(t, browser);
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/b.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
    assert.deepEqual(log.authorizationsOf('/r/b.png'), ['Bearer r-token']);
    assert.equal(await tab.evaluate(askCount), 1);
  });

  test('after the browser stopped it and its memory is gone', async (t) => {
    const { realms, log, tab } = await openApp(t, browser);
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    await tab.evaluate(workerStats);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/before.png`), true);
    assert.equal(await tab.evaluate(askCount), 0);

    await tab.stopWorkers();
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/after.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/after.png'), ['Bearer r-token']);
    assert.equal(await tab.evaluate(askCount), 1);
  });

  test('once, however many images wait', async (t) => {
    const { realms, log, tab } = await openApp(t, browser);
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    const paths = Array.from({ length: 30 }, (_, number) => `/r/${number}.png`);
    const widths = await tab.evaluate(
      shownWidths,
      paths.map((path) => realms.origin + path),
    );
    assert.deepEqual(
      widths,
      paths.map(() => 64),
    );
    for (const path of paths) assert.deepEqual(log.authorizationsOf(path), ['Bearer r-token']);
    assert.equal(await tab.evaluate(askCount), 1);
  });

  test('and waits for a token that the page first has to get', async (t) => {
    const { realms, log, tab } = await openApp(t, browser, {
      page: (realmOrigin) =>
        appPage(`{
        realmOf: () => '${realmOrigin}/r/',
        reauthenticate: () => new Promise((resolve) => (globalThis.finishRefresh = resolve)),
      }`),
    });
    await tab.evaluate(startImage, `${realms.origin}/r/a.png`);
    await until('the page to refresh', () => tab.evaluate(() => 'finishRefresh' in globalThis));
    // Longer than the budget without `pending`.
    await new Promise((resolve) => setTimeout(resolve, 2 * BUDGET_MS));
    assert.deepEqual(log.of('/r/a.png'), []);
    await tab.evaluate(() => /** @type {any} */ (globalThis).finishRefresh('r-token'));
    const { authorization, status } = await log.arrival('/r/a.png');
    assert.deepEqual([authorization, status], ['Bearer r-token', 200]);
  });

  test('and sends the request plainly when it never replies, and then no longer asks', async (t) => {
    const { realms, log, tab } = await openApp(t, browser, { page: () => silentPage });
    const started = await tab.evaluate(startImage, `${realms.origin}/r/first.png`);
    const first = await log.arrival('/r/first.png');
    const firstMs = first.time - started;
    assert.equal(first.authorization, undefined);
    assert.ok(firstMs >= BUDGET_MS - 50 && firstMs <= SLACK_MS, `sent ${firstMs} ms after it was wanted`);

    const startedSecond = await tab.evaluate(startImage, `${realms.origin}/r/second.png`);
    const second = await log.arrival('/r/second.png');
    assert.equal(second.authorization, undefined);
    const secondMs = second.time - startedSecond;
    assert.ok(secondMs < firstMs, `sent ${secondMs} ms after it was wanted, and the first one ${firstMs} ms`);
    assert.equal(await tab.evaluate(askCount), 1);
  });

  test('and forgets the ask when the user logs out meanwhile', async (t) => {
    const { realms, log, tab } = await openApp(t, browser, {
      realms: { '/r/': { token: 'late-token' } },
      page: (realmOrigin) =>
        appPage(`{
        isLoggedIn: () => !globalThis.isLoggedOut,
        realmOf: () => '${realmOrigin}/r/',
        reauthenticate: () => new Promise((resolve) => (globalThis.finishRefresh = resolve)),
      }`),
    });
    await tab.evaluate(startImage, `${realms.origin}/r/during.png`);
    await until('the page to refresh', () => tab.evaluate(() => 'finishRefresh' in globalThis));
    assert.deepEqual(log.of('/r/during.png'), []);

    const loggedOut = await tab.evaluate(() => {
      /** @type {any} */ (globalThis).isLoggedOut = true;
      auth.clearServiceWorkerTokens();
      return Date.now();
    });
    const { time, authorization } = await log.arrival('/r/during.png');
    assert.equal(authorization, undefined);
    assert.ok(time - loggedOut <= SLACK_MS, `sent ${time - loggedOut} ms after the logout`);

    await tab.evaluate(() => /** @type {any} */ (globalThis).finishRefresh('late-token'));
    await tab.evaluate(workerStats);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/afterwards.png`), false);
    assert.deepEqual(log.authorizationsOf('/r/afterwards.png'), [undefined]);
  });
});
