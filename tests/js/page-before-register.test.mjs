// The functions an app may call before, or without, registering: they use the global navigator. One
// file, so one process: nothing here has registered before.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchWorker } from '../../js/inspect/index.js';
import * as page from '../../js/page/index.js';
import { createCoreModule, FakeContainer, settled, storageOf } from './page-platform.mjs';
import { REALM } from './wire.mjs';

test("exports the six functions of Boxel's module, and its own", () => {
  assert.deepEqual(Object.keys(page).sort(), [
    'clearServiceWorkerTokens',
    'createTokenRequestHandler',
    'isOnRealmOrigin',
    'isServiceWorkerSupported',
    'registerAuthServiceWorker',
    'support',
    'syncAllTokensToServiceWorker',
    'syncTokenToServiceWorker',
    'whenControlled',
  ]);
});

const useNavigator = (/** @type {PropertyDescriptor} */ descriptor) =>
  Object.defineProperty(globalThis, 'navigator', { configurable: true, ...descriptor });

for (const [name, descriptor] of /** @type {[string, PropertyDescriptor][]} */ ([
  ['no navigator', { value: undefined }],
  ['no service workers', { value: {} }],
  [
    'a sandboxed frame',
    {
      value: {
        get serviceWorker() {
          throw new DOMException('', 'SecurityError');
        },
      },
    },
  ],
])) {
  test(`${name}: unsupported, never controlled, and the syncs do nothing`, async () => {
    useNavigator(descriptor);
    assert.equal(page.isServiceWorkerSupported(), false);
    assert.equal(page.syncTokenToServiceWorker(REALM, 'a'), undefined);
    assert.equal(page.syncAllTokensToServiceWorker({ [REALM]: 'a' }), undefined);
    assert.equal(page.clearServiceWorkerTokens(), undefined);
    assert.equal(page.isOnRealmOrigin(REALM), false);
    assert.equal(await page.whenControlled(), false);
  });
}

test('synced on a page that never registers, a worker being active: it gets it', async () => {
  const container = new FakeContainer();
  const worker = container.activate();
  useNavigator({ value: { serviceWorker: container } });
  page.syncTokenToServiceWorker(REALM, 'a');
  await settled();
  assert.deepEqual(worker.received, [{ type: 'set-realm-token', realmURL: REALM, token: 'a' }]);
});

test('where the user has blocked all data of the site, as Firefox can, nothing throws', async (t) => {
  const { BroadcastChannel } = globalThis;
  t.after(() => Object.assign(globalThis, { BroadcastChannel }));
  Object.assign(globalThis, {
    BroadcastChannel: class {
      constructor() {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      }
    },
  });
  const container = new FakeContainer();
  const worker = container.activate();
  useNavigator({ value: { serviceWorker: container } });
  page.clearServiceWorkerTokens();
  page.syncTokenToServiceWorker(REALM, 'a');
  await settled();
  assert.deepEqual(worker.received, [{ type: 'sync-tokens', tokens: { [REALM]: 'a' } }]);
  watchWorker({})();
});

test('waits for control before it is registered', async () => {
  const container = new FakeContainer();
  useNavigator({ value: { serviceWorker: container } });
  const controlled = page.whenControlled();
  container.control();
  assert.equal(await controlled, true);
});

test('synced, then registered, then active: the worker gets it', async () => {
  const container = new FakeContainer();
  useNavigator({ value: { serviceWorker: container } });
  assert.equal(page.isServiceWorkerSupported(), true);
  page.syncTokenToServiceWorker(REALM, 'a');
  await page.registerAuthServiceWorker({ createCoreModule, storage: storageOf(undefined) });
  const worker = container.activate();
  await settled();
  assert.deepEqual(worker.received, [{ type: 'set-realm-token', realmURL: REALM, token: 'a' }]);
});
