import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test as nodeTest } from 'node:test';
import { DriverFault } from './driver-fault.mjs';
import { engineOfRun } from './launcher.mjs';
import { startServer } from './servers.mjs';
import { strictTest, test, useBrowser, useStory } from './story.mjs';

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

// In one engine, since it is the same in all, and starts browsers.
if (engineOfRun === 'chromium') {
  describe('A story that fails', () => {
    const browser = useBrowser();
    const scene = useStory(async (t) => {
      const tab = await browser.openTab();
      t.after(() => tab.close());
      return { tab };
    });
    const flakyStories = join(tmpdir(), `flaky-stories-${process.pid}`);
    const noted = process.env.FLAKY_STORIES;
    before(() => void (process.env.FLAKY_STORIES = flakyStories));
    after(() => {
      rmSync(flakyStories, { force: true });
      if (noted === undefined) delete process.env.FLAKY_STORIES;
      else process.env.FLAKY_STORIES = noted;
    });

    for (const [who, tell, first] of /** @type {[string, typeof test, Error][]} */ ([
      ['by its browser', test, new Error('as if an image had come late\nby far')],
      ['by its driver', strictTest, new DriverFault('as if it had none to give')],
    ])) {
      let tries = 0;
      tell(`${who} is told once more, in a new browser, and noted`, async (t) => {
        const tab = await browser.openTab();
        t.after(() => tab.close());
        await tab.goto('about:blank');
        if (++tries === 1) throw first;
        assert.equal(tries, 2);
        assert.equal(await scene.tab.evaluate(() => 1 + 1), 2);
        const [reason] = first.message.split('\n');
        assert.equal(
          readFileSync(flakyStories, 'utf8').split('\n').at(-2),
          `${engineOfRun}: ${who} is told once more, in a new browser, and noted: ${reason}`,
        );
      });
    }

    /** @type {['test' | 'strictTest', string, number][]} */
    const hopeless = [
      ['test', "throw new Error('always')", 2],
      ['strictTest', "throw new Error('once')", 1],
    ];
    for (const [what, body, tries] of hopeless) {
      nodeTest(`with ${what} has ${tries === 1 ? 'one try' : 'two tries'}`, () => {
        const story = new URL('./story.mjs', import.meta.url);
        const text = `import { describe } from 'node:test';
          import { ${what}, useBrowser } from '${story}';
          describe('', () => { useBrowser(); ${what}('fails', async () => { console.log('told'); ${body}; }) });`;
        // Else it reports to the runner of this file.
        const { NODE_TEST_CONTEXT: _, ...env } = process.env;
        const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', text], {
          encoding: 'utf8',
          env,
        });
        assert.equal(stdout.match(/^told$/gm)?.length, tries);
        assert.equal(status, 1);
      });
    }
  });
}
