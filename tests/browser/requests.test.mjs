import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { showImage } from './in-page.mjs';
import { appPage, openWarmApp, useBrowser } from './story.mjs';

describe('A request that got a token', () => {
  const browser = useBrowser();

  test('comes after the preflight in which the other origin allows it', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(
      log.entries.map(({ method, path, authorization, headers }) => [method, path, authorization, headers['access-control-request-headers']]),
      [
        ['OPTIONS', '/r/a.png', undefined, 'authorization'],
        ['GET', '/r/a.png', 'Bearer r-token', undefined],
      ],
    );
  });

  test('asks for the same range', async (t) => {
    const { realms, log, tab } = await openWarmApp(t, browser);
    const status = await tab.evaluate(
      async (url) => (await fetch(url, { headers: { Range: 'bytes=2-5' } })).status,
      `${realms.origin}/r/a.png`,
    );
    assert.equal(status, 206);
    assert.deepEqual(log.of('/r/a.png').map(({ authorization, range }) => [authorization, range]), [['Bearer r-token', 'bytes=2-5']]);
  });

  test('names the same page as its referrer, by the policy of the image', async (t) => {
    const { app, realms, log, tab } = await openWarmApp(t, browser, { page: () => ({ '/': appPage(), '/deep/page': appPage() }) });
    await tab.goto(`${app.origin}/deep/page?id=1`);
    await tab.evaluate(
      (realm) =>
        Promise.all(
          ['origin', 'unsafe-url', 'no-referrer'].map((referrerPolicy) => {
            const image = Object.assign(new Image(), { referrerPolicy, src: `${realm}${referrerPolicy}.png` });
            return image.decode();
          }),
        ).then(() => true),
      `${realms.origin}/r/`,
    );
    const seen = (/** @type {string} */ name) => log.of(`/r/${name}.png`).map(({ authorization, headers }) => [authorization, headers.referer]);
    assert.deepEqual(seen('origin'), [['Bearer r-token', `${app.origin}/`]]);
    assert.deepEqual(seen('unsafe-url'), [['Bearer r-token', `${app.origin}/deep/page?id=1`]]);
    assert.deepEqual(seen('no-referrer'), [['Bearer r-token', undefined]]);
  });
});
