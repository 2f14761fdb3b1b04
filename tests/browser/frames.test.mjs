import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storeTokens, workerStats } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { openApp, useBrowser } from './story.mjs';

/** @param {string[]} urls @returns {Promise<boolean>} whether all images show in a frame made for them */
const showInFrame = async (urls) => {
  const srcdoc = urls.map((url) => `<img src="${url}">`).join('');
  const frame = Object.assign(document.createElement('iframe'), { srcdoc });
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  await loaded;
  return [...(frame.contentDocument?.images ?? [])].every(({ naturalWidth }) => naturalWidth > 0);
};

describe('An image in a srcdoc frame', () => {
  const browser = useBrowser();

  test('gets the token that the page around it has', async (t) => {
    const { realms, log, tab } = await openApp(t, browser);
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    assert.equal(await tab.evaluate(showInFrame, [`${realms.origin}/r/a.png`]), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
  });

  test('gets it after the worker was stopped too, except in Chromium, where most of a new frame pass by', async (t) => {
    const { realms, tab } = await openApp(t, browser);
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    await tab.stopWorkers();
    const urls = Array.from({ length: 30 }, (_, at) => `${realms.origin}/r/stopped-${at}.png`);
    assert.equal(await tab.evaluate(showInFrame, urls), engineOfRun !== 'chromium');
    // Whatever else starts it, helps.
    await tab.evaluate(workerStats);
    assert.equal(await tab.evaluate(showInFrame, [`${realms.origin}/r/started.png`]), true);
  });
});
