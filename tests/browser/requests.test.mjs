import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { pushToken, showImage, streamEvents, workerStats } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { appPage, openApp, openRealms, openWarmApp, test, useBrowser, useStory } from './story.mjs';
import { until } from './until.mjs';

/** @param {string} url @param {RequestInit} [init] @returns {Promise<string>} the type of its response, or its error's name */
const fetchThere = (url, init) =>
  fetch(url, init).then(
    ({ type }) => type,
    ({ name }) => name,
  );

describe('A request that got a token', () => {
  const browser = useBrowser();
  const stream = { file: { type: 'text/event-stream', body: Buffer.from('id: 7\nretry: 50\ndata: x\n\n') } };
  const scene = useStory((t) =>
    openWarmApp(t, browser, {
      page: () => ({ '/': appPage(), '/deep/page': appPage() }),
      realms: {
        '/r/': { token: 'r-token' },
        '/r/stream/': { token: 'r-token', ...stream },
        '/r/stream/goes-on': {
          token: 'r-token',
          ...stream,
          headers: { 'Access-Control-Allow-Headers': 'Authorization, Last-Event-ID' },
        },
        '/r/versions/': {
          token: 'r-token',
          headers: { 'Access-Control-Allow-Headers': 'Authorization, Range, If-Range' },
        },
        '/open/': stream,
      },
    }),
  );

  test('comes after the preflight in which the other origin allows it', async () => {
    const { realms, log, tab } = scene;
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.deepEqual(
      log.entries.map(({ method, path, authorization, headers }) => [
        method,
        path,
        authorization,
        headers['access-control-request-headers'],
      ]),
      [
        ['OPTIONS', '/r/a.png', undefined, 'authorization'],
        ['GET', '/r/a.png', 'Bearer r-token', undefined],
      ],
    );
  });

  test('asks for the same range', async () => {
    const { realms, log, tab } = scene;
    const status = await tab.evaluate(
      async (url) => (await fetch(url, { headers: { Range: 'bytes=2-5' } })).status,
      `${realms.origin}/r/range.png`,
    );
    assert.equal(status, 206);
    assert.deepEqual(
      log.of('/r/range.png').map(({ authorization, range }) => [authorization, range]),
      [['Bearer r-token', 'bytes=2-5']],
    );
  });

  test('asks for it of the same version only, where the page says so', async () => {
    const { realms, log, tab } = scene;
    const headers = { Range: 'bytes=2-5', 'If-Range': '"1"' };
    assert.equal(await tab.evaluate(fetchThere, `${realms.origin}/r/versions/a.png`, { headers }), 'cors');
    assert.deepEqual(
      log
        .of('/r/versions/a.png')
        .map(({ authorization, range, headers }) => [authorization, range, headers['if-range']]),
      [['Bearer r-token', 'bytes=2-5', '"1"']],
    );
  });

  test('names the same page as its referrer, by the policy of the image', async () => {
    const { app, realms, log, tab } = scene;
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
    const seen = (/** @type {string} */ name) =>
      log.of(`/r/${name}.png`).map(({ authorization, headers }) => [authorization, headers.referer]);
    assert.deepEqual(seen('origin'), [['Bearer r-token', `${app.origin}/`]]);
    assert.deepEqual(seen('unsafe-url'), [['Bearer r-token', `${app.origin}/deep/page?id=1`]]);
    assert.deepEqual(seen('no-referrer'), [['Bearer r-token', undefined]]);
  });

  test('sends cookies where the page asks for them, or the site does for plain elements', async (t) => {
    const headers = (/** @type {string} */ origin) => ({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Credentials': 'true',
    });
    for (const [query, ofImage] of /** @type {const} */ ([
      ['', undefined],
      ['?credentials=include', 'c=1'],
    ])) {
      /** @type {Record<string, string>} */
      const allowed = {};
      const { app, realms, log, tab } = await openWarmApp(t, browser, {
        realms: { '/r/': { token: 'r-token', headers: allowed } },
        page: () => appPage(`{ workerURL: '/auth-service-worker.js${query}' }`),
      });
      Object.assign(allowed, headers(app.origin));
      // Cookies know no port, so they are the realm server's as well.
      await tab.evaluate(() => void (document.cookie = 'c=1'));
      const seen = (/** @type {string} */ name) =>
        log.of(`/r/${name}`).map(({ authorization, headers: { cookie } }) => [authorization, cookie]);
      for (const credentials of /** @type {const} */ (['include', 'same-origin', 'omit'])) {
        assert.equal(await tab.evaluate(fetchThere, `${realms.origin}/r/${credentials}`, { credentials }), 'cors');
      }
      assert.equal(
        await tab.evaluate(fetchThere, `${realms.origin}/r/omit-no-cors`, { credentials: 'omit', mode: 'no-cors' }),
        'cors',
      );
      assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/image`), true);
      assert.deepEqual(seen('include'), [['Bearer r-token', 'c=1']]);
      for (const name of ['same-origin', 'omit', 'omit-no-cors'])
        assert.deepEqual(seen(name), [['Bearer r-token', undefined]], name);
      assert.deepEqual(seen('image'), [['Bearer r-token', ofImage]]);
    }
  });

  test('to the app’s own origin without cookies stays without', async () => {
    const { app, tab } = scene;
    await tab.evaluate(() => void (document.cookie = 'c=1'));
    await tab.evaluate(pushToken, `${app.origin}/r/`, 'r-token');
    await tab.evaluate(workerStats);
    for (const mode of /** @type {const} */ (['cors', 'no-cors', 'same-origin'])) {
      await tab.evaluate(fetchThere, `${app.origin}/r/${mode}`, { credentials: 'omit', mode });
      assert.deepEqual(
        app.log.of(`/r/${mode}`).map(({ authorization, headers: { cookie } }) => [authorization, cookie]),
        [['Bearer r-token', undefined]],
      );
    }
  });

  /**
   * Loads two style sheets, or two modules, of another origin. The second one names no referrer.
   * @param {import('./story.mjs').Cleanup} t
   * @param {'css' | 'js'} kind
   * @param {(url: string, name: string) => string} text that needs something of the realm
   * @param {string} type of what it needs
   * @returns {Promise<(string | undefined)[][]>} the Authorization and the Referer that the realm's server saw
   */
  const refererOf = async (t, kind, text, type) => {
    const { realms, log, tab } = scene;
    const url = (/** @type {string} */ name) => `${realms.origin}/r/${name}.${type}`;
    const file = (/** @type {string} */ name) => ({
      type: `text/${kind === 'css' ? kind : 'javascript'}`,
      body: Buffer.from(text(url(name), name)),
    });
    const others = await openRealms(t, {
      [`/named.${kind}`]: { file: file('named') },
      [`/unnamed.${kind}`]: { file: file('unnamed'), headers: { 'Referrer-Policy': 'no-referrer' } },
    });
    const seen = [];
    for (const name of ['named', 'unnamed']) {
      await tab.evaluate(
        (href, name) => {
          if (href.endsWith('.js')) return void import(href).catch(() => {});
          document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href }));
          document.body.append(Object.assign(document.createElement('p'), { className: name, textContent: 'text' }));
        },
        `${others.origin}/${name}.${kind}`,
        name,
      );
      const { authorization, headers } = await log.arrival(`/r/${name}.${type}`);
      seen.push([
        authorization,
        headers.referer?.toString().replace(others.origin, 'other').replace(scene.app.origin, 'app'),
      ]);
    }
    return seen;
  };
  // WebKit shows a worker nothing of what another origin's style sheet loads, and names the page in any case.
  const inWebKit = [
    [undefined, 'app/'],
    [undefined, 'app/'],
  ];

  test('names the style sheet of another origin that loads a font as its referrer, or nothing where that says so', async (t) => {
    const seen = await refererOf(
      t,
      'css',
      (url, name) => `@font-face { font-family: ${name}; src: url(${url}) } .${name} { font-family: ${name} }`,
      'woff2',
    );
    assert.deepEqual(
      seen,
      engineOfRun === 'webkit'
        ? inWebKit
        : [
            ['Bearer r-token', 'other/'],
            ['Bearer r-token', undefined],
          ],
    );
  });

  test('names the module of another origin that imports a module as its referrer, or nothing where that says so', async (t) => {
    const seen = await refererOf(t, 'js', (url) => `import '${url}'`, 'mjs');
    // WebKit names the page in any case, also without a worker.
    const referers = engineOfRun === 'webkit' ? ['app/', 'app/'] : ['other/', undefined];
    assert.deepEqual(
      seen,
      referers.map((referer) => ['Bearer r-token', referer]),
    );
  });

  test('names the app where such a sheet loads an image, since no request with a token can name the sheet, or nothing', async (t) => {
    const seen = await refererOf(t, 'css', (url, name) => `.${name} { background: url(${url}) }`, 'png');
    assert.deepEqual(
      seen,
      engineOfRun === 'webkit'
        ? inWebKit
        : [
            ['Bearer r-token', 'app/'],
            ['Bearer r-token', undefined],
          ],
    );
  });

  test('is a stream that the browser opens again, though the server allows no other header', async () => {
    const { realms, log, tab } = scene;
    assert.equal(await tab.evaluate(streamEvents, `${realms.origin}/r/stream/`), 3);
    assert.deepEqual([...new Set(log.authorizationsOf('/r/stream/'))], ['Bearer r-token']);
    // The page has no token there.
    assert.equal(await tab.evaluate(streamEvents, `${realms.origin}/open/stream`), 3);
  });

  test('and goes on after Last-Event-ID where the server allows that, and the browser shows it', async () => {
    const { realms, log, tab } = scene;
    assert.equal(await tab.evaluate(streamEvents, `${realms.origin}/r/stream/goes-on`), 3);
    // Chromium adds it after the worker, and to no request of one.
    const again = engineOfRun === 'chromium' ? undefined : '7';
    assert.deepEqual(
      log
        .of('/r/stream/goes-on')
        .slice(0, 3)
        .map((entry) => entry.headers['last-event-id']),
      [undefined, again, again],
    );
  });

  test('is left to the browser once a policy of the worker’s script forbids the host', async (t) => {
    const { realms, tab } = await openApp(t, browser, {
      realms: { '/r/': { token: 'r-token' }, '/r/open/': {} },
      served: { policy: "connect-src 'self'" },
    });
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    await tab.evaluate(workerStats);
    // WebKit tells a worker nothing of it.
    if (engineOfRun === 'webkit')
      return assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/open/1.png`), false);
    await until('a public image', () => tab.evaluate(showImage, `${realms.origin}/r/open/2.png`));
  });

  test('keeps its token where that policy forbids another path only, which is left to the browser', async (t) => {
    const realms = await openRealms(t, { '/r/': { token: 'r-token' }, '/open/': {} });
    const { tab } = await openApp(t, browser, { served: { policy: `connect-src 'self' ${realms.origin}/r/` } });
    await tab.evaluate(pushToken, `${realms.origin}/`, 'r-token');
    await tab.evaluate(workerStats);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/open/1.png`), false);
    // WebKit tells a worker nothing of it.
    if (engineOfRun !== 'webkit')
      await until('a public image', () => tab.evaluate(showImage, `${realms.origin}/open/2.png`));
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/3.png`), true);
  });

  test('keeps its token where that policy forbids only the place that another image is redirected to', async (t) => {
    const elsewhere = await openRealms(t, { '/': {} });
    const realms = await openRealms(t, {
      '/r/': { token: 'r-token' },
      '/r/moved/': { location: `${elsewhere.origin}/a.png` },
    });
    const { tab } = await openApp(t, browser, { served: { policy: `connect-src 'self' ${realms.origin}` } });
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    await tab.evaluate(workerStats);
    // WebKit applies the policy only to the URL that the worker requests.
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/moved/1.png`), engineOfRun === 'webkit');
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/2.png`), true);
  });
});
