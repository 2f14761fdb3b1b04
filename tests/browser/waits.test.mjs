// Stories that take long because they wait. They measure no time, so CTest runs them beside other tests.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { engineOfRun } from './launcher.mjs';
import { appPage, openApp, openWarmApp, png, test, useBrowser } from './story.mjs';

/** In Firefox, more than the 30 s after which it stops a worker that has no events. */
const SLOW_MS = engineOfRun === 'firefox' ? 36_000 : 2000;

describe('After a long wait', () => {
  const browser = useBrowser();

  test('a request that got a token has its whole response', async (t) => {
    const { realms, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { token: 'r-token', stall: { at: 20, ms: SLOW_MS } } },
    });
    const got = await tab.evaluate(async (folder) => {
      const image = new Image();
      const shows = new Promise((resolve) => {
        image.onload = () => resolve(true);
        image.onerror = () => resolve(false);
      });
      image.src = `${folder}shown.png`;
      const bytes = fetch(`${folder}fetched.png`)
        .then((response) => response.arrayBuffer())
        .then(({ byteLength }) => byteLength, String);
      return Promise.all([shows, bytes]);
    }, `${realms.origin}/r/`);
    assert.deepEqual(got, [true, png.body.length]);
  });

  test('for a worker that is given as the page’s own and does not import ours, the console says so', async (t) => {
    const warnings = `<script>
      var warned = [];
      console.warn = (text) => warned.push(text.replace(/https?:\\/\\/[^/]+/g, ''));
    </script>`;
    const { tab } = await openApp(t, browser, {
      page: () => ({
        '/': warnings + appPage(`{ registration: navigator.serviceWorker.register('/sw.js') }`),
        '/sw.js': {
          status: 200,
          type: 'text/javascript',
          body: `addEventListener('activate', (event) => event.waitUntil(clients.claim()));`,
        },
      }),
    });
    assert.equal(await tab.evaluate(() => auth.whenControlled()), false);
    assert.deepEqual(await tab.evaluate(() => /** @type {any} */ (globalThis).warned), [
      'auth-service-worker: /sw.js does not reply to this package. Import the package into that worker, or leave the option registration out.',
    ]);
  });
});
