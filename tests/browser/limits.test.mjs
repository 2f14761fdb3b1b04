// What no worker can do: README's limits. Each test fails when an engine changes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { showImage } from './in-page.mjs';
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

describe('A limit of the platform', () => {
  const browser = useBrowser();

  test('a synchronous request bypasses the worker in Chromium', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser);
    const isSeen = engineOfRun !== 'chromium';
    assert.equal(await tab.evaluate(statusOfSynchronousRequest, `${realms.origin}/r/a.json`), isSeen ? 200 : 401);
    assert.deepEqual(log.authorizationsOf('/r/a.json'), [isSeen ? 'Bearer r-token' : undefined]);
  });

  test('what is stale while it is revalidated is revalidated past the worker in Chromium', async (t) => {
    const headers = { 'Cache-Control': 'max-age=0, stale-while-revalidate=600' };
    const { realms, log, openTab, tab } = await openWarmApp(t, browser, { realms: { '/r/': { token: 'r-token', headers } } });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/stale.png`), true);
    const next = await openTab();
    assert.equal(await next.evaluate(showImage, `${realms.origin}/r/stale.png`), true);
    await until('a second request', () => log.of('/r/stale.png').length > 1);
    console.log(engineOfRun, JSON.stringify(log.entries.map(({ method, path, authorization }) => [method, path, authorization])));
  });

  test('a worker does not see where a redirect leads: no token is added there', async (t) => {
    const target = await openRealms(t, { '/elsewhere/': {} });
    const { realms, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { token: 'r-token', location: `${target.origin}/elsewhere/a.png` } },
    });
    await tab.evaluate(showImage, `${realms.origin}/r/a.png`);
    console.log(engineOfRun, JSON.stringify(target.log.entries.map(({ method, path, authorization }) => [method, path, authorization])));
  });

  test('a redirect that the page wants to see, or none at all, is what it gets without a worker', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { token: 'r-token', location: '/open/a.png' }, '/data/': { token: 'd-token', location: 'data:,x' }, '/open/': {} },
    });
    const outcomes = [];
    for (const init of /** @type {RequestInit[]} */ ([
      { redirect: 'manual', mode: 'no-cors' }, { redirect: 'manual' }, { redirect: 'error', mode: 'no-cors' }, { redirect: 'error' },
    ])) {
      outcomes.push(await tab.evaluate(outcomeOf, `${realms.origin}/r/a.png?${init.redirect}-${init.mode}`, init));
    }
    outcomes.push(await tab.evaluate(showImage, `${realms.origin}/data/a.png`));
    console.log(engineOfRun, JSON.stringify(outcomes), JSON.stringify(log.entries.map(({ method, url, authorization }) => [method, url, authorization])));
  });
});
