// Sites whose Content-Security-Policy forbids WebAssembly.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pushToken, showImage, storeTokens, workerStats } from './in-page.mjs';
import { openApp, openRealms, useBrowser } from './story.mjs';

/** No 'wasm-unsafe-eval'; inline scripts are what the stories' pages are made of. */
const policy = "script-src 'self' 'unsafe-inline'";

for (const worker of /** @type {const} */ (['split', 'self-contained'])) {
  describe(`WebAssembly is forbidden, the ${worker} worker`, () => {
    const browser = useBrowser();

    test('does the work as plain JavaScript, and the page loads no core', async (t) => {
      const { app, realms, log, tab } = await openApp(t, browser, { worker, served: { policy } });
      const realm = `${realms.origin}/r/`;
      await tab.evaluate(pushToken, realm, 'r-token');
      await tab.evaluate(workerStats);
      assert.equal(await tab.evaluate(showImage, `${realm}pushed.png`), true);
      await tab.evaluate((url) => auth.syncTokenToServiceWorker(url, undefined), realm);
      await tab.evaluate(storeTokens, { [realm]: 'r-token' });
      assert.equal(await tab.evaluate(showImage, `${realm}asked.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/asked.png'), ['Bearer r-token']);
      // Started by a navigation.
      await tab.stopWorkers();
      await tab.goto(`${app.origin}/`);
      assert.equal(await tab.evaluate(showImage, `${realm}restarted.png`), true);
      // The page itself needs no core, of neither kind.
      const loaded = await tab.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname));
      assert.ok(loaded.includes('/page.js'));
      assert.deepEqual(loaded.filter((/** @type {string} */ path) => path.includes('core')), []);
    });

    test('sends no token elsewhere, also when there are so many that its memory grows', async (t) => {
      const { realms, log, tab } = await openApp(t, browser, { worker, served: { policy } });
      const stranger = await openRealms(t, { '/': {} });
      const growth = await tab.evaluate(async (realm) => {
        const tokens = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`${realm}${i}/`, `${i}`.padEnd(300, 'x')]));
        const stats = () => new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data }) => resolve(data);
          navigator.serviceWorker.controller?.postMessage({ type: 'stats' }, [port2]);
        });
        const before = await stats();
        auth.syncAllTokensToServiceWorker({ ...tokens, [realm]: 'r-token' });
        const after = await stats();
        return { realms: after.realms, bytes: after.memoryBytes - before.memoryBytes };
      }, `${realms.origin}/r/`);
      assert.equal(growth.realms, 701);
      assert.ok(growth.bytes > 0, 'the memory grew');
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/cat.png`), true);
      assert.equal(await tab.evaluate(showImage, `${stranger.origin}/advert/pixel.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/cat.png'), ['Bearer r-token']);
      assert.deepEqual(stranger.log.entries.map(({ method, authorization }) => [method, authorization]), [['GET', undefined]]);
    });

    test('leaves everything alone where that is not served', async (t) => {
      const withheld = ['auth-core-without-wasm.js'];
      const { realms, tab } = await openApp(t, browser, { worker, served: { policy, withheld } });
      const open = await openRealms(t, { '/': {} });
      await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/cat.png`), false);
      assert.equal(await tab.evaluate(showImage, `${open.origin}/logo.png`), true);
    });
  });
}
