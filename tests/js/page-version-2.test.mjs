// Version 2 of the wire, from the page's side: silent towards workers of version 1.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { beforeEach, describe, mock, test } from 'node:test';
import {
  clearServiceWorkerTokens,
  createTokenRequestHandler,
  isOnRealmOrigin,
  syncTokenToServiceWorker,
} from '../../js/page/index.js';
import {
  app,
  ask,
  brought,
  createCoreModule,
  FakeContainer,
  FakeServiceWorker,
  FakeServiceWorker2,
  jwt,
  later,
  never,
  openPage,
  pass,
  received,
  setClockBack,
  settled,
  stopTime,
  storageOf,
} from './page-platform.mjs';
import { ack, helloReply } from '../../js/protocol.js';
import { A, B, CAT, clear, PENDING, REALM, set, sync, token } from './wire.mjs';

/** @typedef {import('./page-platform.mjs').Options} Options */
/** @typedef {import('./page-platform.mjs').Reason} Reason */
/** @typedef {import('../../js/page/index.js').TokenRequestHandler} Handler */

beforeEach(stopTime);

/**
 * A page that has registered with the worker in control, and what was said so far taken in.
 * @param {FakeServiceWorker} worker
 * @param {Options} [options]
 */
function controlledPage(worker, options) {
  const container = new FakeContainer();
  container.control(worker);
  return openPage(options, container);
}

describe('hello', () => {
  const hello = (/** @type {string[]} */ origins, complete = false) => ({
    minProtocol: 1,
    maxProtocol: 2,
    build: 'source',
    origins,
    complete,
  });

  test('with the tokens and their origins', async () => {
    const worker = new FakeServiceWorker();
    const tokens = { [`${A}r/`]: 'a', [`${A}s/`]: 'a', [B]: 'b' };
    await controlledPage(worker, { storage: storageOf(tokens) });
    assert.deepEqual(worker.hellos, [{ ...hello(['http://a.example', 'http://b.example']), tokens }]);
  });

  test('at once where the tokens take time, and again with them', async () => {
    const worker = new FakeServiceWorker2();
    const tokens = { [A]: 'a' };
    await controlledPage(worker, { tokens: () => new Promise((resolve) => setTimeout(resolve, 600, tokens)) });
    assert.deepEqual(worker.hellos, [hello([])]);
    await pass(600);
    assert.deepEqual(worker.hellos.slice(1), [{ ...hello(['http://a.example']), tokens }]);
  });

  test('to each new worker, and each time the page registers', async () => {
    const container = await controlledPage(new FakeServiceWorker());
    const second = container.control();
    assert.equal(second.hellos.length, 1);
    await openPage({}, container);
    assert.equal(second.hellos.length, 2);
  });

  for (const [name, realms] of /** @type {[string, Options['realms']][]} */ ([
    [
      'a list of realms and origins',
      ['http://a.example/r/', new URL('https://c.example/'), 'no url', 'ftp://d.example'],
    ],
    ['a function', () => ['http://a.example', 'https://c.example']],
    ['an async function', async () => ['http://a.example', 'https://c.example']],
  ])) {
    test(`announces the app's realms: ${name}`, async () => {
      const worker = new FakeServiceWorker();
      await controlledPage(worker, { realms, realmsComplete: true, storage: storageOf({ [B]: 'b' }) });
      const { origins, tokens, ...rest } = worker.hellos[worker.hellos.length - 1];
      assert.deepEqual(
        { ...rest, origins: origins.sort() },
        hello(['http://a.example', 'http://b.example', 'https://c.example'], true),
      );
      const urls = [
        'http://a.example/x',
        'http://stranger.example/',
        'data:,',
        'blob:http://a.example/1',
        'no url',
        '',
      ];
      assert.deepEqual(urls.filter(isOnRealmOrigin), ['http://a.example/x']);
    });
  }

  for (const [name, realms] of /** @type {[string, Options['realms']][]} */ ([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('boom');
      },
    ],
    ['gives nothing', () => undefined],
  ])) {
    test(`realms() ${name}: nothing is known to be complete`, async () => {
      const worker = new FakeServiceWorker();
      await controlledPage(worker, { realms, realmsComplete: true });
      assert.deepEqual(worker.hellos.at(-1), hello([]));
    });
  }

  test('at once where the realms take time, and again when they are known', async () => {
    const worker = new FakeServiceWorker();
    await controlledPage(worker, {
      realms: () => new Promise((resolve) => setTimeout(resolve, 600, [A])),
      realmsComplete: true,
    });
    await pass(600);
    assert.deepEqual(worker.hellos, [hello([]), hello(['http://a.example'], true)]);
  });

  test('names public realms', async () => {
    const worker = new FakeServiceWorker();
    await controlledPage(worker, { publicRealms: ['HTTP://a.example', new URL(`${B}open/`)] });
    assert.deepEqual(worker.hellos, [{ ...hello([]), publicRealms: [A, `${B}open/`] }]);
  });

  test('a worker of another build: one warning says what to run', async (t) => {
    const { mock: warn } = t.mock.method(console, 'warn', () => {});
    const worker = new FakeServiceWorker2();
    worker.reply = (type, port) => port?.postMessage(type === 'hello' ? { ...helloReply(), build: '0.0.1' } : ack());
    const container = await controlledPage(worker);
    await openPage({}, container);
    assert.equal(worker.hellos.length, 2);
    assert.deepEqual(
      warn.calls.map(({ arguments: [text] }) => text),
      [
        "auth-service-worker: the worker is of version 0.0.1, and this page of source. They work together. To update the worker's file, run: npx auth-service-worker init",
      ],
    );
  });

  test('again when a worker that knew the page asks as one that does not', async () => {
    const worker = new FakeServiceWorker2();
    const container = await controlledPage(worker);
    await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
    assert.equal(worker.hellos.length, 1);
    await container.ask(CAT, { source: worker });
    assert.equal(worker.hellos.length, 2);
  });

  test('with more tokens than a reply has room for, in parts', async () => {
    const tokens = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${B}${i}/`, 'x'.repeat(16_000)]));
    const worker = new FakeServiceWorker2();
    const container = await controlledPage(worker, { tokens: () => tokens });
    brought(worker);
    const asked = await container.ask(`${B}1/cat.png`, { source: worker });
    await pass(100);
    assert.equal(JSON.stringify(asked.replies).includes('tokens'), false);
    const parts = brought(worker);
    assert.ok(parts.length > 1);
    assert.deepEqual(Object.assign({}, ...parts), tokens);
  });
});

describe('acknowledgements', () => {
  test('a version 1 worker sees no ports and no repeats', async () => {
    const worker = new FakeServiceWorker();
    await controlledPage(worker, { storage: storageOf({ [A]: 'a' }) });
    syncTokenToServiceWorker(B, 'b');
    await pass(60_000);
    assert.deepEqual(received(worker), [set(B, 'b'), set(A, 'a')]);
    assert.deepEqual(worker.hadPort, [false, false]);
  });

  test('a version 2 worker gets each with a port, once it has said hello', async () => {
    const worker = new FakeServiceWorker2();
    await controlledPage(worker, { storage: storageOf({ [A]: 'a' }) });
    syncTokenToServiceWorker(B, 'b');
    clearServiceWorkerTokens();
    await pass(60_000);
    assert.deepEqual(received(worker), [set(B, 'b'), clear]);
    assert.deepEqual(worker.hadPort, [true, true]);
  });

  test('what is not taken in is said again after 1 s, 3 s, 7 s …, at last every 30 s', async () => {
    const worker = new FakeServiceWorker2();
    await controlledPage(worker);
    worker.isDeaf = true;
    syncTokenToServiceWorker(A, 'a');
    assert.deepEqual(received(worker), [set(A, 'a')]);
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      await pass(seconds * 1000 - 10);
      assert.deepEqual(received(worker), [], `before ${seconds} s`);
      await pass(10);
      assert.deepEqual(received(worker), [set(A, 'a')], `after ${seconds} s`);
    }
    worker.isDeaf = false;
    await pass(30_000);
    assert.deepEqual(received(worker), [set(A, 'a')]);
    await pass(60_000);
    assert.deepEqual(received(worker), []);
  });

  test('as the shortest list with the same effect; what is newer starts at 1 s', async () => {
    const worker = new FakeServiceWorker2();
    await controlledPage(worker);
    worker.isDeaf = true;
    syncTokenToServiceWorker(A, 'first');
    await pass(1000);
    clearServiceWorkerTokens();
    syncTokenToServiceWorker(B, 'b');
    syncTokenToServiceWorker(A, 'last');
    received(worker);
    await pass(990);
    assert.deepEqual(received(worker), []);
    worker.isDeaf = false;
    await pass(10);
    assert.deepEqual(received(worker), [sync({ [B]: 'b', [A]: 'last' })]);
    await pass(60_000);
    assert.deepEqual(received(worker), []);
  });

  test('a new worker gets all of it; the old one is left', async () => {
    const old = new FakeServiceWorker2();
    const container = await controlledPage(old);
    old.isDeaf = true;
    syncTokenToServiceWorker(A, 'a');
    received(old);
    const worker = container.control(new FakeServiceWorker());
    await pass(60_000);
    assert.deepEqual(received(old), []);
    assert.deepEqual(received(worker), [set(A, 'a')]);
  });
});

/** What a worker of now asks: for the list of tokens, and then, when none of them helps, for a new one. */
const asking =
  (/** @type {boolean} */ refresh) =>
  (
    /** @type {Handler} */ handler,
    /** @type {string} */ url = CAT,
    /** @type {Reason} */ reason = 'missing',
    /** @type {string | undefined} */ realmURL = undefined,
  ) =>
    ask(handler, url, reason, refresh, realmURL);
const askForList = asking(false);
const askToRefresh = asking(true);

describe('an ask for the list', () => {
  const stored = { [REALM]: 'stored', [A]: 'a' };

  test('gets a reply with all tokens, whatever the URL, and with whether another may come; no core is made', async () => {
    const createCoreModule = () => assert.fail('a core');
    const { handler, refreshed } = app({ storage: storageOf(stored), createCoreModule });
    for (const url of [CAT, `${B}1.png`])
      assert.deepEqual((await askForList(handler, url)).replies, [{ refresh: true, tokens: stored }]);
    assert.deepEqual(refreshed, []);
  });

  for (const [name, handler] of /** @type {[string, () => Handler][]} */ ([
    ['logged out', () => app({ isLoggedIn: () => false }).handler],
    ['no way to refresh', () => createTokenRequestHandler({ createCoreModule, storage: storageOf() })],
  ])) {
    test(`${name}: that there are none, nor will be`, async () => {
      assert.deepEqual((await askForList(handler())).replies, [{ tokens: {}, complete: true }]);
    });
  }

  test('an isLoggedIn() that takes time does not hold it up', async () => {
    const { handler } = app({ storage: storageOf(stored), isLoggedIn: never });
    assert.deepEqual((await askForList(handler)).replies, [{ refresh: true, tokens: stored }]);
  });

  for (const [name, tokens] of /** @type {[string, () => any][]} */ ([
    ['hang', never],
    [
      'throw',
      () => {
        throw new Error('boom');
      },
    ],
    ['are no object', () => 'text'],
  ])) {
    test(`tokens that ${name} are not spoken of`, async () => {
      const { handler } = app({ tokens, isLoggedIn: () => false });
      const asked = await askForList(handler);
      await pass(3000);
      assert.deepEqual(asked.replies.at(-1), {});
    });
  }

  test('gets a reply without it where it is more than a worker takes', async () => {
    const [fits, tooMany] = [240, 1000].map((count) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`${B}${i}/`, 'x'.repeat(16_000)])),
    );
    for (const [others, comeAlong] of /** @type {[object, boolean][]} */ ([
      [fits, true],
      [tooMany, false],
    ])) {
      const tokens = { ...stored, ...others };
      const { handler } = app({ tokens: () => tokens });
      const {
        replies: [reply],
      } = await askForList(handler);
      assert.deepEqual(reply, { refresh: true, ...(comeAlong && { tokens }) });
      assert.ok(JSON.stringify(reply).length < 4 * 1024 * 1024);
    }
  });

  test('costs a page of ten thousand realms no parsed URL but that of the ask, also after its tokens have changed', async (t) => {
    const tokensOf = (/** @type {string} */ token) =>
      Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`${B}${i}/`, token]));
    let tokens = tokensOf('a');
    const { handler } = app({ tokens: () => tokens });
    const { URL } = globalThis;
    t.after(() => Object.assign(globalThis, { URL }));
    let parsed = 0;
    globalThis.URL = class extends URL {
      /** @param {string | URL} url @param {string | URL} [base] */
      constructor(url, base) {
        super(url, base);
        parsed++;
      }
    };
    const costOf = async () => {
      parsed = 0;
      const { replies } = await askForList(handler);
      assert.equal(Object.keys(replies[0].tokens).length, 10_000);
      return parsed;
    };
    await costOf();
    assert.equal(await costOf(), 1);
    tokens = tokensOf('b');
    assert.equal(await costOf(), 1);
  });

  describe('while tokens() takes time', () => {
    const repliesOf = async (/** @type {Options} */ options, ms = 4000) => {
      const { handler } = app(options);
      const asked = await askForList(handler);
      await pass(ms);
      return { handler, replies: asked.replies, times: asked.times };
    };

    test('70 ms: no pending', async () => {
      const { replies, times } = await repliesOf({ tokens: later(70, stored) });
      assert.deepEqual([replies, times], [[{ refresh: true, tokens: stored }], [70]]);
    });

    test('600 ms: pending at 80 ms, then the list; with the next pending comes the list that was read last', async () => {
      const { handler, replies, times } = await repliesOf({ tokens: later(600, stored) });
      assert.deepEqual(
        [replies, times],
        [
          [PENDING, { refresh: true, tokens: stored }],
          [80, 600],
        ],
      );
      const next = await askForList(handler);
      await pass(600);
      assert.deepEqual(next.replies, [
        { ...PENDING, tokens: stored },
        { refresh: true, tokens: stored },
      ]);
    });

    test('2.5 s: a refresh may begin after 1.4 s', async () => {
      const { replies, times } = await repliesOf({ tokens: later(2500, stored) });
      assert.deepEqual(
        [replies, times],
        [
          [PENDING, { refresh: true }],
          [80, 1400],
        ],
      );
    });

    test('2.5 s, no refresh possible: then the list', async () => {
      const { replies, times } = await repliesOf({ tokens: later(2500, stored), isLoggedIn: () => false });
      assert.deepEqual(
        [replies, times],
        [
          [PENDING, { tokens: stored, complete: true }],
          [80, 2500],
        ],
      );
    });

    test('what comes too late is pushed', async () => {
      const worker = new FakeServiceWorker2();
      let tokens = () => ({});
      const container = await controlledPage(worker, { tokens: () => tokens(), reauthenticate: never });
      tokens = later(2500, { [REALM]: 'late' });
      await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
      await pass(2600);
      assert.deepEqual(received(worker), [set(REALM, 'late')]);
    });
  });

  describe('about a token that has expired by the clock of the worker', () => {
    const options = { tokens: () => ({ [REALM]: jwt(60) }), isLoggedIn: () => false };

    test('the token itself, where it is valid by that of the page, and the page cannot get another', async () => {
      const { handler } = app(options);
      const { replies } = await askForList(handler, CAT, 'expired', REALM);
      assert.deepEqual(replies, [{ ...token(jwt(60)), tokens: { [REALM]: jwt(60) }, complete: true }]);
      const other = await askForList(app({ ...options, isLoggedIn: () => true }).handler, CAT, 'expired', REALM);
      assert.deepEqual(other.replies, [{ refresh: true, tokens: { [REALM]: jwt(60) } }]);
    });

    test('the token itself, where the app writes its realm with escapes that it does not need', async () => {
      const realm = 'https://realms.example/%7eme/';
      const { handler } = app({ tokens: () => ({ [realm]: jwt(60) }), isLoggedIn: () => false });
      const url = 'https://realms.example/~me/cat.png';
      const { replies } = await askForList(handler, url, 'expired', 'https://realms.example/~me/');
      assert.deepEqual(replies, [{ ...token(jwt(60), realm), tokens: { [realm]: jwt(60) }, complete: true }]);
    });

    test('the list alone, where both clocks say so', async () => {
      const { handler } = app(options);
      await pass(60_000);
      assert.deepEqual((await askForList(handler, CAT, 'expired', REALM)).replies, [
        { tokens: { [REALM]: jwt(60) }, complete: true },
      ]);
    });
  });
});

describe('an ask to refresh', () => {
  test('pending for its realm, then the new token and all others', async () => {
    /** @type {Record<string, string>} */
    const tokens = { [A]: 'a', [REALM]: jwt(-1) };
    const reauthenticate = async () => {
      tokens[B] = 'b';
      return 'fresh';
    };
    const { handler, refreshed } = app({ tokens: () => ({ ...tokens }), reauthenticate });
    assert.deepEqual((await askToRefresh(handler, CAT, 'expired')).replies, [
      { type: 'pending', realmURL: 'http://localhost:4201/user/realm/' },
      { ...token('fresh'), tokens: { [A]: 'a', [REALM]: 'fresh', [B]: 'b' } },
    ]);
    assert.deepEqual(refreshed, [REALM]);
  });

  test('the app is told why', async () => {
    /** @type {object[]} */
    const causes = [];
    const options = {
      reauthenticate: async (/** @type {string} */ _, /** @type {object} */ cause) => void causes.push(cause),
    };
    const reasons = /** @type {const} */ (['missing', 'expired', 'rejected', 'unreachable', 'unknown']);
    for (const reason of reasons) await askToRefresh(app(options).handler, CAT, reason);
    await ask(app(options).handler);
    assert.deepEqual(causes, [
      { reason: 'missing' },
      { reason: 'expired' },
      { reason: 'rejected' },
      { reason: 'unreachable' },
      { reason: undefined },
      { reason: undefined },
    ]);
  });

  test('a call after a network error that brings nothing starts no pause: a 401 right after it is refreshed', async () => {
    const { handler } = app({
      reauthenticate: async (_, { reason }) => (reason === 'unreachable' ? undefined : 'new'),
    });
    assert.equal((await askToRefresh(handler, CAT, 'unreachable')).replies.at(-1)?.token, undefined);
    assert.equal((await askToRefresh(handler, CAT, 'rejected')).replies.at(-1)?.token, 'new');
  });

  test('asks that share a refresh have the reason of the first', async () => {
    /** @type {object[]} */
    const causes = [];
    const { handler } = app({ reauthenticate: (_, cause) => (causes.push(cause), never()) });
    for (const reason of /** @type {const} */ (['expired', 'rejected'])) await askToRefresh(handler, CAT, reason);
    assert.deepEqual(causes, [{ reason: 'expired' }]);
  });

  test('for the realm that the worker names, if there is no realmOf()', async () => {
    const { handler, refreshed } = app({ realmOf: undefined });
    await askToRefresh(handler, CAT, 'rejected', REALM);
    assert.deepEqual(refreshed, [REALM]);
  });

  for (const [what, options] of /** @type {[string, Options][]} */ ([
    ['the app lists others', { realms: [A], realmsComplete: true }],
    ['the app lists none', { realms: [] }],
    ['the app has tokens of others', { tokens: () => ({ [A]: 'a' }) }],
  ])) {
    test(`not for a realm that the worker knows from another app: ${what}`, async () => {
      const { handler, refreshed } = app({ realmOf: undefined, ...options });
      assert.deepEqual((await askToRefresh(handler, CAT, 'missing', REALM)).replies, [{}]);
      assert.deepEqual(refreshed, []);
    });
  }

  test('for the realm that the worker names, of which the app lists the origin', async () => {
    const { handler, refreshed } = app({ realmOf: undefined, realms: [A, 'http://localhost:4201'] });
    await askToRefresh(handler, CAT, 'missing', REALM);
    assert.deepEqual(refreshed, ['http://localhost:4201/user/realm/']);
  });

  test('for the realm as the app writes it, though the worker writes it without needless escapes', async () => {
    const { handler, refreshed } = app({ realmOf: undefined, realms: ['http://a.example/%7Eme/'] });
    await askToRefresh(handler, `${A}~me/cat.png`, 'missing', `${A}~me/`);
    assert.deepEqual(refreshed, ['http://a.example/%7Eme/']);
  });

  test('for one whose token the app had, before it logged out and in again elsewhere', async () => {
    const worker = new FakeServiceWorker2();
    /** @type {Record<string, string>} */
    let tokens = { [REALM]: 'old' };
    /** @type {string[]} */
    const refreshed = [];
    const container = await controlledPage(worker, {
      tokens: () => tokens,
      reauthenticate: async (realmURL) => {
        refreshed.push(realmURL);
        return 'new';
      },
    });
    clearServiceWorkerTokens();
    tokens = { [A]: 'a' };
    await container.ask(CAT, { source: worker, reason: 'missing', refresh: true, realmURL: REALM });
    assert.deepEqual(refreshed, [REALM]);
  });

  test('one that brings nothing is a no for its realm', async () => {
    const { handler } = app({ storage: storageOf({ [A]: 'a' }), reauthenticate: async () => undefined });
    assert.deepEqual((await askToRefresh(handler, CAT)).replies.at(-1), { realmURL: REALM, tokens: { [A]: 'a' } });
  });

  test('one that is not possible, as is known only now: nothing else has a token', async () => {
    const { handler } = app({ storage: storageOf({ [A]: 'a' }), isLoggedIn: async () => false });
    assert.deepEqual((await askForList(handler)).replies, [{ refresh: true, tokens: { [A]: 'a' } }]);
    assert.deepEqual((await askToRefresh(handler)).replies, [{ tokens: { [A]: 'a' }, complete: true }]);
  });

  test('of a URL that is in no realm: a no', async () => {
    const { handler, refreshed } = app({});
    assert.deepEqual((await askToRefresh(handler, `${B}1.png`)).replies, [{}]);
    assert.deepEqual(refreshed, []);
  });

  test('one that hangs: pending at once, and a no at 2.8 s', async () => {
    const asked = await askToRefresh(app({ reauthenticate: never }).handler);
    await pass(4000);
    assert.deepEqual(
      [asked.replies.map(({ tokens, ...reply }) => reply), asked.times],
      [
        [{ type: 'pending', realmURL: REALM }, { realmURL: REALM }],
        [0, 2800],
      ],
    );
  });

  test('pending at 100 ms without a realm, while the app takes longer to tell it', async () => {
    const { replies, times } = await askToRefresh(app({ realmOf: later(150, REALM) }).handler);
    await pass(150);
    assert.deepEqual([replies[0], times], [{ type: 'pending' }, [100, 150]]);
  });
});

describe('a worker that was stopped asks as one of version 1, since it knows nobody', () => {
  const stored = { [REALM]: 'stored', [A]: 'a' };
  const list = { tokens: stored, complete: true };

  test('it gets the list, once it has replied to a hello', async () => {
    const worker = new FakeServiceWorker2();
    const container = await controlledPage(worker, { storage: storageOf(stored) });
    assert.deepEqual((await container.ask(CAT, { source: worker })).replies, [list]);
    assert.deepEqual((await container.ask(CAT)).replies, [token('stored')], 'another worker');
  });

  test('or once it has asked', async () => {
    const worker = new FakeServiceWorker();
    const container = await controlledPage(worker, { storage: storageOf(stored) });
    await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
    assert.deepEqual((await container.ask(CAT, { source: worker })).replies, [list]);
  });

  test('a reply to a hello that is on its way is waited for, at most 300 ms', async () => {
    const worker = new FakeServiceWorker();
    let replyToHello = () => {};
    worker.reply = (type, port) => {
      if (type === 'hello') replyToHello = () => port?.postMessage(helloReply());
    };
    const container = await controlledPage(worker, {
      storage: storageOf(stored),
      createCoreModule: () => assert.fail('a core'),
    });
    const asked = await container.ask(CAT, { source: worker });
    await pass(90);
    assert.deepEqual(asked.replies, []);
    replyToHello();
    await settled();
    assert.deepEqual(asked.replies, [list]);

    const deaf = new FakeServiceWorker();
    const other = await controlledPage(deaf, { storage: storageOf(stored) });
    const askedByDeaf = await other.ask(CAT, { source: deaf });
    await pass(310);
    assert.deepEqual(askedByDeaf.replies, [PENDING, token('stored')]);
    assert.deepEqual(
      askedByDeaf.times.map((at) => at - 90),
      [100, 300],
    );
  });
});

describe('a worker of an older version 2 asks once for both', () => {
  const stored = { [REALM]: 'stored', [A]: 'a' };
  /** The replies without their lists. */
  const repliesTo = async (/** @type {Handler} */ handler, /** @type {Reason} */ reason = 'rejected') =>
    (await ask(handler, CAT, reason)).replies.map(({ tokens, complete, ...reply }) => reply);

  test('it gets the token with all tokens', async () => {
    const { handler } = app({ storage: storageOf(stored), realmOf: () => undefined });
    assert.deepEqual((await ask(handler, CAT, 'missing')).replies, [{ ...token('stored'), tokens: stored }]);
    assert.deepEqual((await ask(handler, `${B}1.png`, 'missing')).replies, [{ tokens: stored }]);
  });

  test('about a host that it does not know: what the page has, though it was told before', async () => {
    const { handler } = app({ storage: storageOf(stored) });
    for (let i = 0; i < 2; i++) assert.equal((await ask(handler, CAT, 'unknown')).replies[0].token, 'stored');
  });

  for (const reason of /** @type {const} */ (['expired', 'rejected', 'unreachable']))
    test(`a token that did not help is not given again where the app can refresh: ${reason}`, async () => {
      const { handler, refreshed } = app({ storage: storageOf({ [REALM]: 'stored' }) });
      assert.deepEqual(await repliesTo(handler, 'missing'), [token('stored')]);
      assert.deepEqual(await repliesTo(handler, reason), [PENDING, token('fresh')]);
      assert.deepEqual(refreshed, [REALM]);
    });

  test('another in storage is given at once', async () => {
    const stored = { [REALM]: 'old' };
    const { handler, refreshed } = app({ tokens: () => stored });
    await repliesTo(handler, 'missing');
    stored[REALM] = 'new';
    assert.deepEqual(await repliesTo(handler), [token('new')]);
    assert.deepEqual(refreshed, []);
  });

  test('the rejected one is given where there is no other way', async () => {
    const { handler } = app({ storage: storageOf({ [REALM]: 'stored' }), isLoggedIn: () => false });
    await repliesTo(handler, 'missing');
    assert.deepEqual(await repliesTo(handler), [token('stored')]);
  });

  test('a refresh that fails: no token', async () => {
    const { handler } = app({ storage: storageOf({ [REALM]: 'stored' }), reauthenticate: async () => undefined });
    await repliesTo(handler, 'missing');
    assert.deepEqual(await repliesTo(handler), [PENDING, { realmURL: REALM }]);
  });

  test('a version 1 worker gets what is stored', async () => {
    const handler = createTokenRequestHandler({ createCoreModule, storage: storageOf({ [REALM]: 'stored' }) });
    for (let i = 0; i < 2; i++) assert.deepEqual((await ask(handler)).replies, [token('stored')]);
  });
});

describe('refreshes that do not help', () => {
  test('are tried again after 5 s, 10 s, 20 s …, at last every 5 min', async () => {
    const { handler, refreshed } = app({ reauthenticate: async () => undefined });
    await ask(handler);
    let calls = 1;
    for (const seconds of [5, 10, 20, 40, 80, 160, 300, 300]) {
      mock.timers.tick(seconds * 1000 - 1);
      assert.deepEqual((await ask(handler)).replies, [PENDING, {}]);
      assert.equal(refreshed.length, calls, `before ${seconds} s`);
      mock.timers.tick(1);
      await ask(handler);
      assert.equal(refreshed.length, ++calls, `after ${seconds} s`);
    }
  });

  test('a clock that is set back does not make it longer', async () => {
    const { handler, refreshed } = app({ reauthenticate: async () => undefined });
    await ask(handler);
    setClockBack(86_400_000);
    mock.timers.tick(5000);
    await ask(handler);
    assert.equal(refreshed.length, 2);
  });

  test('the same token as before: it is given, without a call', async () => {
    const { handler, refreshed } = app();
    for (let i = 0; i < 4; i++) assert.deepEqual((await ask(handler)).replies, [PENDING, token('fresh')]);
    assert.equal(refreshed.length, 2);
  });

  test('another token ends it', async () => {
    const tokens = [undefined, 'first', undefined, 'second'];
    const { handler, refreshed } = app({ reauthenticate: async () => tokens.shift() });
    await ask(handler);
    mock.timers.tick(5000);
    await ask(handler);
    await ask(handler);
    assert.equal(refreshed.length, 3);
    mock.timers.tick(5000);
    await ask(handler);
    assert.equal(refreshed.length, 4);
  });

  for (const [name, change] of /** @type {[string, () => void][]} */ ([
    ['a token', () => syncTokenToServiceWorker(A, 'a')],
    ['a log-out', () => clearServiceWorkerTokens()],
  ])) {
    test(`${name} the app tells of ends it, if it is told after the refresh`, async () => {
      const refreshed = [];
      const container = await controlledPage(new FakeServiceWorker(), {
        realmOf: () => REALM,
        reauthenticate: async (realmURL) => {
          syncTokenToServiceWorker(realmURL, undefined);
          refreshed.push(realmURL);
        },
      });
      await container.ask();
      await container.ask();
      assert.equal(refreshed.length, 1);
      change();
      await container.ask();
      assert.equal(refreshed.length, 2);
    });
  }
});
