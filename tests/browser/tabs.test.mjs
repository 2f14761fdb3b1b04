import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { askCount, pushToken, showImage, storeTokens, workerStats } from './in-page.mjs';
import { appPage, openApp, silentPage, test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

describe('Two tabs of an app', () => {
  const browser = useBrowser();

  test('share the token that one of them pushed', async (t) => {
    const { realms, log, openTab, tab: first } = await openApp(t, browser);
    const second = await openTab();
    await first.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    await first.evaluate(workerStats);
    assert.equal(await second.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
    assert.deepEqual([await first.evaluate(askCount), await second.evaluate(askCount)], [0, 0]);
  });

  test('help each other: where one does not reply, the other is asked', async (t) => {
    const {
      realms,
      log,
      openTab,
      tab: replying,
    } = await openApp(t, browser, {
      page: () => ({ '/': appPage(), '/old': silentPage }),
    });
    await replying.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    const silent = await openTab('/old');
    await silent.stopWorkers();
    assert.equal(await silent.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
    assert.deepEqual([await silent.evaluate(askCount), await replying.evaluate(askCount)], [1, 1]);
  });

  describe('while one refreshes its token, as apps do that take all out of their storage first', () => {
    /** @param {string} realm that can be refreshed */
    const refreshingPage = (realm) =>
      appPage(`{
      realmOf: (url) => (url.href.startsWith('${realm}') ? '${realm}' : undefined),
      async reauthenticate() {
        globalThis.logins = (globalThis.logins ?? 0) + 1;
        const tokens = JSON.parse(localStorage.getItem('boxel-session') ?? '{}');
        localStorage.removeItem('boxel-session');
        await new Promise((resolve) => setTimeout(resolve, 600));
        localStorage.setItem('boxel-session', JSON.stringify({ ...tokens, '${realm}': 'r-token' }));
        return 'r-token';
      },
    }`);
    const loginCount = () => /** @type {any} */ (globalThis).logins ?? 0;
    /** Whichever of the tabs is asked. @param {import('./launcher.mjs').Tab[]} tabs */
    const loginsOf = async (...tabs) => {
      const counts = await Promise.all(tabs.map((tab) => tab.evaluate(loginCount)));
      return counts.reduce((sum, count) => sum + count, 0);
    };
    const openTwo = async (/** @type {import('./story.mjs').Cleanup} */ t) => {
      const story = await openApp(t, browser, {
        realms: { '/r/': { token: 'r-token' }, '/s/': { token: 's-token' } },
        page: (origin) => refreshingPage(`${origin}/r/`),
      });
      const { realms, openTab, tab: first } = story;
      await first.evaluate(storeTokens, { [`${realms.origin}/s/`]: 's-token' });
      const second = await openTab();
      await second.evaluate(workerStats);
      return { ...story, first, second };
    };

    test('the other takes it for no logout: one login, and all images', async (t) => {
      const { realms, log, first, second } = await openTwo(t);
      assert.equal(await first.evaluate(showImage, `${realms.origin}/r/a.png`), true);
      assert.equal(await second.evaluate(showImage, `${realms.origin}/s/b.png`), true);
      assert.equal(await second.evaluate(showImage, `${realms.origin}/r/b.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
      assert.deepEqual(log.authorizationsOf('/s/b.png'), ['Bearer s-token']);
      assert.equal(await loginsOf(first, second), 1);
    });

    test('a third that is opened meanwhile ends no wait', async (t) => {
      const { realms, log, openTab, first, second } = await openTwo(t);
      const shown = first.evaluate(showImage, `${realms.origin}/r/a.png`);
      const third = await openTab();
      assert.equal(await shown, true);
      assert.equal(await third.evaluate(showImage, `${realms.origin}/s/c.png`), true);
      assert.deepEqual(log.authorizationsOf('/s/c.png'), ['Bearer s-token']);
      assert.equal(await loginsOf(first, second, third), 1);
    });
  });

  test('one that was asked before it saw the logout in the other takes back what it told, at once', async (t) => {
    const page = appPage(`{
      tokens: () => globalThis.seen ?? JSON.parse(localStorage.getItem('boxel-session') ?? '{}'),
    }`);
    const { realms, log, openTab, tab: first } = await openApp(t, browser, { page: () => page });
    const tokens = { [`${realms.origin}/r/`]: 'r-token' };
    await first.evaluate(storeTokens, tokens);
    const second = await openTab();
    await second.evaluate((tokens) => void Object.assign(globalThis, { seen: tokens }), tokens);
    await first.evaluate(() => {
      localStorage.removeItem('boxel-session');
      auth.clearServiceWorkerTokens();
    });
    await first.evaluate(workerStats);
    assert.equal(await second.evaluate(showImage, `${realms.origin}/r/a.png`), true);

    const start = Date.now();
    await second.evaluate(() => {
      Object.assign(globalThis, { seen: undefined });
      dispatchEvent(new StorageEvent('storage', { key: 'boxel-session' }));
    });
    let last = '';
    await until('an image without a token', async () => {
      last = `/r/b.png?${Date.now()}`;
      return !(await second.evaluate(showImage, realms.origin + last));
    });
    assert.deepEqual(log.authorizationsOf(last).filter(Boolean), []);
    assert.ok(Date.now() - start < 4000, 'a tab that takes it for a refresh waits for 5 s');
  });

  test('a logout in one takes effect for all', async (t) => {
    const { realms, log, openTab, tab: first } = await openApp(t, browser);
    await first.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    const second = await openTab();
    assert.equal(await second.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    await first.evaluate(() => {
      localStorage.removeItem('boxel-session');
      auth.clearServiceWorkerTokens();
    });
    await first.evaluate(workerStats);
    const third = await openTab();
    for (const tab of [first, second, third])
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/b.png`), false);
    assert.deepEqual(log.authorizationsOf('/r/b.png').filter(Boolean), []);
  });
});
