import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { askedURLs, showImage, workerStats } from './in-page.mjs';
import { openRealms, openWarmApp, test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

/** Longer than the page waits before it repairs. */
const SLOW_MS = 1000;

/** What the page says by itself, perhaps later. @param {import('./launcher.mjs').Tab} tab @param {object} said */
async function sayHello(tab, said) {
  await tab.evaluate((message) => navigator.serviceWorker.controller?.postMessage(message), {
    type: 'hello',
    minProtocol: 1,
    maxProtocol: 2,
    ...said,
  });
  await tab.evaluate(workerStats);
}

describe('Images that the worker has no token for', () => {
  const browser = useBrowser();

  test('in a public realm: nobody is asked', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { token: 'r-token' }, '/open/': {} },
    });
    await sayHello(tab, { origins: [`${realms.origin}/`], publicRealms: [`${realms.origin}/open`] });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/open/a.png`), true);
    assert.deepEqual(await tab.evaluate(askedURLs), []);
    assert.deepEqual(log.authorizationsOf('/open/a.png'), [undefined]);
  });

  test('on an origin nobody has spoken of: left alone, and shown once the page was asked in the background', async (t) => {
    const { realms, tab } = await openWarmApp(t, browser);
    await sayHello(tab, { origins: [`${realms.origin}/`] });
    const other = await openRealms(t, { '/s/': { token: 's-token', rejectionMs: SLOW_MS } });
    // At once: the page soon tells the worker of a token that is new in its storage.
    await tab.evaluate(
      (tokens, url) => {
        localStorage.setItem('boxel-session', JSON.stringify(tokens));
        document.body.append(Object.assign(new Image(), { src: url }));
      },
      { [`${other.origin}/s/`]: 's-token' },
      `${other.origin}/s/a.png`,
    );
    await until('the image', () => tab.evaluate(() => (document.images[0]?.naturalWidth ?? 0) > 0));
    assert.deepEqual(other.log.authorizationsOf('/s/a.png'), [undefined, 'Bearer s-token']);
    assert.equal(await tab.evaluate(showImage, `${other.origin}/s/b.png`), true);
    assert.deepEqual(other.log.authorizationsOf('/s/b.png'), ['Bearer s-token'], 'the host is known now');
    assert.deepEqual(await tab.evaluate(askedURLs), [`${other.origin}/s/a.png`]);
  });

  test('of strangers: one ask for each origin', async (t) => {
    const { realms, tab } = await openWarmApp(t, browser);
    await sayHello(tab, { origins: [`${realms.origin}/`] });
    const stranger = await openRealms(t, { '/': {} });
    for (const name of ['a', 'b', 'c'])
      assert.equal(await tab.evaluate(showImage, `${stranger.origin}/${name}.png`), true);
    await tab.evaluate(workerStats);
    const asked = await tab.evaluate(askedURLs);
    // About any of them: what comes while the worker still reads its saved state is not asked about.
    assert.deepEqual(
      asked.map((/** @type {string} */ url) => new URL(url).origin),
      [stranger.origin],
    );
    assert.deepEqual(
      stranger.log.entries.filter(({ authorization }) => authorization),
      [],
    );
  });
});
