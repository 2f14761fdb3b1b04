// What no worker can do: web/guide/limits.md. Each test fails when an engine changes.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { pushToken, showImage, storeTokens } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { openApp, openRealms, openWarmApp, png, test, useBrowser, useStory } from './story.mjs';
import { until } from './until.mjs';

/** @param {string} url @returns {number} the status of the response */
const statusOfSynchronousRequest = (url) => {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  request.send();
  return request.status;
};

/** @param {string} url @param {RequestInit} init @returns {Promise<string>} the type of its response, or its error's name */
const outcomeOf = (url, init) =>
  fetch(url, init).then(
    ({ type }) => type,
    ({ name }) => name,
  );

describe('A limit of the platform:', () => {
  const browser = useBrowser();
  const scene = useStory(async (t) => {
    const script = 'document.write(`<img src="${decodeURIComponent(location.search.slice(1))}foreign.png">`)';
    const frames = await openRealms(t, {
      '/frame': { file: { type: 'text/html', body: Buffer.from(`<script>${script}</script>`) } },
    });
    const target = await openRealms(t, { '/elsewhere/': {} });
    const opened = await openWarmApp(t, browser, {
      realms: {
        '/r/': { token: 'r-token' },
        '/r/redirects/': { token: 'r-token', location: `${target.origin}/elsewhere/a.png` },
        '/r/without-cors/': { token: 'r-token', cors: false },
        '/outer/': { token: 'outer-token' },
        '/outer/inner/': { token: 'inner-token' },
      },
    });
    return { ...opened, frames, target, realm: `${opened.realms.origin}/r/` };
  });

  test('a synchronous request bypasses the worker in Chromium and WebKit', async () => {
    const { realm, log, tab } = scene;
    const isSeen = engineOfRun === 'firefox';
    assert.equal(await tab.evaluate(statusOfSynchronousRequest, `${realm}a.json`), isSeen ? 200 : 401);
    assert.deepEqual(log.authorizationsOf('/r/a.json'), [isSeen ? 'Bearer r-token' : undefined]);
  });

  test('a worker does not see where a redirect leads, so it adds no token there', async () => {
    const { realm, target, tab } = scene;
    assert.equal(await tab.evaluate(showImage, `${realm}redirects/a.png`), true);
    // Chromium alone asks the target for no leave: it has taken the header away before.
    const methods = engineOfRun === 'chromium' ? ['GET'] : ['OPTIONS', 'GET'];
    assert.deepEqual(
      target.log.entries.map(({ method, authorization }) => [method, authorization]),
      methods.map((method) => [method, undefined]),
    );
  });

  test('a server has to allow CORS for a protected image, and credentials where the page asks for them', async () => {
    const { realm, log, tab } = scene;
    assert.equal(await tab.evaluate(showImage, `${realm}without-cors/a.png`), false);
    assert.deepEqual(log.authorizationsOf('/r/without-cors/a.png').filter(Boolean), []);
    assert.equal(await tab.evaluate(outcomeOf, `${realm}credentials.png`, { credentials: 'include' }), 'TypeError');
  });

  test('objects, embeds, sandboxed frames and frames of other origins do not reach the worker', async () => {
    const { realm, frames, log, tab } = scene;
    await tab.evaluate(
      (realm, frame) => {
        document.body.insertAdjacentHTML(
          'beforeend',
          `
        <object data="${realm}object.png" type="image/png"></object>
        <embed src="${realm}embed.png" type="image/png">
        <iframe sandbox srcdoc="<img src='${realm}sandboxed.png'>"></iframe>
        <iframe src="${frame}"></iframe>`,
        );
      },
      realm,
      `${frames.origin}/frame?${encodeURIComponent(realm)}`,
    );
    for (const name of ['object', 'embed', 'sandboxed', 'foreign']) {
      assert.equal((await log.arrival(`/r/${name}.png`)).authorization, undefined, name);
    }
  });

  test('no request with a token can name another origin’s style sheet that loads an image as its referrer', async (t) => {
    const realms = await openRealms(t, { '/': {} });
    const sheets = await openRealms(t, {
      '/': { file: { type: 'text/css', body: Buffer.from(`body { background: url(${realms.origin}/a.png) }`) } },
    });
    const page = '<script>navigator.serviceWorker.register("/auth-service-worker.js")</script><body>';
    const worker = { status: 200, type: 'text/javascript', body: refererWorker };
    const { app, tab } = await openApp(t, browser, { page: () => ({ '/': page, '/auth-service-worker.js': worker }) });
    await tab.evaluate(
      (href) => void document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href })),
      `${sheets.origin}/a.css`,
    );
    const wanted = engineOfRun === 'webkit' ? 1 : 4;
    await until('all requests', () => realms.log.of('/a.png').length === wanted);
    const seen = realms.log
      .of('/a.png')
      .map(({ url, authorization, headers }) => [
        url.slice('/a.png'.length),
        authorization,
        headers.referer?.toString().replace(app.origin, 'app').replace(sheets.origin, 'sheet'),
      ]);
    assert.deepEqual(
      seen.sort(),
      engineOfRun === 'webkit'
        ? [['', undefined, 'app/']]
        : [
            ['', undefined, 'sheet/'],
            ['', 'Bearer a', 'app/'],
            ['?fields', 'Bearer a', 'app/'],
            ['?header', 'Bearer a', 'app/'],
          ],
    );
  });

  test('while the worker knows the token of an outer realm only, that one is sent first', async () => {
    const { realms, log, tab } = scene;
    await tab.evaluate(pushToken, `${realms.origin}/outer/`, 'outer-token');
    await tab.evaluate(storeTokens, { [`${realms.origin}/outer/inner/`]: 'inner-token' });
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/outer/inner/a.png`), true);
    assert.deepEqual(log.authorizationsOf('/outer/inner/a.png'), ['Bearer outer-token', 'Bearer inner-token']);
  });
});

/** @param {string} url @returns {Promise<number[] | string>} the first pixel of the image, or the name of the error */
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

/**
 * A worker that sends each request for an image in all ways that may keep its referrer, each with a token.
 * https://fetch.spec.whatwg.org/#dom-request: a referrer of another origin becomes the worker, and so does any where
 * another field is given; a header of a no-cors request is dropped.
 */
const refererWorker = `
  onactivate = (event) => event.waitUntil(clients.claim());
  const headers = { Authorization: 'Bearer a' };
  const ways = {
    fields: ({ url, referrer }, to) => new Request(to, { mode: 'cors', referrer, headers }),
    header: ({ referrer }, to) => new Request(to, { mode: 'cors', headers: { ...headers, Referer: referrer } }),
    copy: (request) => new Request(request, { mode: 'cors', credentials: 'same-origin', headers }),
    untouched: (request) => {
      const copy = new Request(request);
      copy.headers.set('Authorization', 'Bearer a');
      return copy;
    },
  };
  onfetch = (event) => {
    if (!event.request.url.endsWith('.png')) return;
    const all = Object.entries(ways).map(([name, way]) => fetch(way(event.request, event.request.url + '?' + name)));
    event.respondWith(Promise.allSettled(all).then(() => new Response('')));
  };`;

/** An image that says it is something else, and is not to be looked into: https://fetch.spec.whatwg.org/#orb */
const imageNamedJSON = { type: 'application/json', body: png.body };
const unsniffed = { 'X-Content-Type-Options': 'nosniff' };

describe('Not a limit:', () => {
  const browser = useBrowser();
  const scene = useStory(async (t) => {
    const opened = await openWarmApp(t, browser, {
      realms: {
        '/r/': { token: 'r-token' },
        '/r/stale/': { token: 'r-token', headers: { 'Cache-Control': 'max-age=0, stale-while-revalidate=600' } },
        '/r/typed/': { token: 'r-token', headers: unsniffed, file: imageNamedJSON },
        '/r/moved/': { token: 'r-token', location: '/open/a.png' },
        '/open/': {},
        '/data/': { token: 'd-token', location: 'data:,x' },
      },
    });
    await opened.tab.evaluate(pushToken, `${opened.realms.origin}/data/`, 'd-token');
    const other = await openRealms(t, { '/': {}, '/typed/': { headers: unsniffed, file: imageNamedJSON } });
    return { ...opened, other, realm: `${opened.realms.origin}/r/` };
  });

  test('a protected image of another origin may be read from a canvas, but for Firefox, since it is requested with CORS', async () => {
    const { realm, other, tab } = scene;
    assert.equal(Array.isArray(await tab.evaluate(pixelOf, `${realm}a.png`)), engineOfRun !== 'firefox');
    assert.equal(await tab.evaluate(pixelOf, `${other.origin}/a.png`), 'SecurityError');
  });

  test('so it shows whatever type it has, which browsers do not allow without CORS, WebKit apart', async () => {
    const { realm, other, tab } = scene;
    assert.equal(await tab.evaluate(showImage, `${realm}typed/a.png`), true);
    assert.equal(await tab.evaluate(showImage, `${other.origin}/typed/a.png`), engineOfRun === 'webkit');
  });

  test('what is stale while it is revalidated is revalidated with the token', async () => {
    const { realm, log, openTab, tab } = scene;
    assert.equal(await tab.evaluate(showImage, `${realm}stale/a.png`), true);
    const next = await openTab();
    assert.equal(await next.evaluate(showImage, `${realm}stale/a.png`), true);
    await until('a second request', () => log.of('/r/stale/a.png').length > 1);
    assert.deepEqual(log.authorizationsOf('/r/stale/a.png'), ['Bearer r-token', 'Bearer r-token']);
  });

  test('a redirect that the page wants to see, or wants none of, is what it gets without a worker', async () => {
    const { realms, realm, log, tab } = scene;
    const outcomes = [];
    for (const init of /** @type {RequestInit[]} */ ([
      { redirect: 'manual' },
      { redirect: 'error' },
      { redirect: 'manual', mode: 'no-cors' },
    ])) {
      outcomes.push(await tab.evaluate(outcomeOf, `${realm}moved/${init.redirect}-${init.mode ?? 'cors'}.png`, init));
    }
    // A no-cors request has to follow: https://fetch.spec.whatwg.org/#concept-main-fetch
    assert.deepEqual(outcomes, ['opaqueredirect', 'TypeError', 'TypeError']);
    for (const name of ['manual-cors', 'error-cors'])
      assert.deepEqual(log.authorizationsOf(`/r/moved/${name}.png`), ['Bearer r-token'], name);
    assert.deepEqual(log.of('/r/moved/manual-no-cors.png'), []);
    // Only what may be read without CORS may be redirected to a data: URL: https://fetch.spec.whatwg.org/#main-fetch
    assert.equal(await tab.evaluate(outcomeOf, `${realms.origin}/data/a.png`, {}), 'TypeError');
    assert.deepEqual([...new Set(log.authorizationsOf('/data/a.png'))], ['Bearer d-token']);
  });
});
