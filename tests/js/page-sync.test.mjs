// Tokens on their way to the worker.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import {
  clearServiceWorkerTokens,
  syncAllTokensToServiceWorker,
  syncTokenToServiceWorker,
} from '../../js/page/index.js';
import {
  FakeContainer,
  FakeServiceWorker,
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

  test('what cannot be cloned is warned of, not thrown', async (t) => {
    const warnings = warningsOf(t);
    const worker = (await openPage()).control();
    syncAllTokensToServiceWorker({ [A]: () => {} });
    syncTokenToServiceWorker(A, Symbol('a'));
    syncTokenToServiceWorker(B, 'b');
    assert.equal(warnings.texts.length, 2);
    assert.deepEqual(received(worker), [set(B, 'b')]);
  });
});

describe('the stored tokens are pushed', () => {
  const storage = storageOf({ [A]: 'a' });

  test('to the controller, before register() settles, once', async () => {
    const container = new FakeContainer();
    const worker = container.control();
    const registered = openPage({ storage }, container);
    assert.deepEqual(received(worker), [sync({ [A]: 'a' })]);
    container.activate(worker);
    await registered;
    assert.deepEqual(received(worker), []);
  });

  test('to an active worker that does not control the page (hard reload)', async () => {
    const container = new FakeContainer();
    const worker = container.activate();
    await openPage({ storage }, container);
    assert.deepEqual(received(worker), [sync({ [A]: 'a' })]);
    syncTokenToServiceWorker(B, 'b');
    assert.deepEqual(received(worker), [set(B, 'b')]);
  });

  test('to the first worker once it is active, and again once it controls the page', async () => {
    const container = await openPage({ storage });
    const worker = container.activate();
    await settled();
    assert.deepEqual(received(worker), [sync({ [A]: 'a' })]);
    container.control(worker);
    assert.deepEqual(received(worker), [sync({ [A]: 'a' })]);
  });

  test('to a worker whose scope does not hold the page, for which `ready` never comes', async () => {
    const container = new FakeContainer();
    const worker = new FakeServiceWorker();
    container.registration.installing = worker;
    await openPage({ storage }, container);
    container.registration.active = worker;
    worker.dispatchEvent(new Event('statechange'));
    assert.deepEqual(received(worker), [sync({ [A]: 'a' })]);
  });

  test('to each new controller, as they are then', async () => {
    let stored = { [A]: 'a' };
    const container = await openPage({ tokens: () => stored });
    assert.deepEqual(received(container.control()), [sync({ [A]: 'a' })]);
    stored = { [B]: 'b' };
    assert.deepEqual(received(container.control()), [sync({ [B]: 'b' })]);
    stored = undefined;
    assert.deepEqual(received(container.control()), []);
  });

  test('once, when registered twice', async () => {
    const container = await openPage({ storage });
    await openPage({ storage }, container);
    assert.deepEqual(received(container.control()), [sync({ [A]: 'a' })]);
  });

  test('again after registering anew, with other tokens', async () => {
    const container = await openPage({ storage });
    const worker = container.control();
    received(worker);
    await openPage({ storage: storageOf({ [B]: 'b' }) }, container);
    assert.deepEqual(received(worker), [sync({ [B]: 'b' })]);
  });

  test('to the worker that was registered, not to another whose scope holds the page', async () => {
    const container = new FakeContainer();
    const worker = new FakeServiceWorker();
    container.register = async () => Object.assign(new EventTarget(), { active: worker });
    await openPage({ storage }, container);
    const other = container.activate();
    await settled();
    syncTokenToServiceWorker(B, 'b');
    assert.deepEqual(received(other), []);
    assert.deepEqual(received(worker), [sync({ [A]: 'a' }), set(B, 'b')]);
  });

  test('unless they cannot be read, or are no object', async () => {
    for (const tokens of [() => { throw new Error('boom'); }, () => undefined, () => ['a'], () => 'a']) {
      assert.deepEqual(received((await openPage({ tokens })).control()), []);
    }
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
    assert.deepEqual(received(container.control()), [sync({ [B]: 'b', [A]: 'new' })]);
  });

  test('shrinks to the last word on each realm, in whatever spelling', async () => {
    const container = await openPage();
    for (let i = 0; i < 100; i++) syncTokenToServiceWorker(A, `a${i}`);
    syncTokenToServiceWorker(B, 'b');
    syncTokenToServiceWorker('HTTP://A.example', undefined);
    assert.deepEqual(received(container.control()), [set(B, 'b'), remove('HTTP://A.example')]);
  });

  test('a word on all tokens ends those before it, and the stored tokens', async () => {
    const container = await openPage({ storage: storageOf({ [A]: 'stored' }) });
    syncTokenToServiceWorker(A, 'a');
    clearServiceWorkerTokens();
    syncTokenToServiceWorker(B, 'b');
    assert.deepEqual(received(container.control()), [sync({ [B]: 'b' })]);
  });

  test('all tokens are those of the moment they were said', async () => {
    const container = await openPage();
    const tokens = { [A]: 'a' };
    syncAllTokensToServiceWorker(tokens);
    tokens[B] = 'later';
    assert.deepEqual(received(container.control()), [sync({ [A]: 'a' })]);
  });

  test('does not grow without end', async () => {
    const container = await openPage();
    for (let i = 0; i < 1500; i++) syncTokenToServiceWorker(`${A}${i}/`, 'a');
    const messages = received(container.control());
    assert.equal(messages.length, 1000);
    assert.deepEqual(messages.at(-1), set(`${A}1499/`, 'a'));
  });
});

describe('tokens that take time to read', () => {
  const later = () => new Promise((resolve) => setTimeout(resolve, 1000, { [A]: 'old' }));

  test('do not override what the app said meanwhile', async () => {
    const worker = (await openPage({ tokens: later })).control();
    syncTokenToServiceWorker(A, 'new');
    assert.deepEqual(received(worker), [set(A, 'new')], 'at once');
    await pass(1000);
    assert.deepEqual(received(worker), [sync({ [A]: 'new' })]);
    syncTokenToServiceWorker(B, 'b');
    assert.deepEqual(received(worker), [set(B, 'b')]);
  });

  test('are not pushed when the app logged out meanwhile', async () => {
    const worker = (await openPage({ tokens: later })).control();
    clearServiceWorkerTokens();
    await pass(1000);
    assert.deepEqual(received(worker), [clear, clear]);
  });

  test('go to the last worker only', async () => {
    const container = await openPage({ tokens: later });
    const first = container.control();
    await pass(500);
    const second = container.control();
    await pass(2000);
    assert.deepEqual(received(first), []);
    assert.deepEqual(received(second), [sync({ [A]: 'old' })]);
  });

  test('or never come, hold nothing back', async () => {
    const container = await openPage({ tokens: never });
    syncTokenToServiceWorker(A, 'a');
    const worker = container.control();
    assert.deepEqual(received(worker), [set(A, 'a')]);
  });
});
