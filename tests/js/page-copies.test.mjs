// Several copies of the package in one page, as micro-frontends and versions in URLs make them. They act as one.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as third from '../../js/page/index.js';
import {
  createCoreModule,
  FakeContainer,
  FakeServiceWorker2,
  navigatorOf,
  pass,
  received,
  storageOf,
  warningsOf,
} from './page-platform.mjs';
import { A, CAT, REALM, set } from './wire.mjs';
import { importShipped } from './package.mjs';

const first = await importShipped('page.js');
const second = await importShipped('page.js', '?v=2');

test('one reply, one hello, one push, and nothing on the console', async (t) => {
  const warnings = warningsOf(t);
  const container = new FakeContainer();
  const options = (/** @type {object} */ stored) => ({
    navigator: navigatorOf(container),
    createCoreModule,
    storage: storageOf(stored),
  });
  await first.registerAuthServiceWorker(options({}));
  await second.registerAuthServiceWorker(options({}));
  await third.registerAuthServiceWorker(options({ [REALM]: 'stored' }));
  const worker = container.control(new FakeServiceWorker2());
  await pass(1000);
  assert.equal(worker.hellos.length, 1);

  const asked = await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
  assert.deepEqual(asked.replies, [{ tokens: { [REALM]: 'stored' }, complete: true }]);
  assert.equal(container.calls.filter((call) => call === 'listen message').length, 1);

  received(worker);
  second.syncTokenToServiceWorker(A, 'a');
  assert.deepEqual(received(worker), [set(A, 'a')]);
  for (const copy of [first, second, third]) {
    assert.equal(copy.isOnRealmOrigin(`${A}x`), true);
    assert.equal(await copy.whenControlled(), true);
  }
  assert.deepEqual(warnings.texts, []);
});

test('under Trusted Types, one policy for all', async (t) => {
  let made = 0;
  const trustedTypes = {
    createPolicy() {
      if (made++ > 0) throw new TypeError('Policy with name "auth-service-worker" already exists.');
      return { createScriptURL: (/** @type {string} */ url) => ({ toString: () => `trusted ${url}` }) };
    },
  };
  Object.assign(globalThis, { trustedTypes });
  t.after(() => Reflect.deleteProperty(globalThis, 'trustedTypes'));
  const container = new FakeContainer();
  for (const copy of [first, second]) await copy.registerAuthServiceWorker({ navigator: navigatorOf(container) });
  const registrations = container.calls.filter((call) => call.startsWith('register'));
  assert.deepEqual(registrations, Array(2).fill('register trusted /auth-service-worker.js /'));
});

test('an ask that reaches the handlers of two copies gets one final reply', async () => {
  const container = new FakeContainer();
  const options = { navigator: navigatorOf(container), createCoreModule, storage: storageOf({ [REALM]: 'stored' }) };
  for (const copy of [first, second]) {
    const handler = copy.createTokenRequestHandler(options);
    container.addEventListener('message', (event) => handler(/** @type {MessageEvent} */ (event)));
  }
  await third.registerAuthServiceWorker(options);
  const asked = await container.ask();
  await pass(4000);
  assert.deepEqual(asked.replies, [{ realmURL: REALM, token: 'stored' }]);
});
