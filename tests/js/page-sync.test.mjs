// Tokens on their way to the worker.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import {
  clearServiceWorkerTokens,
  syncAllTokensToServiceWorker,
  syncTokenToServiceWorker,
} from '../../js/page/index.js';
import {
  brought,
  FakeContainer,
  FakeServiceWorker,
  FakeServiceWorker2,
  never,
  openPage,
  pass,
  received,
  settled,
  stopTime,
  storageOf,
  warningsOf,
} from './page-platform.mjs';
import { A, B, clear, remove, set, sync } from './wire.mjs';

beforeEach(stopTime);

describe('the messages of the wire', () => {
  test('set, remove, sync, clear; synchronously and void', async () => {
    const worker = (await openPage()).control();
    assert.equal(syncTokenToServiceWorker(A, 'a'), undefined);
    assert.equal(syncTokenToServiceWorker(A, undefined), undefined);
    assert.equal(syncTokenToServiceWorker(A, ''), undefined);
    assert.equal(syncAllTokensToServiceWorker({ [A]: 'a' }), undefined);
    assert.equal(clearServiceWorkerTokens(), undefined);
    assert.deepEqual(received(worker), [set(A, 'a'), remove(A), remove(A), sync({ [A]: 'a' }), clear]);
  });

  test('a bad entry spoils itself only, and is warned of by its realm', async (t) => {
    const warnings = warningsOf(t);
    const worker = (await openPage()).control();
    /** @type {any[]} */
    const bad = [() => {}, Symbol('a'), 7, 8n, {}, 'a b', '\ud800', 'x'.repeat(16_385)];
    const tokens = Object.fromEntries(bad.map((token, i) => [`${A}bad/${i}/`, token]));
    Object.defineProperty(tokens, `${A}getter/`, {
      enumerable: true,
      get() {
        throw new Error('boom');
      },
    });
    syncAllTokensToServiceWorker({ ...{ [B]: 'b', 'no url': 'c', '/a/path/': 'd' }, [`${A}falsy/`]: '' });
    assert.deepEqual(received(worker), [sync({ [B]: 'b' })]);
    syncAllTokensToServiceWorker(Object.defineProperties({ [B]: 'b' }, Object.getOwnPropertyDescriptors(tokens)));
    assert.deepEqual(received(worker), [sync({ [B]: 'b' })]);
    await settled();
    assert.equal(warnings.texts.length, 11);
    for (const realm of ['"no url"', '"/a/path/"', ...Object.keys(tokens)]) {
      assert.equal(warnings.texts.filter((text) => text.includes(` ${realm} `)).length, 1, realm);
    }
    syncAllTokensToServiceWorker(tokens);
    await settled();
    assert.equal(warnings.texts.length, 11, 'once');
  });

  test('what cannot be read takes away what it was to replace', async (t) => {
    warningsOf(t);
    const worker = (await openPage()).control();
    const boom = () => {
      throw new Error('boom');
    };
    /** @type {any[]} */
    const lists = [undefined, null, 7, 'text', ['a'], () => {}, new Proxy({}, { ownKeys: boom })];
    for (const tokens of lists) {
      syncAllTokensToServiceWorker(tokens);
      assert.deepEqual(received(worker), [clear]);
    }
    syncTokenToServiceWorker(A, /** @type {any} */ (Symbol('a')));
    syncTokenToServiceWorker(B, 'b c');
    assert.deepEqual(received(worker), [remove(A), remove(B)]);
    /** @type {any[]} */
    const realms = [undefined, null, 7, Symbol('a'), '', '/path/'];
    for (const realm of realms) syncTokenToServiceWorker(realm, 'a');
    assert.deepEqual(received(worker), []);
  });

  test('a list that is more than a message may hold comes in parts, of which the first replaces all', async () => {
    const worker = (await openPage()).control();
    const tokens = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${A}${i}/`, 'x'.repeat(16_000)]));
    syncAllTokensToServiceWorker(tokens);
    const [first, ...rest] = received(worker);
    assert.equal(first.type, 'sync-tokens');
    assert.ok(JSON.stringify(first).length < 4 * 1024 * 1024);
    const all = { ...first.tokens, ...Object.fromEntries(rest.map(({ realmURL, token }) => [realmURL, token])) };
    assert.deepEqual(all, tokens);
    assert.deepEqual(new Set(rest.map(({ type }) => type)), new Set(['set-realm-token']));
  });
});

describe('the stored tokens are pushed', () => {
  const storage = storageOf({ [A]: 'a' });

  test('to the controller, before register() settles, once', async () => {
    const container = new FakeContainer();
    const worker = container.control();
    const registered = openPage({ storage }, container);
    assert.deepEqual(brought(worker), [{ [A]: 'a' }]);
    container.activate(worker);
    await registered;
    assert.deepEqual(brought(worker), []);
  });

  test('to an active worker that does not control the page (hard reload)', async () => {
    const container = new FakeContainer();
    const worker = container.activate();
    await openPage({ storage }, container);
    assert.deepEqual(brought(worker), [{ [A]: 'a' }]);
    syncTokenToServiceWorker(B, 'b');
    assert.deepEqual(received(worker), [set(B, 'b')]);
  });

  test('to the first worker once it is active, and again once it controls the page', async () => {
    const container = await openPage({ storage });
    const worker = container.activate();
    await settled();
    assert.deepEqual(brought(worker), [{ [A]: 'a' }]);
    container.control(worker);
    assert.deepEqual(brought(worker), [{ [A]: 'a' }]);
  });

  test('to a worker whose scope does not hold the page, for which `ready` never comes', async () => {
    const container = new FakeContainer();
    const worker = new FakeServiceWorker();
    container.registration.installing = worker;
    await openPage({ storage }, container);
    container.registration.active = worker;
    worker.dispatchEvent(new Event('statechange'));
    assert.deepEqual(brought(worker), [{ [A]: 'a' }]);
  });

  test('to each new controller, as they are then', async () => {
    /** @type {Record<string, string> | undefined} */
    let stored = { [A]: 'a' };
    const container = await openPage({ tokens: () => stored });
    assert.deepEqual(brought(container.control()), [{ [A]: 'a' }]);
    stored = { [B]: 'b' };
    assert.deepEqual(brought(container.control()), [{ [B]: 'b' }]);
    stored = undefined;
    assert.deepEqual(brought(container.control()), []);
  });

  test('once, when registered twice', async () => {
    const container = await openPage({ storage });
    await openPage({ storage }, container);
    assert.deepEqual(brought(container.control()), [{ [A]: 'a' }]);
  });

  test('again after registering anew, with other tokens', async () => {
    const container = await openPage({ storage });
    const worker = container.control();
    brought(worker);
    await openPage({ storage: storageOf({ [B]: 'b' }) }, container);
    assert.deepEqual(brought(worker), [{ [B]: 'b' }]);
    await pass(5000);
    assert.deepEqual(received(worker), [set(B, 'b'), remove(A)]);
  });

  test('to the worker that was registered, not to another whose scope holds the page', async () => {
    const container = new FakeContainer();
    const worker = new FakeServiceWorker();
    container.register = async () => Object.assign(new EventTarget(), { active: worker });
    await openPage({ storage }, container);
    const other = container.activate();
    await settled();
    syncTokenToServiceWorker(B, 'b');
    assert.deepEqual([received(other), other.hellos], [[], []]);
    assert.deepEqual(brought(worker), [{ [A]: 'a' }]);
    assert.deepEqual(received(worker), [set(B, 'b')]);
  });

  test('unless they cannot be read, or are no object', async () => {
    for (const tokens of /** @type {(() => any)[]} */ ([
      () => {
        throw new Error('boom');
      },
      () => undefined,
      () => ['a'],
      () => 'a',
    ])) {
      assert.deepEqual(brought((await openPage({ tokens })).control()), []);
    }
  });

  test('one by one to a worker that has not replied to the hello after 300 ms, as version 1 does not', async () => {
    const worker = (await openPage({ storage: storageOf({ [A]: 'a', [B]: 'b' }) })).control();
    await pass(100);
    syncTokenToServiceWorker(B, 'new');
    syncTokenToServiceWorker(`${B}r/`, 'r');
    received(worker);
    await pass(190);
    assert.deepEqual(received(worker), []);
    await pass(10);
    assert.deepEqual(received(worker), [set(A, 'a'), set(B, 'new')], 'as they are then');
    const newer = (await openPage({ storage })).control(new FakeServiceWorker2());
    await pass(1000);
    assert.deepEqual(received(newer), []);
  });

  test('in parts, where they are more than a message may hold', async () => {
    const tokens = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${A}${i}/`, 'x'.repeat(16_000)]));
    const worker = (await openPage({ tokens: () => tokens })).control();
    for (const hello of worker.hellos) assert.ok(JSON.stringify(hello).length < 4 * 1024 * 1024);
    assert.deepEqual(Object.assign({}, ...brought(worker)), tokens);
  });
});

describe('what the app says before there is a worker', () => {
  test('is not lost where the app keeps its tokens elsewhere', async () => {
    const container = await openPage();
    syncTokenToServiceWorker(A, 'a');
    const worker = container.control();
    assert.deepEqual(received(worker), [set(A, 'a')]);
    assert.deepEqual(received(container.control()), [], 'said once');
  });

  test('counts more than the stored tokens', async () => {
    const container = await openPage({ storage: storageOf({ [A]: 'old', [B]: 'b' }) });
    syncTokenToServiceWorker(A, 'new');
    const worker = container.control();
    assert.deepEqual(received(worker), [set(A, 'new')]);
    assert.deepEqual(brought(worker), [{ [A]: 'new', [B]: 'b' }]);
  });

  test('shrinks to the last word on each realm, in whatever spelling', async () => {
    const container = await openPage();
    for (let i = 0; i < 100; i++) syncTokenToServiceWorker(A, `a${i}`);
    syncTokenToServiceWorker(B, 'b');
    syncTokenToServiceWorker('HTTP://A.example', undefined);
    assert.deepEqual(received(container.control()), [set(B, 'b'), remove(A)]);
  });

  test('a removal takes away what was said in another spelling, as the worker compares them', async () => {
    const container = await openPage();
    syncTokenToServiceWorker('https://h.example/%7Eann/', 'ann');
    syncTokenToServiceWorker('https://h.example/~ann/', undefined);
    const worker = container.control();
    assert.deepEqual([received(worker), brought(worker)], [[remove('https://h.example/~ann/')], []]);
    assert.deepEqual(brought(container.control()), []);
  });

  test('a word on all tokens ends those before it, and the stored tokens', async () => {
    const container = await openPage({ storage: storageOf({ [A]: 'stored' }) });
    syncTokenToServiceWorker(A, 'a');
    clearServiceWorkerTokens();
    syncTokenToServiceWorker(B, 'b');
    const worker = container.control();
    assert.deepEqual(received(worker), [sync({ [B]: 'b' })]);
    assert.deepEqual(brought(worker), [{ [B]: 'b' }]);
  });

  test('all tokens are those of the moment they were said', async () => {
    const container = await openPage();
    /** @type {Record<string, string>} */
    const tokens = { [A]: 'a' };
    syncAllTokensToServiceWorker(tokens);
    tokens[B] = 'later';
    assert.deepEqual(received(container.control()), [sync({ [A]: 'a' })]);
  });

  test('loses no removal, of however many realms', async () => {
    const container = await openPage();
    for (let i = 0; i < 1500; i++) syncTokenToServiceWorker(`${A}${i}/`, undefined);
    assert.equal(received(container.control()).length, 1500);
  });

  test('does not grow without end: of 100,000 realms tokens are left to be asked for, and removals become one of all', async () => {
    const container = await openPage();
    syncTokenToServiceWorker(`${A}first/`, 'a');
    for (let i = 0; i < 100_000; i++) syncTokenToServiceWorker(`${A}${i}/`, undefined);
    const worker = container.control();
    assert.equal(worker.received.length, 100_000);
    assert.deepEqual(worker.received[0], remove(`${A}0/`));
    const other = await openPage();
    for (let i = 0; i <= 100_000; i++) syncTokenToServiceWorker(`${A}${i}/`, undefined);
    assert.deepEqual(received(other.control()), [clear]);
  });
});

describe('tokens that take time to read', () => {
  const later = () => new Promise((resolve) => setTimeout(resolve, 1000, { [A]: 'old' }));

  test('do not override what the app said meanwhile', async () => {
    const worker = (await openPage({ tokens: later })).control();
    syncTokenToServiceWorker(A, 'new');
    assert.deepEqual(received(worker), [set(A, 'new')], 'at once');
    await pass(1000);
    assert.deepEqual(brought(worker), [{ [A]: 'new' }]);
    await pass(300);
    assert.deepEqual(received(worker), [], 'nor towards version 1');
    syncTokenToServiceWorker(B, 'b');
    assert.deepEqual(received(worker), [set(B, 'b')]);
  });

  test('are not pushed when the app logged out meanwhile', async () => {
    const worker = (await openPage({ tokens: later })).control();
    clearServiceWorkerTokens();
    await pass(2000);
    assert.deepEqual([received(worker), brought(worker)], [[clear], []]);
  });

  test('go to the last worker only', async () => {
    const container = await openPage({ tokens: later });
    const first = container.control();
    await pass(500);
    const second = container.control();
    await pass(2000);
    assert.deepEqual(brought(first), []);
    assert.deepEqual(brought(second), [{ [A]: 'old' }]);
  });

  test('or never come, hold nothing back', async () => {
    const container = await openPage({ tokens: never });
    syncTokenToServiceWorker(A, 'a');
    const worker = container.control();
    assert.deepEqual(received(worker), [set(A, 'a')]);
  });
});
