import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { DriverFault } from './driver-fault.mjs';
import { engineOfRun } from './launcher.mjs';
import { startServer } from './servers.mjs';
import { test, useBrowser, useStory } from './story.mjs';

const workerText = `
  const born = Date.now() + Math.random();
  oninstall = () => skipWaiting();
  onactivate = (event) => event.waitUntil(clients.claim());
  onfetch = (event) => {
    if (event.request.url.endsWith('/born')) event.respondWith(new Response(String(born)));
  };`;

describe(`The launcher of ${engineOfRun}`, () => {
  const browser = useBrowser();

  /** @param {import('./story.mjs').Cleanup} t */
  async function openSite(t) {
    const site = await startServer((path) =>
      path === '/worker.js'
        ? { status: 200, type: 'text/javascript', body: workerText }
        : {
            status: 200,
            type: 'text/html',
            headers: { 'Cache-Control': 'no-cache' },
            body: `<!doctype html><title>${path}</title>`,
          },
    );
    t.after(() => site.close());
    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(`${site.origin}/`);
    await tab.evaluate(async () => {
      await navigator.serviceWorker.register('/worker.js');
      if (navigator.serviceWorker.controller) return;
      await new Promise((resolve) => (navigator.serviceWorker.oncontrollerchange = resolve));
    });
    return { site, tab };
  }
  const born = async () => (await fetch('/born')).text();

  test('stops the worker, again and again, and leaves the page as it is', async (t) => {
    const { tab } = await openSite(t);
    await tab.evaluate(() => void Object.assign(globalThis, { mark: 1 }));
    const lives = [await tab.evaluate(born)];
    assert.equal(await tab.evaluate(born), lives[0]);
    for (const _ of [1, 2, 3]) {
      await tab.stopWorkers();
      lives.push(await tab.evaluate(born));
    }
    assert.equal(new Set(lives).size, 4, lives.join());
    assert.equal(await tab.evaluate(() => 'mark' in globalThis), true);
  });

  test('reloads hard: past the cache, and but for WebKit past the worker', async (t) => {
    const { site, tab } = await openSite(t);
    site.log.entries.length = 0;
    await tab.hardReload();
    assert.deepEqual(
      site.log.of('/').map(({ headers }) => headers['cache-control']),
      ['no-cache'],
    );
    assert.equal(await tab.evaluate(() => navigator.serviceWorker.controller !== null), engineOfRun === 'webkit');
  });

  test('goes back and forward, to pages that were kept', async (t) => {
    const { site, tab } = await openSite(t);
    await tab.evaluate(() => void Object.assign(globalThis, { mark: 1 }));
    await tab.goto(`${site.origin}/next`);
    await tab.goBack();
    assert.deepEqual(await tab.evaluate(() => [location.pathname, 'mark' in globalThis]), ['/', true]);
    await tab.goForward();
    assert.equal(await tab.evaluate(() => location.pathname), '/next');
  });

  test('opens tabs of one profile', async (t) => {
    const { site, tab } = await openSite(t);
    await tab.evaluate(() => void (localStorage.word = 'hello'));
    const other = await browser.openTab();
    t.after(() => other.close());
    await other.goto(`${site.origin}/`);
    assert.deepEqual(await other.evaluate(() => [localStorage.word, navigator.serviceWorker.controller !== null]), [
      'hello',
      true,
    ]);
    assert.equal(await other.evaluate(() => document.hidden), false);
    assert.equal(await tab.evaluate(() => document.hidden), false);
  });
});

describe('A story that the driver fails', () => {
  const browser = useBrowser();
  const scene = useStory(async (t) => {
    const tab = await browser.openTab();
    t.after(() => tab.close());
    return { tab };
  });
  let tries = 0;

  test('is told once more, in a new browser', async (t) => {
    const first = await browser.openTab();
    t.after(() => first.close());
    await first.goto('about:blank');
    if (++tries === 1) throw new DriverFault('as if it had none to give');
    assert.equal(tries, 2);
    assert.equal(await scene.tab.evaluate(() => 1 + 1), 2);
  });
});
