import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storeTokens } from './in-page.mjs';
import { openApp, useBrowser } from './story.mjs';

/** @param {string} url @returns {Promise<boolean>} whether an image shows in a frame made for it */
const showInFrame = async (url) => {
  const frame = Object.assign(document.createElement('iframe'), { srcdoc: `<img src="${url}">` });
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  await loaded;
  return (frame.contentDocument?.images[0].naturalWidth ?? 0) > 0;
};

describe('An image in a srcdoc frame', () => {
  const browser = useBrowser();

  test('gets the token that the page around it has', async (t) => {
    const { realms, log, tab } = await openApp(t, browser);
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    assert.equal(await tab.evaluate(showInFrame, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
  });

  // In Chromium by the routes only that js/worker/routes.js adds.
  test('gets it after the worker was stopped too', async (t) => {
    const { realms, tab } = await openApp(t, browser);
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    await tab.stopWorkers();
    assert.equal(await tab.evaluate(showInFrame, `${realms.origin}/r/stopped.png`), true);
  });
});
