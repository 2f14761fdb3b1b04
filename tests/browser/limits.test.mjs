// What no worker can do: README's limits. Each test fails when an engine changes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pushToken, showImage } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { openRealms, openWarmApp, useBrowser } from './story.mjs';
import { until } from './until.mjs';

/** @param {string} url @returns {number} the status of the answer */
const statusOfSynchronousRequest = (url) => {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  request.send();
  return request.status;
};

/** @param {string} url @param {RequestInit} init @returns {Promise<string>} the type of its response, or its error's name */
const outcomeOf = (url, init) => fetch(url, init).then(({ type }) => type, ({ name }) => name);

describe('A limit of the platform:', () => {
  const browser = useBrowser();

  test('a synchronous request bypasses the worker in Chromium and WebKit', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser);
    const isSeen = engineOfRun === 'firefox';
    assert.equal(await tab.evaluate(statusOfSynchronousRequest, `${realms.origin}/r/a.json`), isSeen ? 200 : 401);
    assert.deepEqual(log.authorizationsOf('/r/a.json'), [isSeen ? 'Bearer r-token' : undefined]);
  });

  test('a worker does not see where a redirect leads, so it adds no token there', async (t) => {
    const target = await openRealms(t, { '/elsewhere/': {} });
    const { realms, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { token: 'r-token', location: `${target.origin}/elsewhere/a.png` } },
    });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    // Chromium alone asks the target for no leave: it has taken the header away before.
    const methods = engineOfRun === 'chromium' ? ['GET'] : ['OPTIONS', 'GET'];
    assert.deepEqual(target.log.entries.map(({ method, authorization }) => [method, authorization]), methods.map((method) => [method, undefined]));
  });
});

/** @param {string} url @returns {Promise<number[] | string>} the first pixel of the picture, or the name of the error */
const pixelOf = async (url) => {
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  const canvas = document.createElement('canvas').getContext('2d');
  canvas?.drawImage(image, 0, 0);
  try {
    return [...(canvas?.getImageData(0, 0, 1, 1).data ?? [])];
  } catch (error) {
    return /** @type {Error} */ (error).name;
  }
};

describe('Not a limit:', () => {
  const browser = useBrowser();

  test('a protected picture of another origin may be read from a canvas, but for Firefox, since it is requested with CORS', async (t) => {
    const { realms, tab } = await openWarmApp(t, browser, { realms: { '/r/': { token: 'r-token' }, '/open/': {} } });
    const isReadable = Array.isArray(await tab.evaluate(pixelOf, `${realms.origin}/r/a.png`));
    assert.equal(isReadable, engineOfRun !== 'firefox');
    assert.equal(await tab.evaluate(pixelOf, `${(await openRealms(t, { '/': {} })).origin}/a.png`), 'SecurityError');
  });

  test('what is stale while it is revalidated is revalidated with the token', async (t) => {
    const headers = { 'Cache-Control': 'max-age=0, stale-while-revalidate=600' };
    const { realms, log, openTab, tab } = await openWarmApp(t, browser, { realms: { '/r/': { token: 'r-token', headers } } });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/stale.png`), true);
    const next = await openTab();
    assert.equal(await next.evaluate(showImage, `${realms.origin}/r/stale.png`), true);
    await until('a second request', () => log.of('/r/stale.png').length > 1);
    assert.deepEqual(log.authorizationsOf('/r/stale.png'), ['Bearer r-token', 'Bearer r-token']);
  });

  test('a redirect that the page wants to see, or wants none of, is what it gets without a worker', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { token: 'r-token', location: '/open/a.png' }, '/open/': {}, '/data/': { token: 'd-token', location: 'data:,x' } },
    });
    await tab.evaluate(pushToken, `${realms.origin}/data/`, 'd-token');
    const outcomes = [];
    for (const init of /** @type {RequestInit[]} */ ([{ redirect: 'manual' }, { redirect: 'error' }, { redirect: 'manual', mode: 'no-cors' }])) {
      outcomes.push(await tab.evaluate(outcomeOf, `${realms.origin}/r/${init.redirect}-${init.mode ?? 'cors'}.png`, init));
    }
    // A no-cors request has to follow: https://fetch.spec.whatwg.org/#concept-main-fetch
    assert.deepEqual(outcomes, ['opaqueredirect', 'TypeError', 'TypeError']);
    for (const name of ['manual-cors', 'error-cors']) assert.deepEqual(log.authorizationsOf(`/r/${name}.png`), ['Bearer r-token'], name);
    assert.deepEqual(log.of('/r/manual-no-cors.png'), []);
    // Only what may be read without CORS may be redirected to a data: URL: https://fetch.spec.whatwg.org/#main-fetch
    assert.equal(await tab.evaluate(outcomeOf, `${realms.origin}/data/a.png`, {}), 'TypeError');
    assert.deepEqual([...new Set(log.authorizationsOf('/data/a.png'))], ['Bearer d-token']);
  });
});
