// The page's own requests: which token they get, and how they are sent.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { resolveObjectURL } from 'node:buffer';
import { beforeEach, describe, test } from 'node:test';
import { authorisedFetch } from '../../js/authorised/authorised-fetch.js';
import { authorisedURL, downloadAuthorised } from '../../js/authorised/files.js';
import { showWithoutWorker } from '../../js/authorised/without-worker.js';
import {
  clearServiceWorkerTokens,
  registerAuthServiceWorker,
  syncAllTokensToServiceWorker,
  syncTokenToServiceWorker,
} from '../../js/page/index.js';
import {
  FakeContainer,
  FakeServiceWorker2,
  jwt,
  later,
  navigatorOf,
  never,
  openPage,
  openWindow,
  OtherTabs,
  pass,
  settled,
  stopTime,
  warningsOf,
} from './page-platform.mjs';
import { A, CAT, REALM } from './wire.mjs';

beforeEach(stopTime);

/** @typedef {[url: string, headers: Record<string, string>, init: RequestInit]} Sent */
/**
 * A page, what it has sent, and the statuses of the responses.
 * @param {import('node:test').TestContext} t
 * @param {import('./page-platform.mjs').Options} options
 * @param {number[]} statuses
 */
async function open(t, options, ...statuses) {
  /** @type {Sent[]} */
  const sent = [];
  t.mock.method(
    globalThis,
    'fetch',
    async (/** @type {string} */ url, /** @type {RequestInit & {headers: Headers}} */ { headers, ...init }) => {
      sent.push([String(url), Object.fromEntries(headers), init]);
      return new Response(null, { status: statuses.shift() ?? 200 });
    },
  );
  /** @type {string[]} */
  const refreshed = [];
  const container = new FakeContainer();
  await openPage(
    {
      realmOf: () => REALM,
      reauthenticate: async (realmURL) => {
        refreshed.push(realmURL);
        return 'fresh';
      },
      ...options,
    },
    container,
  );
  return { sent, refreshed, container };
}

const bearer = (/** @type {string} */ token) => ({ Authorization: `Bearer ${token}` });
const HOW = { credentials: 'same-origin', cache: 'no-store', redirect: 'follow' };
const tokens = () => ({ [REALM]: 'inner', 'http://localhost:4201/user/': 'outer', [A]: 'a' });

test('the token of the longest realm that covers the URL, past the cache, which may have the files of another user', async (t) => {
  const { sent } = await open(t, { tokens });
  await authorisedFetch(CAT);
  await authorisedFetch('http://localhost:4201/user/cat.png');
  assert.deepEqual(sent, [
    [CAT, bearer('inner'), HOW],
    ['http://localhost:4201/user/cat.png', bearer('outer'), HOW],
  ]);
});

for (const url of [
  'http://localhost:42010/user/realm/cat.png',
  'http://localhost:4201/user-evil/cat.png',
  'https://localhost:4201/user/realm/cat.png',
  'http://a.example.evil/',
  'http://localhost:4201/user/../cat.png',
]) {
  test(`${url}: none`, async (t) => {
    const { sent } = await open(t, { tokens });
    await authorisedFetch(url);
    assert.deepEqual(sent[0][1], {});
  });
}

test('what is no realm covers nothing', async (t) => {
  const { sent } = await open(t, {
    tokens: () => ({ 'http://localhost:4201/?q': 'x', 'http://u@localhost:4201/': 'x', 'data:text/plain,': 'x' }),
  });
  for (const url of ['http://localhost:4201/?q', 'http://localhost:4201/', 'data:text/plain,1'])
    await authorisedFetch(url);
  assert.deepEqual(
    sent.map(([, headers]) => headers),
    [{}, {}, {}],
  );
});

test('in another header, as the worker sends it; a redirect would take it along, so it fails', async (t) => {
  const { sent } = await open(t, { tokens, worker: { authorization: { header: 'X-Token', format: 'key {token}' } } });
  await authorisedFetch(CAT);
  assert.deepEqual(sent, [[CAT, { 'X-Token': 'key inner' }, { ...HOW, redirect: 'error' }]]);
});

test('with cookies, if the worker’s option says so, and only with a token', async (t) => {
  const { sent } = await open(t, { tokens, reauthenticate: undefined, worker: { credentials: 'include' } });
  await authorisedFetch(CAT);
  await authorisedFetch('https://elsewhere.example/cat.png');
  assert.deepEqual(sent, [
    [CAT, bearer('inner'), { ...HOW, credentials: 'include' }],
    ['https://elsewhere.example/cat.png', {}, HOW],
  ]);
});

test('as without the option, if the option is none that browsers know', async (t) => {
  const { sent } = await open(t, { tokens, worker: { credentials: /** @type {any} */ ('always') } });
  await authorisedFetch(CAT);
  assert.deepEqual(sent, [[CAT, bearer('inner'), HOW]]);
});

describe('a refresh', () => {
  test('does not wait for the rest of the 401, so its connection is free', async (t) => {
    let isCancelled = false;
    const endless = () => new ReadableStream({ cancel: () => void (isCancelled = true) });
    await open(t, { tokens });
    t.mock.method(
      globalThis,
      'fetch',
      async (/** @type {URL} */ _, /** @type {{headers: [string, string][]}} */ init) =>
        init.headers[0][1] === 'Bearer fresh' ? new Response('cat') : new Response(endless(), { status: 401 }),
    );
    assert.equal(await (await authorisedFetch(CAT)).text(), 'cat');
    assert.equal(isCancelled, true);
  });

  test('of a token that has expired', async (t) => {
    const { sent, refreshed } = await open(t, { tokens: () => ({ [REALM]: jwt(-1) }) });
    for (let i = 0; i < 2; i++) await authorisedFetch(CAT);
    assert.deepEqual(
      sent.map(([, headers]) => headers),
      [bearer('fresh'), bearer('fresh')],
    );
    assert.deepEqual(refreshed, [REALM]);
  });

  for (const [how, options] of /** @type {[string, import('./page-platform.mjs').Options][]} */ ([
    ['realmOf()', {}],
    ['realms', { realmOf: undefined, realms: [A, REALM] }],
  ]))
    test(`where the realm, known from ${how}, has no token yet`, async (t) => {
      const { sent, refreshed } = await open(t, options);
      for (let i = 0; i < 2; i++) await authorisedFetch(CAT);
      assert.deepEqual(
        sent.map(([, headers]) => headers),
        [bearer('fresh'), bearer('fresh')],
      );
      assert.deepEqual(refreshed, [REALM]);
    });

  test('not where the URL is in no realm', async (t) => {
    for (const options of [{}, { realmOf: undefined, realms: [REALM] }, { realmOf: undefined, tokens }]) {
      const { sent, refreshed } = await open(t, options);
      await authorisedFetch('http://b.example/cat.png');
      assert.deepEqual([sent.map(([, headers]) => headers), refreshed], [[{}], []]);
      t.mock.restoreAll();
    }
  });

  test('of the longest realm, when the server rejects the token of one around it', async (t) => {
    const outer = { 'http://localhost:4201/user/': 'outer' };
    const { sent, refreshed } = await open(t, { realmOf: undefined, realms: [REALM], tokens: () => outer }, 401);
    for (let i = 0; i < 2; i++) await authorisedFetch(CAT);
    assert.deepEqual(
      sent.map(([, headers]) => headers),
      [bearer('outer'), bearer('fresh'), bearer('fresh')],
    );
    assert.deepEqual(refreshed, [REALM]);
  });

  test('of one that the server rejects, once', async (t) => {
    const { sent } = await open(t, { tokens }, 401, 401);
    assert.equal((await authorisedFetch(CAT)).status, 401);
    assert.deepEqual(
      sent.map(([, headers]) => headers),
      [bearer('inner'), bearer('fresh')],
    );
  });

  test('the app is told why', async (t) => {
    /** @type {object[]} */
    const causes = [];
    const reauthenticate = async (/** @type {string} */ _, /** @type {object} */ cause) => void causes.push(cause);
    for (const stored of [{}, { [REALM]: jwt(-1) }, { [REALM]: 'stored' }]) {
      await open(t, { tokens: () => stored, reauthenticate }, 401);
      await authorisedFetch(CAT);
      t.mock.restoreAll();
      clearServiceWorkerTokens();
    }
    assert.deepEqual(causes, [{ reason: 'missing' }, { reason: 'expired' }, { reason: 'rejected' }]);
  });

  test('one for all that are rejected', async (t) => {
    const { sent, refreshed } = await open(t, { tokens }, 401, 401);
    await Promise.all([authorisedFetch(CAT), authorisedFetch(CAT)]);
    await authorisedFetch(CAT);
    assert.deepEqual(
      sent.map(([, headers]) => headers),
      ['inner', 'inner', 'fresh', 'fresh', 'fresh'].map(bearer),
    );
    assert.deepEqual(refreshed, [REALM]);
  });

  test('not where another request has got a token meanwhile', async (t) => {
    const { refreshed } = await open(t, { tokens });
    /** @type {Record<string, string>[]} */
    const sent = [];
    /** @type {((status: number) => void)[]} */
    const responses = [];
    t.mock.method(globalThis, 'fetch', (/** @type {string} */ _url, /** @type {{headers: Headers}} */ { headers }) => {
      sent.push(Object.fromEntries(headers));
      return new Promise((resolve) => responses.push((status) => resolve(new Response(null, { status }))));
    });
    const asked = [authorisedFetch(CAT), authorisedFetch(CAT)];
    await settled();
    responses[0](401);
    await settled();
    responses[1](401);
    await settled();
    responses[2](200);
    responses[3](200);
    await Promise.all(asked);
    assert.deepEqual(sent, ['inner', 'inner', 'fresh', 'fresh'].map(bearer));
    assert.deepEqual(refreshed, [REALM]);
  });

  test('not where nobody is logged in', async (t) => {
    const { sent, refreshed } = await open(t, { tokens, isLoggedIn: () => false }, 401);
    await authorisedFetch(CAT);
    assert.deepEqual([sent.length, refreshed], [1, []]);
  });
});

test("a response that comes after a logout is nobody's", async (t) => {
  await open(t, { tokens });
  /** @type {(response: Response) => void} */
  let respond = () => {};
  t.mock.method(globalThis, 'fetch', () => new Promise((resolve) => (respond = resolve)));
  const asked = authorisedFetch(CAT);
  await settled();
  clearServiceWorkerTokens();
  respond(new Response());
  await assert.rejects(asked, /logged out meanwhile/);
});

for (const [how, next] of /** @type {[string, () => Promise<any>][]} */ ([
  ['says none', async () => ({})],
  ['rejects', async () => assert.fail('nobody is logged in')],
  ['hangs', () => new Promise(() => {})],
]))
  test(`after a logout in another tab, no token of before, when tokens() ${how}`, async (t) => {
    openWindow();
    /** @type {Record<string, string>[]} */
    const sent = [];
    t.mock.method(
      globalThis,
      'fetch',
      async (/** @type {string} */ _url, /** @type {{headers: Headers}} */ { headers }) => {
        sent.push(Object.fromEntries(headers));
        return new Response();
      },
    );
    /** @type {() => Promise<any>} */
    let read = async () => ({ [REALM]: 'stored' });
    const container = new FakeContainer();
    container.control(new FakeServiceWorker2());
    await openPage({ tokens: () => read() }, container);
    await pass(500);
    read = next;
    await OtherTabs.say({ type: 'epoch-began' });
    const asked = authorisedFetch(CAT);
    await pass(6000);
    await asked;
    assert.deepEqual(sent, [{}]);
  });

describe('a token that the app itself has said, after its logout in another tab,', () => {
  /** @param {import('node:test').TestContext} t @param {import('./page-platform.mjs').Options} options */
  async function openAndSay(t, options) {
    openWindow();
    const { sent, container } = await open(t, { ...options, reauthenticate: async () => undefined });
    syncTokenToServiceWorker(REALM, 'said');
    await pass(1000);
    return { sent, container };
  }

  test('is not sent', async (t) => {
    const { sent } = await openAndSay(t, { tokens: async () => ({}) });
    await OtherTabs.say({ type: 'epoch-began' });
    await authorisedFetch(CAT);
    assert.deepEqual(sent, [[CAT, {}, HOW]]);
  });

  test('is not sent, if tokens() fails then', async (t) => {
    let read = async () => ({});
    const { sent } = await openAndSay(t, { tokens: () => read() });
    read = async () => assert.fail('nobody is logged in');
    await OtherTabs.say({ type: 'epoch-began' });
    await authorisedFetch(CAT);
    assert.deepEqual(sent, [[CAT, {}, HOW]]);
  });

  test("is not sent in place of the next user's, if tokens() hangs first", async (t) => {
    /** @type {() => Promise<any>} */
    let read = async () => ({});
    const { sent } = await openAndSay(t, { tokens: () => read() });
    read = never;
    await OtherTabs.say({ type: 'epoch-began' });
    read = async () => ({ [REALM]: 'bob' });
    await authorisedFetch(CAT);
    assert.deepEqual(sent, [[CAT, bearer('bob'), HOW]]);
  });

  test('is not sent, if it was in storage', async (t) => {
    /** @type {object | null} */
    let stored = { [REALM]: 'said' };
    const { sent } = await openAndSay(t, { storage: { getItem: () => JSON.stringify(stored) } });
    stored = null;
    await OtherTabs.say({ type: 'epoch-began' });
    await authorisedFetch(CAT);
    assert.deepEqual(sent, [[CAT, {}, HOW]]);
  });

  test('is not sent by a page that was disabled', async (t) => {
    let read = async () => ({ [REALM]: 'said' });
    const { sent, container } = await openAndSay(t, { tokens: () => read() });
    await registerAuthServiceWorker({ navigator: navigatorOf(container), isEnabled: false });
    read = async () => assert.fail('nobody is logged in');
    syncTokenToServiceWorker(REALM, 'said again');
    await pass(1000);
    await OtherTabs.say({ type: 'epoch-began' });
    void authorisedFetch(CAT);
    await pass(6000);
    assert.deepEqual(sent, [[CAT, {}, HOW]]);
  });

  test('is sent where the app keeps its tokens elsewhere: nothing can tell that it is gone', async (t) => {
    const { sent } = await openAndSay(t, {});
    await OtherTabs.say({ type: 'epoch-began' });
    await authorisedFetch(CAT);
    assert.deepEqual(sent, [[CAT, bearer('said'), HOW]]);
  });
});

test('a token that has expired is not sent if the app removes it during the refresh', async (t) => {
  openWindow();
  /** @type {Record<string, string>} */
  let stored = { [REALM]: jwt(-1) };
  const { sent } = await open(t, { tokens: () => stored, reauthenticate: later(600, undefined) });
  void authorisedFetch(CAT);
  await pass(300);
  stored = {};
  syncTokenToServiceWorker(REALM, undefined);
  await pass(1000);
  assert.deepEqual(sent, [[CAT, {}, HOW]]);
});

describe('what the app says while its tokens are being read counts:', () => {
  /** A request is on its way; its tokens take 400 ms to read. @param {import('node:test').TestContext} t */
  async function requesting(t) {
    const view = openWindow();
    /** @type {() => Promise<Record<string, string>>} */
    let read = later(400, { [REALM]: 'alice' });
    const { sent } = await open(t, { tokens: () => read(), reauthenticate: async () => undefined });
    await pass(500);
    void authorisedFetch(CAT);
    await pass(100);
    read = later(0, {});
    return { view, sent, use: (/** @type {Record<string, string>} */ tokens) => (read = later(0, tokens)) };
  }

  test('the token is removed', async (t) => {
    const { sent } = await requesting(t);
    syncTokenToServiceWorker(REALM, undefined);
    await pass(1000);
    assert.deepEqual(sent, [[CAT, {}, HOW]]);
  });

  test("the token is replaced by another user's, which is read meanwhile", async (t) => {
    const { view, sent, use } = await requesting(t);
    syncTokenToServiceWorker(REALM, 'bob');
    use({ [REALM]: 'bob' });
    view.dispatchEvent(Object.assign(new Event('storage'), { key: 'x' }));
    await pass(1000);
    assert.deepEqual(sent, [[CAT, bearer('bob'), HOW]]);
  });
});

test('an error does not name the query, which may carry a signature', async (t) => {
  await open(t, { tokens }, 404);
  await assert.rejects(authorisedURL(`${CAT}?signature=secret`), ({ message }) => !message.includes('secret'));
  t.mock.method(globalThis, 'fetch', () => Promise.reject(new TypeError('no network')));
  await assert.rejects(authorisedFetch(`${CAT}?signature=secret`), ({ message }) => !message.includes('secret'));
});

test('a file that is shown goes with a logout here, and not when the app says all its tokens in another tab', async (t) => {
  openWindow();
  await open(t, { tokens });
  const address = await authorisedURL(CAT);
  await OtherTabs.say({ type: 'epoch-began' });
  assert.ok(resolveObjectURL(address));
  clearServiceWorkerTokens();
  await settled();
  assert.equal(resolveObjectURL(address), undefined);
});

describe('the type of a file', () => {
  for (const [type, shown] of [
    ['image/png', 'image/png'],
    ['image/vnd.microsoft.icon', 'image/vnd.microsoft.icon'],
    ['IMAGE/PNG ; charset=x', 'image/png;charset=x'],
    ['image/png; café', 'image/png'],
    ['audio/mpeg', 'audio/mpeg'],
    ['video/mp4; codecs="avc1, mp4a"', 'video/mp4'],
    ['application/pdf', 'application/pdf'],
    ['text/csv; header=present; charset="UTF-8"', 'text/csv;charset=utf-8'],
    ['text/plain', 'text/plain'],
    ['text/html; charset=utf-8', 'text/plain;charset=utf-8'],
    ['text/plain, text/html', 'text/plain'],
    ['image/png, text/html', 'image/png'],
    ...[
      ...['application/xhtml+xml', 'image/svg+xml', 'image/svg', 'image/x+xml', 'text/xml', 'text/xsl', 'text/rdf'],
      ...['text/javascript', 'multipart/x-mixed-replace; boundary=x', 'message/rfc822', 'application/octet-stream'],
      ...['application/unknown', 'unknown/unknown', '*/*', 'image/*', 'image/', 'x-image/png', 'image', ''],
    ].map((type) => [type, 'text/plain']),
  ])
    test(`${type || 'none'}: ${shown}`, async (t) => {
      await open(t, { tokens });
      t.mock.method(globalThis, 'fetch', async () => {
        const response = new Response('<script>');
        response.headers.delete('content-type');
        if (type) response.headers.set('content-type', type);
        return response;
      });
      assert.equal(resolveObjectURL(await authorisedURL(CAT))?.type, shown);
      if (type === 'image/svg+xml')
        assert.equal(resolveObjectURL(await authorisedURL(CAT, { trusted: true }))?.type, 'image/svg+xml');
    });
});

describe('a download', () => {
  const link = { href: '', download: '', click() {} };
  const openDocument = (/** @type {import('node:test').TestContext} */ t) => {
    Object.assign(globalThis, { document: { baseURI: 'https://app.example/', createElement: () => link } });
    t.after(() => Reflect.deleteProperty(globalThis, 'document'));
  };

  for (const [path, name] of [
    ['caf%C3%A9%20au%20lait.png', 'café au lait.png'],
    ['caf%E9.png', 'caf%E9.png'],
    ['100%.png', '100%.png'],
  ])
    test(`of ${path} is saved as ${name}`, async (t) => {
      await open(t, { tokens });
      openDocument(t);
      await downloadAuthorised(`${REALM}images/${path}?size=2`);
      assert.equal(link.download, name);
    });

  test('that ends in an error aborts the stream that it would be written to', async (t) => {
    await open(t, { tokens }, 403);
    openDocument(t);
    /** @type {string[]} */
    const ends = [];
    const to = new WritableStream({
      abort: (error) => void ends.push(`abort: ${error.message}`),
      close: () => void ends.push('close'),
    });
    const message = `${CAT} responded with 403: the token of its realm is missing or rejected, or does not allow it.`;
    await assert.rejects(downloadAuthorised(CAT, undefined, { to }), { message, status: 403 });
    assert.deepEqual(ends, [`abort: ${message}`]);
  });
});

describe('without a worker, of the broken images', () => {
  const STRANGER = 'http://stranger.example/pixel.gif';
  /** Shows them in a document, as far as that is needed. @param {string[]} urls */
  const show = async (...urls) => {
    class CSSStyleSheet {
      replaceSync() {}
    }
    /** @type {any} */
    const root = Object.assign(new EventTarget(), { defaultView: { CSSStyleSheet }, querySelectorAll: () => images });
    const newImage = (/** @type {string} */ currentSrc) => ({
      ...{ localName: 'img', complete: true, naturalWidth: 0, currentSrc },
      ownerDocument: root,
    });
    const images = urls.map(newImage);
    showWithoutWorker(root);
    await settled();
    /** Another one, which fails. @param {string} url */
    return async (url) => {
      root.dispatchEvent(Object.defineProperty(new Event('error'), 'target', { value: newImage(url) }));
      await settled();
    };
  };
  for (const [how, options, headers] of /** @type {const} */ ([
    ['that have a token', { tokens, realmOf: undefined }, bearer('inner')],
    ['that realmOf() tells', {}, bearer('fresh')],
    ['of the option realms', { realmOf: undefined, realms: [REALM] }, bearer('fresh')],
  ]))
    test(`those of realms are requested: ${how}`, async (t) => {
      const { sent } = await open(t, options, 404);
      await show(STRANGER, CAT, 'http://localhost:4201/user-evil/cat.png');
      assert.deepEqual(sent, [[CAT, headers, HOW]]);
    });

  test('all are requested again when the app says all its tokens anew, and none after a logout', async (t) => {
    const { sent } = await open(t, { tokens, realmOf: undefined }, 404);
    await show(CAT);
    syncAllTokensToServiceWorker({ [REALM]: 'new' });
    await settled();
    clearServiceWorkerTokens();
    await settled();
    syncAllTokensToServiceWorker({});
    await settled();
    assert.deepEqual(
      sent.map(([, headers]) => headers),
      [bearer('inner'), bearer('new')],
    );
  });

  test('one that was rejected is requested for a new element once there is another token, and not before', async (t) => {
    const { sent } = await open(t, { realmOf: undefined, realms: [REALM], reauthenticate: undefined }, 401);
    const showAnother = await show(CAT);
    await showAnother(CAT);
    syncTokenToServiceWorker(REALM, 'new');
    await showAnother(CAT);
    assert.deepEqual(
      sent.map(([, headers]) => headers),
      [{}, bearer('new')],
    );
  });

  test('none, where no realm is known; nothing warns an app that cannot refresh', async (t) => {
    const warnings = warningsOf(t);
    const { sent } = await open(t, { realmOf: undefined, reauthenticate: undefined });
    await show(STRANGER);
    assert.deepEqual([sent, warnings.texts], [[], []]);
  });
});
