import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askCount, pushToken, showImage, storeTokens, workerStats } from './in-page.mjs';
import { appPage, openApp, silentPage, useBrowser } from './story.mjs';

describe('Two tabs of an app', () => {
  const browser = useBrowser();

  test('share the token that one of them pushed', async (t) => {
    const { realms, log, openTab, tab: first } = await openApp(t, browser);
    const second = await openTab();
    await first.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    await first.evaluate(workerStats);
    assert.equal(await second.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
    assert.deepEqual([await first.evaluate(askCount), await second.evaluate(askCount)], [0, 0]);
  });

  test('help each other: where one does not answer, the other is asked', async (t) => {
    const { realms, log, openTab, tab: answering } = await openApp(t, browser, {
      page: () => ({ '/': appPage(), '/old': silentPage }),
    });
    await answering.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' });
    const silent = await openTab('/old');
    await silent.stopWorkers();
    assert.equal(await silent.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
    assert.deepEqual([await silent.evaluate(askCount), await answering.evaluate(askCount)], [1, 1]);
  });
});
