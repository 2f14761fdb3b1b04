// Pages and workers of version 1 and of version 2 of the wire, together in one browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe } from 'node:test';
import { askCount, pushToken, showImage, storeTokens, workerStats } from './in-page.mjs';
import { packageFolder } from './servers.mjs';
import { appPage, openApp, test, useBrowser, version1Page } from './story.mjs';
import { until } from './until.mjs';

/** What the page would lose if it were loaded again. */
const mark = () => void Object.assign(globalThis, { isMarked: true });
const isMarked = () => 'isMarked' in globalThis;

describe('Version 1 and version 2', () => {
  const browser = useBrowser();
  const pages = () => ({ '/': appPage(), '/version-1': version1Page });

  test('a page of each with our worker: each is spoken to in its own, and neither loads again', async (t) => {
    const { realms, log, openTab, tab: newer } = await openApp(t, browser, { page: pages });
    const realm = `${realms.origin}/r/`;
    const older = await openTab('/version-1');
    await newer.evaluate(mark);
    await older.evaluate(mark);
    await newer.evaluate(storeTokens, { [realm]: 'r-token' });

    assert.equal(await older.evaluate(showImage, `${realm}older.png`), true);
    assert.deepEqual(await older.evaluate(() => /** @type {any} */ (globalThis).heard), [
      { type: 'request-realm-token', requestURL: `${realm}older.png` },
    ]);
    await newer.evaluate((url) => auth.syncTokenToServiceWorker(url, undefined), realm);
    assert.equal(await newer.evaluate(showImage, `${realm}newer.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/newer.png'), ['Bearer r-token']);
    assert.deepEqual([await newer.evaluate(isMarked), await older.evaluate(isMarked)], [true, true]);
  });

  test('a token that one of them pushes serves both', async (t) => {
    const { realms, openTab, tab: newer } = await openApp(t, browser, { page: pages });
    const older = await openTab('/version-1');
    await newer.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    await newer.evaluate(workerStats);
    assert.equal(await older.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.equal(await newer.evaluate(showImage, `${realms.origin}/r/a.png`), true);
  });

  test('our page, and one of version 1, with a worker of version 1: all that is said is of version 1', async (t) => {
    const { realms, log, openTab, tab: newer } = await openApp(t, browser, { page: pages, worker: 'version-1' });
    const realm = `${realms.origin}/r/`;
    const older = await openTab('/version-1');
    await newer.evaluate(mark);
    await newer.evaluate(storeTokens, { [realm]: 'r-token' });
    assert.equal(await newer.evaluate(showImage, `${realm}asked.png`), true);
    assert.equal(await older.evaluate(showImage, `${realm}older.png`), true);
    await newer.evaluate(pushToken, realm, 'r-token');
    await newer.evaluate((url) => auth.syncTokenToServiceWorker(url, undefined), realm);
    assert.deepEqual(log.authorizationsOf('/r/asked.png'), ['Bearer r-token']);

    const received = await newer.evaluate(
      () =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data }) => resolve(data);
          navigator.serviceWorker.controller?.postMessage({ type: 'received' }, [port2]);
        }),
    );
    const fields = {
      'set-realm-token': 'realmURL,token',
      'remove-realm-token': 'realmURL',
      'clear-tokens': '',
      'sync-tokens': 'tokens',
    };
    for (const { type, ports, ...rest } of received) {
      if (type === 'hello' || type === 'claim') continue; // which version 1 ignores
      assert.equal(Object.keys(rest).sort().join(), /** @type {Record<string, string>} */ (fields)[type], type);
      assert.equal(ports, 0, type);
    }
    assert.ok(received.some((/** @type {any} */ { type }) => type === 'set-realm-token'));
    assert.equal(await newer.evaluate(isMarked), true);
  });
});

/** A file of the package, changed to what its next version may have: another name, and a third version of the wire. */
const ofNextVersion = (/** @type {string} */ file) => {
  const body = readFileSync(`${packageFolder}/${file}`, 'utf8')
    .replaceAll('"0.1.0"', '"99.0.0"')
    .replace(/maxProtocol: ?(2|MAX_PROTOCOL)\b/g, 'maxProtocol: 3');
  assert.match(body, /"99\.0\.0".*maxProtocol: 3/s);
  return { status: 200, type: 'text/javascript', body };
};

describe('This version and the next one', () => {
  const browser = useBrowser();

  test('an image that is coming while a new worker takes over shows', async (t) => {
    const { app, realms, log, tab } = await openApp(t, browser, {
      page: () => appPage(),
      realms: { '/r/': { token: 'r-token', stall: { at: 20, ms: 1500 } } },
    });
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    await tab.goto(`${app.origin}/`);
    await tab.evaluate(workerStats);
    await tab.evaluate(
      (url) => document.body.append(Object.assign(new Image(), { src: url })),
      `${realms.origin}/r/a.png`,
    );
    await until('the request', () => log.authorizationsOf('/r/a.png').includes('Bearer r-token'));
    await tab.evaluate(() => void auth.registerAuthServiceWorker({ worker: { debug: true } }));
    await until('the new worker', () =>
      tab.evaluate(() => !!navigator.serviceWorker.controller?.scriptURL.includes('debug')),
    );
    await until('the image', () => tab.evaluate(() => document.images[0].naturalWidth > 0));
  });

  for (const [who, files, worker, page] of /** @type {const} */ ([
    ['a page of the next with this worker', ['page.js'], '0.1.0', '99.0.0'],
    ['this page with a worker of the next', ['split/auth-worker.js'], '99.0.0', '0.1.0'],
  ])) {
    test(`${who}: what failed before is repaired, an ask has one reply, and the console says it once`, async (t) => {
      const { realms, log, tab } = await openApp(t, browser, {
        page: (origin) => ({
          '/': `<script>
              var warned = [];
              console.warn = console.error = (text) => warned.push(text);
            </script>${appPage(`{ tokens: () => ({ '${origin}/r/': 'r-token' }) }`)}<img src="${origin}/r/first.png">`,
          ...Object.fromEntries(files.map((file) => [file.replace(/^(split)?\/?/, '/'), ofNextVersion(file)])),
        }),
      });
      await until('the first image', () => tab.evaluate(() => document.images[0].naturalWidth > 0));
      await tab.stopWorkers();
      const before = await tab.evaluate(askCount);
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/asked.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/asked.png'), ['Bearer r-token']);
      assert.ok((await tab.evaluate(askCount)) - before <= 1);
      assert.deepEqual(await tab.evaluate(() => /** @type {any} */ (globalThis).warned), [
        `auth-service-worker: the worker is of version ${worker}, and this page of ${page}. They work together. To update the worker's file, run: npx auth-service-worker init`,
      ]);
    });
  }
});
