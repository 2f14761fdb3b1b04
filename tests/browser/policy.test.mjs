// Policies of a site: what they must allow, and what happens where they do not (web/guide/policies.md).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe } from 'node:test';
import { pushToken, showImage, storeTokens, workerStats } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { packageFolder } from './servers.mjs';
import { appPage, openApp, openRealms, openWarmApp, test, useBrowser, useStory } from './story.mjs';
import { until } from './until.mjs';

const early = readFileSync(`${packageFolder}/early.js`, 'utf8');

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
      const loaded = await tab.evaluate(() =>
        performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
      );
      assert.ok(loaded.includes('/page.js'));
      assert.deepEqual(
        loaded.filter((/** @type {string} */ path) => path.includes('core')),
        [],
      );
    });

    test('sends no token elsewhere, also when there are so many that its memory grows', async (t) => {
      const { realms, log, tab } = await openApp(t, browser, { worker, served: { policy } });
      const stranger = await openRealms(t, { '/': {} });
      const growth = await tab.evaluate(async (realm) => {
        const tokens = Object.fromEntries(
          Array.from({ length: 700 }, (_, i) => [`${realm}${i}/`, `${i}`.padEnd(300, 'x')]),
        );
        const stats = () =>
          new Promise((resolve) => {
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
      assert.deepEqual(
        stranger.log.entries.map(({ method, authorization }) => [method, authorization]),
        [['GET', undefined]],
      );
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

describe('What a policy of the site must allow:', () => {
  const browser = useBrowser();
  const realmOf = () => scene.realms.origin;
  const hash = `'sha256-${createHash('sha256').update(early).digest('base64')}'`;
  const html = `<!doctype html><link rel="icon" href="data:,"><script>${early}</script><script type="module" src="/app.js"></script><body>`;
  const app = `
    import * as auth from '/page.js';
    Object.assign(globalThis, { auth, result: auth.registerAuthServiceWorker() });`;

  const shared = { token: 'r-token', headers: { 'Cross-Origin-Resource-Policy': 'cross-origin' } };
  /** @type {Parameters<typeof import('./servers.mjs').startApp>[0]} */
  const pages = { '/': appPage(), '/app.js': { status: 200, type: 'text/javascript', body: app } };
  const scene = useStory(async (t) => {
    const story = await openApp(t, browser, {
      realms: { '/r/': { token: 'r-token' }, '/r/shared/': shared },
      page: () => pages,
    });
    await story.tab.evaluate(storeTokens, { [`${story.realms.origin}/r/`]: 'r-token' });
    await story.tab.evaluate(pushToken, `${story.realms.origin}/r/`, 'r-token');
    return story;
  });
  let lastPage = 0;
  /** Opens a page with headers of its own. @param {Record<string, string>} headers */
  const visit = async (headers) => {
    const path = `/page-${++lastPage}`;
    pages[path] = { status: 200, type: 'text/html', headers, body: html };
    await scene.tab.goto(scene.app.origin + path);
    return scene.tab;
  };
  const withPolicy = (/** @type {string} */ policy) => visit({ 'Content-Security-Policy': policy });
  const registers = async (/** @type {import('./launcher.mjs').Tab} */ tab) => {
    await until('the module', () => tab.evaluate(() => 'result' in globalThis));
    return tab.evaluate(async () => (await /** @type {any} */ (globalThis).result).registered);
  };

  test('worker-src, for the registration, which then says why', async () => {
    assert.equal(await registers(await withPolicy("worker-src 'self'")), true);
    const tab = await withPolicy("worker-src 'none'");
    assert.equal(await registers(tab), false);
    const said = async () => ({ ...auth.support(), ...(await /** @type {any} */ (globalThis).result) });
    const { supported, reason, error } = await tab.evaluate(said);
    // Until it is registered, no page can tell.
    assert.deepEqual([supported, reason, !!error], [true, 'registration-failed', true]);
  });

  test('trusted-types, for the registration where they are required', async () => {
    const required = "require-trusted-types-for 'script'; trusted-types";
    assert.equal(await registers(await withPolicy(`${required} auth-service-worker`)), true);
    const tab = await withPolicy(`${required} another`);
    assert.equal(await registers(tab), !(await tab.evaluate(() => 'trustedTypes' in globalThis)));
  });

  test('script-src with the hash of the early responder, and no WebAssembly', async () => {
    const responder = () => typeof (/** @type {any} */ (globalThis).authServiceWorkerEarly);
    const tab = await withPolicy(`script-src 'self' ${hash}`);
    assert.equal(await tab.evaluate(responder), 'function');
    assert.equal(await tab.evaluate(showImage, `${realmOf()}/r/hash.png`), true);
    assert.equal(await (await withPolicy("script-src 'self'")).evaluate(responder), 'undefined');
    assert.equal(await registers(tab), true);
  });

  test('img-src with the origins of the realms, and connect-src without them', async () => {
    assert.equal(
      await (await withPolicy(`img-src ${realmOf()}; connect-src 'self'`)).evaluate(
        showImage,
        `${realmOf()}/r/named.png`,
      ),
      true,
    );
    assert.equal(await (await withPolicy("img-src 'self'")).evaluate(showImage, `${realmOf()}/r/unnamed.png`), false);
  });

  test('img-src blob: and connect-src with the origins of the realms, for frames that bypass the worker', async () => {
    /** @param {string} src @returns {Promise<number>} the width of an image in such a frame */
    const widthInFrame = async (src) => {
      await /** @type {any} */ (globalThis).result;
      const frame = document.body.appendChild(document.createElement('iframe'));
      const isLoaded = new Promise((resolve) => (frame.onload = resolve));
      frame.src = `javascript:${JSON.stringify(`<img src="${src}">`)}`;
      await isLoaded;
      for (let left = 20; left > 0 && frame.contentDocument?.images[0]?.offsetWidth !== 64; left--)
        await new Promise((resolve) => setTimeout(resolve, 50));
      return frame.contentDocument?.images[0]?.offsetWidth ?? -1;
    };
    const width = async (/** @type {string} */ policy) =>
      (await withPolicy(policy)).evaluate(widthInFrame, `${realmOf()}/r/frame.png`);
    assert.equal(await width(`img-src blob: ${realmOf()}; connect-src ${realmOf()}`), 64);
    assert.notEqual(await width(`img-src ${realmOf()}; connect-src ${realmOf()}`), 64);
    assert.notEqual(await width(`img-src blob: ${realmOf()}; connect-src 'self'`), 64);
  });

  test('Cross-Origin-Resource-Policy of the images, or CORS, where Cross-Origin-Embedder-Policy requires it; no Permissions-Policy', async () => {
    const tab = await visit({
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Permissions-Policy': 'sync-xhr=(), storage-access=(), fullscreen=()',
    });
    assert.equal(await registers(tab), true);
    const showWithCORS = (/** @type {string} */ src) =>
      Object.assign(new Image(), { crossOrigin: 'anonymous', src })
        .decode()
        .then(
          () => true,
          () => false,
        );
    assert.equal(await tab.evaluate(showImage, `${realmOf()}/r/shared/a.png`), true);
    assert.equal(await tab.evaluate(showImage, `${realmOf()}/r/unshared.png`), false);
    assert.equal(await tab.evaluate(showWithCORS, `${realmOf()}/r/cors.png`), true);
  });

  // https://wicg.github.io/local-network-access/: to Chromium, the policy makes this a site on the internet.
  test('Local Network Access: in Chromium, a request of the page itself, for which it asks the user; the worker’s then succeed', async (t) => {
    const { realms, tab } = await openWarmApp(t, browser, { served: { policy: 'treat-as-public-address' } });
    const url = `${realms.origin}/r/a.png`;
    const isAsked = engineOfRun === 'chromium';
    assert.equal(await tab.evaluate(showImage, url), !isAsked);
    if (!isAsked) return;
    const state = async () => {
      const name = /** @type {PermissionName} */ ('local-network-access');
      return (await navigator.permissions.query({ name })).state;
    };
    assert.equal(await tab.evaluate(state), 'prompt');
    // The worker leaves it alone. Without a window, the user’s choice is no.
    await tab.evaluate(
      (url) =>
        fetch(url, { headers: { Authorization: 'Bearer a' } }).then(
          () => {},
          () => {},
        ),
      url,
    );
    assert.equal(await tab.evaluate(state), 'denied');
    await tab.allow?.('local-network-access');
    assert.equal(await tab.evaluate(showImage, url), true);
  });
});
