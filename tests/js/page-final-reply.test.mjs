// Whatever the app does or fails to do, the page replies to each ask once, and in time.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { createTokenRequestHandler, syncTokenToServiceWorker } from '../../js/page/index.js';
import {
  app,
  Ask,
  ask,
  createCoreModule,
  jwt,
  later,
  never,
  openPage,
  pass,
  received,
  settled,
  stopTime,
  storageOf,
  warningsOf,
} from './page-platform.mjs';
import { CAT, PENDING, REALM, set, token } from './wire.mjs';

/** @typedef {import('./page-platform.mjs').Options} Options */

beforeEach((t) => {
  stopTime();
  // The page warns of faults in tokens. page-warnings.test.mjs tests that.
  if ('mock' in t) t.mock.method(console, 'warn', () => {});
});

describe('exactly one final reply', () => {
  const boom = () => {
    throw new Error('boom');
  };

  for (const [name, tokens] of /** @type {[string, () => any][]} */ ([
    ['throws', boom],
    ['rejects', async () => boom()],
    ['hangs', never],
    ['gives nothing', () => undefined],
    ['gives a text', () => 'text'],
    ['gives a list', () => [REALM]],
  ])) {
    test(`tokens() ${name}: refreshed`, async () => {
      const { handler } = app({ tokens });
      const asked = await ask(handler);
      await pass(4000);
      assert.deepEqual(asked.replies, [PENDING, token('fresh')]);
    });
    test(`tokens() ${name}, no refresh: an empty reply, in time`, async () => {
      const { handler } = app({ tokens, realmOf: () => undefined });
      const asked = await ask(handler);
      await pass(4000);
      assert.deepEqual(asked.replies, name === 'hangs' ? [PENDING, {}] : [{}]);
      assert.deepEqual(asked.times, name === 'hangs' ? [100, 2800] : [0]);
    });
  }

  for (const [name, storage] of /** @type {[string, Options['storage']][]} */ ([
    ['throws', { getItem: boom }],
    ['holds no JSON', { getItem: () => '{' }],
    ['holds null', { getItem: () => 'null' }],
  ])) {
    test(`storage ${name}`, async () => {
      assert.deepEqual((await ask(app({ storage }).handler)).replies, [PENDING, token('fresh')]);
    });
  }

  test('localStorage is forbidden', async (t) => {
    Object.defineProperty(globalThis, 'localStorage', { get: boom, configurable: true });
    t.after(() => Reflect.deleteProperty(globalThis, 'localStorage'));
    assert.deepEqual((await ask(app({ storage: undefined }).handler)).replies, [PENDING, token('fresh')]);
  });

  for (const [name, options] of /** @type {[string, object][]} */ ([
    ['realmOf throws', { realmOf: boom }],
    ['realmOf rejects', { realmOf: async () => boom() }],
    ['isLoggedIn throws', { isLoggedIn: boom }],
    ['isLoggedIn says no, later', { isLoggedIn: async () => false }],
    [
      'a getter throws',
      {
        realmOf: undefined,
        realmService: {
          get realmOf() {
            return boom();
          },
        },
      },
    ],
  ])) {
    test(`${name}: an empty reply at once, no pending, no refresh`, async () => {
      const { handler, refreshed } = app(options);
      const asked = await ask(handler);
      await pass(4000);
      assert.deepEqual(asked.replies, [{}]);
      assert.deepEqual(asked.times, [0]);
      assert.deepEqual(refreshed, []);
    });
  }

  for (const name of ['realmOf', 'isLoggedIn']) {
    test(`${name} hangs: pending, and an empty reply after 1 s, no refresh`, async () => {
      const { handler, refreshed } = app({ [name]: never });
      const asked = await ask(handler);
      await pass(4000);
      assert.deepEqual(asked.replies, [PENDING, {}]);
      assert.deepEqual(asked.times, [100, 1000]);
      assert.deepEqual(refreshed, []);
    });
  }

  test('the isLoggedIn getter of Boxel throws', async () => {
    const matrixService = {
      get isLoggedIn() {
        return boom();
      },
    };
    const realmService = { realmOf: () => REALM, reauthenticate: async () => 'fresh' };
    const handler = createTokenRequestHandler({ createCoreModule, storage: storageOf(), realmService, matrixService });
    assert.deepEqual((await ask(handler)).replies, [{}]);
  });

  test('nobody to refresh: no pending', async () => {
    const handler = createTokenRequestHandler({ createCoreModule, storage: storageOf(), realmOf: () => REALM });
    assert.deepEqual((await ask(handler)).replies, [{}]);
  });

  test('no options at all', async () => {
    assert.deepEqual((await ask(createTokenRequestHandler())).replies, [{}]);
  });

  test('refresh hangs: an empty reply at 2800 ms; asks after a minute try again', async () => {
    const { handler, refreshed } = app({ reauthenticate: never });
    const asked = await ask(handler);
    await pass(2790);
    assert.deepEqual(asked.replies, [PENDING]);
    await pass(10);
    assert.deepEqual(asked.replies, [PENDING, {}]);
    await pass(4990);
    assert.deepEqual((await ask(handler)).replies, [PENDING, {}]);
    await pass(10);
    const second = await ask(handler);
    await pass(2800);
    assert.deepEqual(second.replies, [PENDING, {}]);
    await pass(49_390);
    assert.equal(refreshed.length, 1);
    await pass(10);
    await ask(handler);
    assert.equal(refreshed.length, 2);
  });

  test('refresh shows a dialog: it is shown once, and a new one after it has ended', async () => {
    /** @type {((token: string | undefined) => void)[]} */
    const dialogs = [];
    const reauthenticate = () => new Promise((resolve) => dialogs.push(resolve));
    const container = await openPage({ realmOf: () => REALM, reauthenticate });
    const worker = container.control();
    for (let seconds = 0; seconds < 50; seconds += 5) {
      await container.ask();
      await pass(5000);
    }
    assert.equal(dialogs.length, 1);
    dialogs[0]('late');
    await settled();
    assert.deepEqual(received(worker), [set(REALM, 'late')]);
    await container.ask(CAT, { reason: 'rejected', refresh: true, realmURL: REALM });
    assert.equal(dialogs.length, 2);
  });

  test('refresh shows a dialog: after a change of user there is a new one', async () => {
    /** @type {((token: string | undefined) => void)[]} */
    const dialogs = [];
    const reauthenticate = () => new Promise((resolve) => dialogs.push(resolve));
    const container = await openPage({ realmOf: () => REALM, reauthenticate });
    const worker = container.control();
    await container.ask();
    await pass(10_000);
    syncTokenToServiceWorker(REALM, 'of-another-user');
    await container.ask(CAT, { reason: 'rejected', refresh: true, realmURL: REALM });
    assert.equal(dialogs.length, 2);
    received(worker);
    dialogs[0]('of-the-user-before');
    await pass(5000);
    assert.deepEqual(received(worker), []);
  });

  for (const result of /** @type {any[]} */ (['', 7, true, {}, ['fresh'], null])) {
    test(`refresh gives ${JSON.stringify(result)}: no`, async () => {
      assert.deepEqual((await ask(app({ reauthenticate: async () => result }).handler)).replies, [PENDING, {}]);
    });
  }

  for (const url of [undefined, null, 7, {}, '', 'no url', 'images/cat.png']) {
    test(`about ${JSON.stringify(url)}: an empty reply`, async () => {
      const { handler, refreshed } = app({ storage: storageOf({ [REALM]: 'stored' }), realmOf: () => REALM });
      const asked = new Ask();
      await handler({ ...asked.event, data: { type: 'request-realm-token', requestURL: url } });
      await settled();
      assert.deepEqual(asked.replies, [{}]);
      assert.deepEqual(refreshed, []);
    });
  }

  test('a URL longer than any the core takes', async () => {
    const { handler } = app({ realmOf: () => undefined, storage: storageOf({ [REALM]: 'stored' }) });
    assert.deepEqual((await ask(handler, CAT + 'x'.repeat(9000))).replies, [{}]);
  });

  test('a closed port: nothing is thrown, nothing refreshed', async () => {
    const { handler, refreshed } = app();
    await handler({ ...new Ask().event, ports: [{ postMessage: boom }] });
    assert.deepEqual(refreshed, []);
  });

  test('a port that fails for pending only gets its final reply', async () => {
    const { handler } = app();
    /** @type {object[]} */
    const replies = [];
    const postMessage = (/** @type {{type?: string}} */ reply) => (reply.type ? boom() : replies.push(reply));
    await handler({ ...new Ask().event, ports: [{ postMessage }] });
    assert.deepEqual(replies, [{}]);
  });

  test('the core cannot be had: refreshed, and warned of once', async (t) => {
    const warnings = warningsOf(t);
    const { handler } = app({ createCoreModule: boom, storage: storageOf({ [REALM]: 'stored' }) });
    assert.deepEqual((await ask(handler)).replies, [PENDING, token('fresh')]);
    assert.deepEqual((await ask(handler)).replies, [PENDING, token('fresh')]);
    assert.equal(warnings.texts.length, 1);
    assert.match(warnings.texts[0], /Serve core.js and/);
  });

  test('the core dies: another one is made', async (t) => {
    warningsOf(t);
    const dying = () => Object.assign(Object.create(createCoreModule()), { _decide: boom });
    const cores = [dying, createCoreModule];
    const { handler } = app({
      createCoreModule: () => (cores.shift() ?? createCoreModule)(),
      storage: storageOf({ [REALM]: 'stored' }),
    });
    assert.deepEqual((await ask(handler)).replies, [token('stored')]);
  });

  test('the core is never there', async () => {
    const { handler } = app({ createCoreModule: never, storage: storageOf({ [REALM]: 'stored' }) });
    const asked = await ask(handler);
    await pass(1410);
    assert.deepEqual(asked.replies, [PENDING, token('fresh')]);
  });
});

describe('tokens that take time', () => {
  const stored = { [REALM]: 'stored' };
  const repliesOf = async (/** @type {Options} */ options, ms = 4000) => {
    const { handler, refreshed } = app(options);
    const asked = await ask(handler);
    await pass(ms);
    return { handler, refreshed, replies: asked.replies, times: asked.times };
  };

  test('70 ms: no pending', async () => {
    const { replies, refreshed } = await repliesOf({ tokens: later(70, stored) });
    assert.deepEqual(replies, [token('stored')]);
    assert.deepEqual(refreshed, []);
  });

  for (const [name, options] of /** @type {[string, Options][]} */ ([
    ['a refresh possible', {}],
    ['no refresh possible', { isLoggedIn: () => false }],
  ])) {
    test(`600 ms, ${name}: pending at 100 ms, then the token, no refresh; the next reply is from what is held`, async () => {
      const { handler, replies, times, refreshed } = await repliesOf({ tokens: later(600, stored), ...options });
      assert.deepEqual(replies, [PENDING, token('stored')]);
      assert.deepEqual(times, [100, 600]);
      assert.deepEqual(refreshed, []);
      const next = await ask(handler);
      await pass(80);
      assert.deepEqual(next.replies, [token('stored')]);
      await pass(4000);
      assert.deepEqual(next.replies, [token('stored')]);
    });
  }

  test('600 ms, and what is held has expired: the new one is waited for', async () => {
    let tokens = { [REALM]: jwt(60) };
    const { handler } = await repliesOf({ tokens: () => later(600, tokens)() });
    await pass(60_000);
    tokens = { [REALM]: jwt(120) };
    const next = await ask(handler);
    await pass(600);
    assert.deepEqual(next.replies, [PENDING, token(jwt(120))]);
  });

  test('2.5 s: pending, then the token', async () => {
    const { replies, times } = await repliesOf({ tokens: later(2500, stored), isLoggedIn: () => false });
    assert.deepEqual(replies, [PENDING, token('stored')]);
    assert.deepEqual(times, [100, 2500]);
  });

  test('2.5 s, a refresh possible: begun after 1.4 s', async () => {
    const { replies, times } = await repliesOf({ tokens: later(2500, stored), reauthenticate: later(400, 'fresh') });
    assert.deepEqual(replies, [PENDING, token('fresh')]);
    assert.deepEqual(times, [100, 1800]);
  });

  test('2.5 s, and a refresh that hangs: the token', async () => {
    const { replies, times } = await repliesOf({ tokens: later(2500, stored), reauthenticate: never });
    assert.deepEqual(replies, [PENDING, token('stored')]);
    assert.deepEqual(times, [100, 2500]);
  });

  for (const options of [{ isLoggedIn: () => false }, { reauthenticate: never }]) {
    test(`for ever, ${Object.keys(options)}: an empty reply before the worker gives up, 3000 ms after pending`, async () => {
      const { replies, times } = await repliesOf({ tokens: never, ...options });
      assert.deepEqual(replies, [PENDING, {}]);
      assert.ok(times[0] === 100 && times[1] <= 2820, String(times));
    });
  }

  test('600 ms, for ever, at once, in turn: one final reply each', async () => {
    /** @type {(() => Promise<Record<string, string>> | Record<string, string>)[]} */
    const reads = [later(600, stored), never, () => stored];
    const { handler } = app({ tokens: () => reads[0](), isLoggedIn: () => false });
    for (const replies of [[PENDING, token('stored')], [token('stored')], [token('stored')], [token('stored')]]) {
      const asked = await ask(handler);
      await pass(4000);
      assert.deepEqual(asked.replies, replies);
      reads.push(...reads.splice(0, 1));
    }
  });

  test('what comes late is pushed, and new tokens that come after a reply', async () => {
    let read = later(3500, stored);
    const container = await openPage({ tokens: () => read(), isLoggedIn: () => false });
    const worker = container.control();
    await pass(5000);
    received(worker);
    read = later(3500, { [REALM]: 'newer' });
    const asked = await container.ask();
    await pass(4000);
    assert.deepEqual(asked.replies, [token('stored')]);
    assert.deepEqual(received(worker), [set(REALM, 'newer')]);
  });

  test('a refresh that comes late is pushed', async () => {
    const container = await openPage({ realmOf: () => REALM, reauthenticate: later(3500, 'fresh') });
    const worker = container.control();
    const asked = await container.ask();
    await pass(3600);
    assert.deepEqual(asked.replies, [PENDING, {}]);
    assert.deepEqual(received(worker), [set(REALM, 'fresh')]);
  });
});
