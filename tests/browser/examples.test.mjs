// Each example of web/examples, as its reader starts it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from 'node:test';
import { startExample } from '../../web/examples/start.mjs';
import { controlled, showImage } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

const logIn = async () => {
  const button = await new Promise((resolve) => {
    const look = () => {
      const found = document.querySelector('#log-in, #app button');
      if (found) resolve(found);
      else requestAnimationFrame(look);
    };
    look();
  });
  button.click();
};

/** @returns {boolean} */
const allShow = () => document.images.length > 0 && [...document.images].every(({ naturalWidth }) => naturalWidth > 0);

/**
 * @param {import('./story.mjs').Cleanup} t
 * @param {import('./story.mjs').Browser} browser
 * @param {string} name
 * @param {Parameters<typeof startExample>[1]} [how]
 */
async function open(t, browser, name, how) {
  const example = await startExample(name, how);
  t.after(() => example.close());
  const tab = await browser.openTab();
  t.after(() => tab.close());
  await tab.goto(`${example.origin}/`);
  await tab.evaluate(controlled);
  /** What was sent with the last request for each path. */
  const sent = () =>
    Object.fromEntries(
      example.log.filter(({ method }) => method === 'GET').map(({ path, authorization }) => [path, authorization]),
    );
  return { ...example, tab, sent, shows: () => until('the images', () => tab.evaluate(allShow)) };
}

describe('The example', () => {
  const browser = useBrowser();

  for (const name of engineOfRun === 'chromium' ? ['vanilla', 'react'] : ['vanilla']) {
    test(`${name}: a login shows the image, and another visit does so at once`, async (t) => {
      const { origin, log, sent, shows, tab } = await open(t, browser, name);
      await tab.evaluate(logIn);
      await shows();
      assert.deepEqual(sent(), { '/photos/cat.png': 'Bearer example-token' });
      log.length = 0;
      await tab.goto(`${origin}/`);
      await shows();
      assert.deepEqual(sent(), { '/photos/cat.png': 'Bearer example-token' });
    });
  }

  test('boxel: the image of a realm shows on the first visit', async (t) => {
    const { sent, shows } = await open(t, browser, 'boxel');
    await shows();
    assert.deepEqual(sent(), { '/photos/cat.png': 'Bearer example-token' });
  });

  test('map: after a login each tile shows', async (t) => {
    const { sent, tab } = await open(t, browser, 'map');
    await tab.evaluate(logIn);
    await until('the tiles', () =>
      tab.evaluate(() => [...document.images].filter(({ naturalWidth }) => naturalWidth === 128).length > 1),
    );
    assert.deepEqual([...new Set(Object.values(sent()))], ['Bearer example-token']);
    // The other engines have no WebGL without a window.
    if (engineOfRun === 'chromium')
      await until('MapLibre', () => tab.evaluate(() => document.querySelector('#maplibre canvas') !== null));
  });

  test('oidc: a login, a token that expires, a refresh, and a logout', async (t) => {
    const TOKEN_S = 3;
    const example = await startExample('oidc', { tokenSeconds: TOKEN_S });
    t.after(() => example.close());
    const { log, origin, realms } = example;
    const tab = await browser.openTab();
    t.after(() => tab.close());
    const sent = (/** @type {string} */ name) =>
      log
        .filter(({ method, path }) => method === 'GET' && path === `/photos/${name}`)
        .map(({ authorization }) => authorization);
    // Not with goto(): it waits for the page to load, which goes to the provider before it has.
    await tab.evaluate((/** @type {string} */ url) => location.assign(url), `${origin}/`).catch(() => {});
    // The provider has two forms: one for the name, and one for the consent. It refuses a form that comes twice, so
    // each is sent once for a document.
    const send = () => {
      const [form] = document.forms;
      if (!form || form.dataset.sent || !location.pathname.startsWith('/interaction/')) return;
      form.dataset.sent = 'yes';
      for (const input of form.querySelectorAll('input')) if (input.type !== 'hidden') input.value = 'ada';
      form.submit();
    };
    await until('the login and the image', async () => {
      await tab.evaluate(send).catch(() => {});
      return tab.evaluate(() => document.images[0]?.naturalWidth > 0).catch(() => false);
    });
    const first = sent('cat.png').at(-1);
    assert.match(first ?? '', /^Bearer ./);

    await new Promise((resolve) => setTimeout(resolve, TOKEN_S * 1000 + 1100));
    assert.equal(await tab.evaluate(showImage, `${realms}/photos/2.png`), true, 'after a refresh');
    const [rejected, renewed, ...others] = sent('2.png');
    assert.deepEqual([rejected, others], [first, []]);
    assert.notEqual(renewed, first);

    await tab.evaluate(() => document.querySelector('button')?.click());
    const isLoggedOut = () => Object.keys(localStorage).every((key) => !key.startsWith('oidc.user:'));
    await until('the logout', () => tab.evaluate(isLoggedOut));
    assert.equal(await tab.evaluate(showImage, `${realms}/photos/3.png`), false, 'after the logout');
    assert.deepEqual([...new Set(sent('3.png'))], [undefined]);
  });
});

// What the engines do with these is in the other stories.
describe('In Chromium, the example', { skip: engineOfRun !== 'chromium' }, () => {
  const browser = useBrowser();

  test('telemetry: the collector gets the counts from which the image-401 rate is made', async (t) => {
    const { log, tab } = await open(t, browser, 'telemetry', { replaced: { '60_000': '200' } });
    await tab.evaluate(logIn);
    await until('the first image', () => tab.evaluate(() => document.images[0].naturalWidth > 0));
    /** The last value of each metric. */
    const metrics = () => {
      const bodies = log
        .filter(({ method, path }) => method === 'POST' && path === '/v1/metrics')
        .map(({ body }) => JSON.parse(body));
      const all = bodies
        .flatMap(({ resourceMetrics }) => resourceMetrics)
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap(({ metrics }) => metrics);
      return Object.fromEntries(
        all.map(({ name, sum }) => [name, Number(sum.dataPoints[0].asDouble ?? sum.dataPoints[0].asInt)]),
      );
    };
    await until('the counts', () => metrics()['image.unauthorised'] === 1 && metrics()['image.requests'] === 2);
    assert.deepEqual(metrics(), { 'image.requests': 2, 'image.unauthorised': 1 });
  });

  test('pwa: after a login the image shows, and the app starts without its server', async (t) => {
    const { close, origin, sent, shows, tab } = await open(t, browser, 'pwa');
    await tab.evaluate(logIn);
    await shows();
    assert.deepEqual(sent(), { '/photos/cat.png': 'Bearer example-token' });
    const isKept = async () =>
      (await caches.keys()).length > 0 &&
      (
        await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).length))
      ).includes(2);
    await until('the precache', () => tab.evaluate(isKept));
    await close();
    await tab.goto(`${origin}/`);
    assert.equal(await tab.evaluate(() => document.title), 'A PWA with Workbox');
  });

  test('nginx: images show from another origin and by a proxy of the app’s own, which saves the preflights', async (t) => {
    const { folder, realms, tab } = await open(t, browser, 'nginx');
    await tab.evaluate(logIn);
    await until('24 images', () =>
      tab.evaluate(() => [...document.images].filter(({ naturalWidth }) => naturalWidth > 0).length === 24),
    );
    /** How many requests of a method are in a log. @param {string} log @param {string} method */
    const count = async (log, method) =>
      (await readFile(join(folder, log), 'utf8')).split(`"${method} /photos/`).length - 1;
    assert.deepEqual([await count('images.log', 'OPTIONS'), await count('images.log', 'GET')], [12, 24]);
    assert.deepEqual([await count('app.log', 'OPTIONS'), await count('app.log', 'GET')], [0, 12]);
    const rejected = await fetch(`${realms}/photos/1.png`);
    assert.deepEqual([rejected.status, rejected.headers.get('Access-Control-Allow-Origin')], [401, '*']);
  });
});
