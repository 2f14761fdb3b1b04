import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { fetchingWorker } from './fetching-worker.mjs';
import { statusesInWorker, storeTokens } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { appPage, openApp, test, useBrowser } from './story.mjs';

/** @type {Record<string, {kind: Parameters<typeof statusesInWorker>[1], passesBy?: string[]}>} */
const workers = {
  'a dedicated worker': { kind: {} },
  'a dedicated worker made of a module': { kind: { isModule: true } },
  'a dedicated worker from a blob: URL': { kind: { isBlob: true } },
  'a shared worker': { kind: { isShared: true } },
  'a shared worker made of a module': { kind: { isShared: true, isModule: true } },
  // Firefox shows the service worker nothing of it.
  'a shared worker from a blob: URL': { kind: { isShared: true, isBlob: true }, passesBy: ['firefox'] },
};

describe('What a worker of the page fetches', () => {
  const browser = useBrowser();

  test('in several that are made at once from one URL: in WebKit, only the first of them reaches the service worker', async (t) => {
    const { realms, tab } = await openApp(t, browser, {
      page: () => ({ '/': appPage(), '/fetching-worker.js': fetchingWorker }),
    });
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    const statuses = await tab.evaluate((url) => {
      const statusOf = (/** @type {Worker} */ worker) =>
        new Promise((resolve) => {
          worker.onmessage = ({ data: [status] }) => resolve(status);
          worker.postMessage([url]);
        });
      return Promise.all([1, 2, 3].map(() => statusOf(new Worker('/fetching-worker.js'))));
    }, `${realms.origin}/r/a.png`);
    const later = engineOfRun === 'webkit' ? 401 : 200;
    assert.deepEqual(statuses, [200, later, later]);
  });

  for (const [name, { kind, passesBy = [] }] of Object.entries(workers)) {
    const status = passesBy.includes(engineOfRun) ? 401 : 200;
    test(`in ${name}: ${status}, asked of the page, also after the service worker was stopped`, async (t) => {
      const { realms, tab } = await openApp(t, browser, {
        page: () => ({ '/': appPage(), '/fetching-worker.js': fetchingWorker }),
      });
      await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
      const urls = (/** @type {string} */ at) => [1, 2, 3].map((number) => `${realms.origin}/r/${at}-${number}.png`);
      const expected = [status, status, status];
      assert.deepEqual(await tab.evaluate(statusesInWorker, urls('first'), kind), expected);
      await tab.stopWorkers();
      assert.deepEqual(await tab.evaluate(statusesInWorker, urls('stopped'), kind), expected);
    });
  }
});
