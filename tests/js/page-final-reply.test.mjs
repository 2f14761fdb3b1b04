// Whatever the app does or fails to do, the page answers each ask once, and in time.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { createTokenRequestHandler } from '../../js/page/index.js';
import { app, Ask, ask, createCore, never, pass, settled, stopTime, storageOf, warningsOf } from './page-platform.mjs';
import { CAT, PENDING, REALM, token } from './wire.mjs';

beforeEach(stopTime);

describe('exactly one final reply', () => {
  const boom = () => { throw new Error('boom'); };

  for (const [name, tokens] of [
    ['throws', boom],
    ['rejects', async () => boom()],
    ['hangs', never],
    ['gives nothing', () => undefined],
    ['gives a text', () => 'text'],
    ['gives a list', () => [REALM]],
  ]) {
    test(`tokens() ${name}: refreshed`, async () => {
      const { handler } = app({ tokens });
      const asked = await ask(handler);
      await pass(4000);
      assert.deepEqual(asked.replies, [PENDING, token('fresh')]);
    });
    test(`tokens() ${name}, no refresh: an empty reply within 150 ms`, async () => {
      const { handler } = app({ tokens, realmOf: () => undefined });
      const asked = await ask(handler);
      await pass(150);
      assert.deepEqual(asked.replies, [{}]);
      await pass(4000);
      assert.deepEqual(asked.replies, [{}]);
    });
  }

  for (const [name, storage] of [
    ['throws', { getItem: boom }],
    ['holds no JSON', { getItem: () => '{' }],
    ['holds null', { getItem: () => 'null' }],
  ]) {
    test(`storage ${name}`, async () => {
      assert.deepEqual((await ask(app({ storage }).handler)).replies, [PENDING, token('fresh')]);
    });
  }

  test('localStorage is forbidden', async (t) => {
    Object.defineProperty(globalThis, 'localStorage', { get: boom, configurable: true });
    t.after(() => delete globalThis.localStorage);
    assert.deepEqual((await ask(app({ storage: undefined }).handler)).replies, [PENDING, token('fresh')]);
  });

  for (const [name, options] of [
    ['realmOf throws', { realmOf: boom }],
    ['realmOf rejects', { realmOf: async () => boom() }],
    ['realmOf hangs', { realmOf: never }],
    ['isLoggedIn throws', { isLoggedIn: boom }],
    ['isLoggedIn hangs', { isLoggedIn: never }],
    ['isLoggedIn says no, later', { isLoggedIn: async () => false }],
    ['a getter throws', { realmOf: undefined, realmService: { get realmOf() { return boom(); } } }],
  ]) {
    test(`${name}: an empty reply within 150 ms, no pending, no refresh`, async () => {
      const { handler, refreshed } = app(options);
      const asked = await ask(handler);
      await pass(150);
      assert.deepEqual(asked.replies, [{}]);
      await pass(4000);
      assert.deepEqual(asked.replies, [{}]);
      assert.deepEqual(refreshed, []);
    });
  }

  test('the isLoggedIn getter of upstream throws', async () => {
    const matrixService = { get isLoggedIn() { return boom(); } };
    const realmService = { realmOf: () => REALM, reauthenticate: async () => 'fresh' };
    const handler = createTokenRequestHandler({ createCore, storage: storageOf(), realmService, matrixService });
    assert.deepEqual((await ask(handler)).replies, [{}]);
  });

  test('nobody to refresh: no pending', async () => {
    const handler = createTokenRequestHandler({ createCore, storage: storageOf(), realmOf: () => REALM });
    assert.deepEqual((await ask(handler)).replies, [{}]);
  });

  test('no options at all', async () => {
    assert.deepEqual((await ask(createTokenRequestHandler())).replies, [{}]);
  });

  test('refresh hangs: an empty reply at 2800 ms; asks after 5 s try again', async () => {
    const { handler, refreshed } = app({ reauthenticate: never });
    const asked = await ask(handler);
    await pass(2790);
    assert.deepEqual(asked.replies, [PENDING]);
    await pass(10);
    assert.deepEqual(asked.replies, [PENDING, {}]);
    await pass(4990);
    await ask(handler);
    assert.equal(refreshed.length, 1);
    await pass(10);
    await ask(handler);
    assert.equal(refreshed.length, 2);
  });

  for (const result of ['', 7, true, {}, ['fresh'], null]) {
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
    const replies = [];
    const postMessage = (reply) => (reply.type ? boom() : replies.push(reply));
    await handler({ ...new Ask().event, ports: [{ postMessage }] });
    assert.deepEqual(replies, [{}]);
  });

  test('the core cannot be had: refreshed, and warned of once', async (t) => {
    const warnings = warningsOf(t);
    const { handler } = app({ createCore: boom, storage: storageOf({ [REALM]: 'stored' }) });
    assert.deepEqual((await ask(handler)).replies, [PENDING, token('fresh')]);
    assert.deepEqual((await ask(handler)).replies, [PENDING, token('fresh')]);
    assert.equal(warnings.texts.length, 1);
    assert.match(warnings.texts[0], /Serve core.js and/);
  });

  test('the core dies: the next ask finds a new one', async (t) => {
    warningsOf(t);
    const dying = () => Object.assign(Object.create(createCore()), { _decide: boom });
    const cores = [dying, createCore];
    const { handler } = app({ createCore: () => cores.shift()(), storage: storageOf({ [REALM]: 'stored' }) });
    assert.deepEqual((await ask(handler)).replies, [PENDING, token('fresh')]);
    assert.deepEqual((await ask(handler)).replies, [token('stored')]);
  });

  test('the core is never there', async () => {
    const { handler } = app({ createCore: never, storage: storageOf({ [REALM]: 'stored' }) });
    const asked = await ask(handler);
    await pass(150);
    assert.deepEqual(asked.replies, [PENDING, token('fresh')]);
  });
});

describe('slow tokens', () => {
  const after = (ms, value) => () => new Promise((resolve) => setTimeout(resolve, ms, value));
  const stored = { [REALM]: 'stored' };

  test('90 ms: no pending', async () => {
    const { handler, refreshed } = app({ tokens: after(90, stored) });
    const asked = await ask(handler);
    await pass(1000);
    assert.deepEqual(asked.replies, [token('stored')]);
    assert.deepEqual(refreshed, []);
  });

  test('140 ms, refresh possible: pending at 100 ms, then the stored token, no refresh', async () => {
    const { handler, refreshed } = app({ tokens: after(140, stored) });
    const asked = await ask(handler);
    await pass(1000);
    assert.deepEqual(asked.replies, [PENDING, token('stored')]);
    assert.deepEqual(asked.times, [100, 140]);
    assert.deepEqual(refreshed, []);
  });

  test('140 ms, no refresh possible: only the token', async () => {
    const { handler } = app({ tokens: after(140, stored), isLoggedIn: () => false });
    const asked = await ask(handler);
    await pass(1000);
    assert.deepEqual(asked.replies, [token('stored')]);
  });

  test('for ever, and a refresh that hangs: answered before the worker gives up, 3000 ms after pending', async () => {
    const { handler } = app({ tokens: never, reauthenticate: never });
    const asked = await ask(handler);
    await pass(4000);
    assert.deepEqual(asked.replies, [PENDING, {}]);
    assert.deepEqual(asked.times, [100, 2950]);
  });
});
