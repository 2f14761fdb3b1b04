// Registration, and what is connected with it.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { registerAuthServiceWorker } from '../../js/page/index.js';
import { createCore, FakeContainer, settled, stopTime, storageOf, warningsOf } from './page-platform.mjs';
import { REALM } from './wire.mjs';

beforeEach(stopTime);

const optionsFor = (container, options) => ({
  navigator: { serviceWorker: container },
  createCore,
  storage: storageOf({ [REALM]: 'stored' }),
  ...options,
});

describe('registers', () => {
  test('the worker, and says so', async () => {
    const container = new FakeContainer();
    const result = await registerAuthServiceWorker(optionsFor(container));
    assert.deepEqual(result, { registered: true, registration: container.registration });
    assert.ok(container.calls.includes('register /auth-service-worker.js /'));
  });

  test('another file for another scope', async () => {
    const container = new FakeContainer();
    await registerAuthServiceWorker(optionsFor(container, { workerURL: '/app/worker.js', scope: '/app/' }));
    assert.ok(container.calls.includes('register /app/worker.js /app/'));
  });

  test('after it listens and has opened the queue of messages', async () => {
    const container = new FakeContainer();
    await registerAuthServiceWorker(optionsFor(container));
    const order = ['listen message', 'startMessages', 'register /auth-service-worker.js /'];
    assert.deepEqual(container.calls.filter((call) => order.includes(call)), order);
    assert.ok(container.calls.indexOf('listen controllerchange') < container.calls.indexOf(order[2]));
  });
});

describe('answers asks', () => {
  test('from before register() settles', async () => {
    const container = new FakeContainer();
    container.register = () => new Promise(() => {});
    void registerAuthServiceWorker(optionsFor(container));
    const { replies } = await container.ask();
    assert.deepEqual(replies, [{ realmURL: REALM, token: 'stored' }]);
  });

  test('once, however often it is called; the last options count', async () => {
    const container = new FakeContainer();
    await registerAuthServiceWorker(optionsFor(container));
    await registerAuthServiceWorker(optionsFor(container, { storage: storageOf({ [REALM]: 'other' }) }));
    const { replies } = await container.ask();
    assert.deepEqual(replies, [{ realmURL: REALM, token: 'other' }]);
    assert.equal(container.calls.filter((call) => call === 'listen message').length, 1);
  });

  test('where registration failed, too: an older worker may be there', async (t) => {
    warningsOf(t);
    const container = new FakeContainer();
    container.register = async () => { throw new TypeError('no such file'); };
    await registerAuthServiceWorker(optionsFor(container));
    assert.deepEqual((await container.ask()).replies, [{ realmURL: REALM, token: 'stored' }]);
  });
});

describe('never rejects, warns once, says why', () => {
  const failure = async (t, options) => {
    const warnings = warningsOf(t);
    const result = await registerAuthServiceWorker(options);
    await settled();
    assert.equal(warnings.texts.length, 1);
    return { ...result, warning: warnings.texts[0] };
  };

  test('no service workers', async (t) => {
    const { registered, reason } = await failure(t, { navigator: {} });
    assert.deepEqual({ registered, reason }, { registered: false, reason: 'unsupported' });
  });

  test('a sandboxed frame', async (t) => {
    const navigator = { get serviceWorker() { throw new DOMException('', 'SecurityError'); } };
    assert.equal((await failure(t, { navigator })).reason, 'unsupported');
  });

  test('an insecure page', async (t) => {
    globalThis.isSecureContext = false;
    t.after(() => delete globalThis.isSecureContext);
    const { reason, warning } = await failure(t, { navigator: {} });
    assert.equal(reason, 'insecure-context');
    assert.match(warning, /https/);
  });

  const error = new Error('boom');
  for (const [name, spoil] of [
    ['register() rejects', (container) => (container.register = async () => { throw error; })],
    ['register() throws', (container) => (container.register = () => { throw error; })],
    ['startMessages() throws', (container) => (container.startMessages = () => { throw error; })],
  ]) {
    test(name, async (t) => {
      const container = new FakeContainer();
      spoil(container);
      const { registered, reason, error: why, warning } = await failure(t, optionsFor(container));
      assert.deepEqual({ registered, reason, why }, { registered: false, reason: 'registration-failed', why: error });
      assert.match(warning, /auth-service-worker\.js/);
    });
  }

  test('options whose getters throw', async (t) => {
    assert.equal((await failure(t, { get workerURL() { throw error; } })).reason, 'registration-failed');
  });

  for (const options of [undefined, null, {}]) {
    test(`options ${JSON.stringify(options)}`, async (t) => {
      assert.equal((await failure(t, options)).registered, false);
    });
  }
});
