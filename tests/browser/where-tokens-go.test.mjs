import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { askCount, pushToken, showImage } from './in-page.mjs';
import { openApp, openRealms, openWarmApp, pageWith, strictTest as test, useBrowser, useStory } from './story.mjs';

describe('A token goes to its realm only:', () => {
  const browser = useBrowser();
  const scene = useStory(async (t) => {
    const elsewhere = await openRealms(t, { '/': {} });
    const realms = {
      '/': {},
      '/r/': { token: 'r-token' },
      '/r-evil/': {},
      '/~r/': { token: 'r-token' },
      '/%7Er/': { token: 'r-token' },
      '/r/inner/': { token: 'inner-token' },
      '/r/signed/': { token: 'r-token', location: `${elsewhere.origin}/signed.png` },
      '/r/moved/': { token: 'r-token', location: '/elsewhere/a.png' },
      '/r/public/': { cors: false },
    };
    return { ...(await openWarmApp(t, browser, { realms })), elsewhere };
  });

  test('another origin is not touched, and asked about once, behind its request', async (t) => {
    const { app, realms, log, tab } = scene;
    const elsewhere = await openRealms(t, { '/': { cors: false } });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
    assert.equal(await tab.evaluate(showImage, `${elsewhere.origin}/logo.png`), true);
    const [{ authorization, headers }, ...more] = elsewhere.log.entries;
    assert.deepEqual(more, []);
    assert.equal(authorization, undefined);
    // These show the browser's own image request: a request made by a worker has other values.
    assert.equal(headers['sec-fetch-mode'], 'no-cors');
    assert.equal(headers['sec-fetch-dest'], 'image');
    assert.equal(headers.referer, `${app.origin}/`);
    assert.equal(await tab.evaluate(showImage, `${elsewhere.origin}/other.png`), true);
    assert.equal(elsewhere.log.entries[1].authorization, undefined);
    assert.equal(await tab.evaluate(askCount), 1);
  });

  test('a path that begins with the same letters is another realm', async () => {
    const { realms, log, tab } = scene;
    await tab.evaluate(pushToken, `${realms.origin}/r`, 'r-token');
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/letters.png`), true);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r-evil/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/letters.png'), ['Bearer r-token']);
    assert.deepEqual(log.authorizationsOf('/r-evil/a.png'), [undefined]);
  });

  test('one realm, written in several ways', async () => {
    const { realms, log, tab } = scene;
    await tab.evaluate(pushToken, `${realms.origin}/%7er/`, 'r-token');
    for (const path of ['/~r/a.png', '/%7Er/b.png', '/~r%2Fevil/c.png']) {
      assert.equal(await tab.evaluate(showImage, `${realms.origin}${path}`), true, path);
    }
    assert.deepEqual(log.authorizationsOf('/~r/a.png'), ['Bearer r-token']);
    // On its way, WebKit's network library decodes escapes that need none.
    assert.deepEqual(log.authorizationsOf(browser.engine === 'webkit' ? '/~r/b.png' : '/%7Er/b.png'), [
      'Bearer r-token',
    ]);
    assert.deepEqual(log.authorizationsOf('/~r%2Fevil/c.png'), [undefined], 'an escaped slash ends no realm');
  });

  test('a port that begins with the same digits is another host', async () => {
    const { realms, log, tab } = scene;
    await tab.evaluate(pushToken, realms.origin.slice(0, -1), 'other-token');
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/a.png`), true);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/digits.png`), true);
    assert.deepEqual(log.authorizationsOf('/a.png'), [undefined]);
    assert.deepEqual(log.authorizationsOf('/r/digits.png'), ['Bearer r-token']);
  });

  test('of two realms that cover a URL, the longer one counts', async () => {
    const { realms, log, tab } = scene;
    await tab.evaluate(pushToken, `${realms.origin}/r/inner/`, 'inner-token');
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/inner/a.png`), true);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/longer.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/inner/a.png'), ['Bearer inner-token']);
    assert.deepEqual(log.authorizationsOf('/r/longer.png'), ['Bearer r-token']);
  });

  test('a page that replies for another realm is not believed', async (t) => {
    const { realms, tab } = await openApp(t, browser, {
      page: (realmOrigin) =>
        pageWith(`
        navigator.serviceWorker.addEventListener('message', ({ ports }) => {
          ports[0].postMessage({ realmURL: '${realmOrigin}/r/', token: 'r-token' });
        });
        navigator.serviceWorker.register('/auth-service-worker.js');`),
    });
    const elsewhere = await openRealms(t, { '/': {} });
    assert.equal(await tab.evaluate(showImage, `${elsewhere.origin}/logo.png`), true);
    assert.equal(await tab.evaluate(askCount), 1);
    assert.deepEqual(elsewhere.log.authorizationsOf('/logo.png'), [undefined]);
    // The same reply is believed when the ask is about that realm.
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(realms.log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
  });

  test('a redirect to another origin goes there without it', async () => {
    const { elsewhere, realms, log, tab } = scene;
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/signed/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/signed/a.png'), ['Bearer r-token']);
    assert.deepEqual(elsewhere.log.authorizationsOf('/signed.png'), [undefined]);
  });

  test('a redirect inside the origin keeps it, also outside the realm: a worker cannot see where it leads', async () => {
    const { realms, log, tab } = scene;
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/moved/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/moved/a.png'), ['Bearer r-token']);
    assert.deepEqual(log.authorizationsOf('/elsewhere/a.png'), ['Bearer r-token']);
  });

  test('a POST, and a request with an Authorization of its own, pass as they are', async () => {
    const { realms, log, tab } = scene;
    await tab.evaluate(async (url) => {
      await fetch(`${url}note`, { method: 'POST', body: 'hello' });
      await fetch(`${url}own.png`, { headers: { Authorization: 'Bearer own' } });
      await fetch(`${url}none.png`);
    }, `${realms.origin}/r/`);
    assert.deepEqual(
      log.of('/r/note').map(({ method, authorization, body }) => [method, authorization, body]),
      [['POST', undefined, 'hello']],
    );
    assert.deepEqual(log.authorizationsOf('/r/own.png'), ['Bearer own']);
    assert.deepEqual(log.authorizationsOf('/r/none.png'), ['Bearer r-token']);
  });

  // The last of them: a failure may stand for a rejection of the token.
  test('a public image without CORS headers shows: its own request goes out, once', async () => {
    const { realms, log, tab } = scene;
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/public/logo.png`), true);
    assert.deepEqual(
      log.entries
        .filter(({ path }) => path === '/r/public/logo.png')
        .map(({ method, authorization }) => [method, authorization]),
      [
        ['OPTIONS', undefined],
        ['GET', undefined],
      ],
    );
  });
});
