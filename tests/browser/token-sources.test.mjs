// Apps whose tokens() takes time, as with a login library whose token has expired.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { showImage, shownWidths, storeTokens, workerStats } from './in-page.mjs';
import { appPage, openApp, test, useBrowser } from './story.mjs';

const stored = `JSON.parse(localStorage.getItem('boxel-session') ?? '{}')`;
const after = (/** @type {number} */ ms) => `new Promise((resolve) => setTimeout(() => resolve(${stored}), ${ms}))`;

describe('A source of tokens', () => {
  const browser = useBrowser();

  /**
   * An app that is logged in, and its worker as if it had just been started: without a token.
   * @param {import('./story.mjs').Cleanup} t
   * @param {string} tokens the option, as source text
   */
  const openForgottenApp = async (t, tokens) => {
    const { realms, log, tab } = await openApp(t, browser, { page: () => appPage(`{ tokens: ${tokens} }`) });
    const realm = `${realms.origin}/r/`;
    await tab.evaluate(storeTokens, { [realm]: 'r-token' });
    await tab.stopWorkers();
    return { log, realm, tab };
  };

  for (const ms of [600, 2500]) {
    test(`that always takes ${ms} ms: all images of a burst wait for it and show`, async (t) => {
      const { log, realm, tab } = await openForgottenApp(t, `() => ${after(ms)}`);
      const urls = ['a', 'b', 'c'].map((name) => `${realm}${name}.png`);
      assert.deepEqual(await tab.evaluate(shownWidths, urls), [64, 64, 64]);
      assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
      // What came late was told to the worker.
      await tab.evaluate(workerStats);
      assert.deepEqual(await tab.evaluate(shownWidths, [`${realm}d.png`]), [64]);
      assert.deepEqual(log.authorizationsOf('/r/d.png'), ['Bearer r-token']);
    });
  }

  test('that hangs: the reply has what was read before', async (t) => {
    const { log, realm, tab } = await openForgottenApp(t, `() => globalThis.hangs ? new Promise(() => {}) : ${stored}`);
    assert.equal(await tab.evaluate(showImage, `${realm}before.png`), true);
    await tab.evaluate(() => void Object.assign(globalThis, { hangs: true }));
    await tab.stopWorkers();
    assert.equal(await tab.evaluate(showImage, `${realm}a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
  });

  test('that hangs from the start: the request goes out without a token after 3 s at the latest', async (t) => {
    const { log, realm, tab } = await openForgottenApp(t, '() => new Promise(() => {})');
    const { shows, ms } = await tab.evaluate(async (url) => {
      const began = performance.now();
      const image = Object.assign(new Image(), { src: url });
      const shows = await image.decode().then(
        () => true,
        () => false,
      );
      return { shows, ms: performance.now() - began };
    }, `${realm}a.png`);
    assert.equal(shows, false);
    assert.ok(ms < 5000, `${ms} ms`);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), [undefined]);
  });

  test('that is quick and slow by turns: each image shows', async (t) => {
    const { log, realm, tab } = await openForgottenApp(
      t,
      `() => (globalThis.turn = !globalThis.turn) ? ${stored} : ${after(600)}`,
    );
    for (const name of ['a', 'b', 'c', 'd']) {
      await tab.stopWorkers();
      assert.equal(await tab.evaluate(showImage, `${realm}${name}.png`), true, name);
      assert.deepEqual(log.authorizationsOf(`/r/${name}.png`), ['Bearer r-token'], name);
    }
  });
});
