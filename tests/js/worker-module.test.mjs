// The worker as a module, inside of a worker that has other work as well.
import { IDBFactory } from 'fake-indexeddb';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { importShipped } from './package.mjs';
import { CAT, REALM, set } from './wire.mjs';

/** @typedef {import('./service-worker.mjs').Listener} Listener */

/** @type {Record<string, Listener>} */
const listeners = {};
/** @type {Request[]} */
const sent = [];
const scope = {
  location: new URL('https://app.example/sw.js?debug=1'),
  registration: { scope: 'https://app.example/' },
  clients: { claim: () => assert.fail('claims'), matchAll: async () => [] },
  skipWaiting: () => assert.fail('skips waiting'),
  addEventListener: (/** @type {string} */ type, /** @type {Listener} */ listener) => void (listeners[type] = listener),
  fetch: async (/** @type {Request} */ request) => {
    sent.push(request);
    return new Response('ok');
  },
};
Object.assign(globalThis, { self: scope, indexedDB: new IDBFactory() });
after(() => Reflect.deleteProperty(globalThis, 'self'));
const { addAuthListeners, authorize } = await importShipped('worker.js');

test('authorize() before addAuthListeners() says so', () => {
  assert.throws(() => authorize(/** @type {any} */ ({})), /call addAuthListeners/);
});

test('adds tokens, and leaves its installation and activation to the other', async () => {
  addAuthListeners();
  assert.deepEqual(Object.keys(listeners).sort(), [
    'activate',
    'fetch',
    'install',
    'message',
    'securitypolicyviolation',
  ]);
  for (const type of ['install', 'activate'])
    listeners[type]({ waitUntil: () => assert.fail('waits'), addRoutes: () => assert.fail('routes') });
  listeners.message({ data: set(REALM, 'jwt-1'), source: null, ports: [], waitUntil() {} });
  const request = new Request(CAT, { mode: 'no-cors' });
  let promised;
  listeners.fetch({
    request,
    clientId: '',
    respondWith: (/** @type {Promise<Response>} */ promise) => (promised = promise),
    waitUntil() {},
  });
  await promised;
  assert.deepEqual(
    sent.map(({ headers }) => headers.get('Authorization')),
    ['Bearer jwt-1'],
  );
});

test('authorize() is for listeners of the worker’s own', async () => {
  /** What is read of an event. @returns {any} */
  const event = (/** @type {Request} */ request) => ({
    request,
    clientId: '',
    respondWith: () => assert.fail('responds'),
    waitUntil() {},
  });
  delete listeners.fetch;
  sent.length = 0;
  addAuthListeners({ answersRequests: false });
  assert.equal(listeners.fetch, undefined);
  listeners.message({ data: set(REALM, 'jwt-1'), source: null, ports: [], waitUntil() {} });
  assert.equal(await (await authorize(event(new Request(CAT, { mode: 'no-cors' }))))?.text(), 'ok');
  assert.equal(authorize(event(new Request(CAT, { method: 'POST' }))), undefined);
  assert.deepEqual(
    sent.map(({ headers }) => headers.get('Authorization')),
    ['Bearer jwt-1'],
  );
});
