// After a change of user: what the shipped worker asks of the cache, and what becomes of what is in flight.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import { clearTokens, setRealmToken } from '../../js/protocol.js';
import { authorizations, Page, settled, startWorker, trappingIn } from './service-worker.mjs';
import { CAT, REALM, token } from './wire.mjs';

/** A worker in which another user than the last has logged in. */
async function changed(options = {}, realm = REALM) {
  const worker = startWorker(options);
  // With the core comes what earlier lives saved: nothing.
  worker.post({});
  await settled();
  worker.post(setRealmToken(realm, 'alice-1'));
  worker.post(clearTokens());
  worker.post(setRealmToken(realm, 'bob-1'));
  return worker;
}

test('the first fetch of a URL revalidates', async () => {
  const worker = await changed();
  await worker.heldRequest(CAT).response;
  await worker.heldRequest(CAT).response;
  assert.deepEqual(
    worker.sent.map(({ cache }) => cache),
    ['no-cache', 'default'],
  );
});

test('in Firefox, which uses an immutable response without asking all the same, it goes past the cache', async () => {
  for (const [url, cache] of [
    ['https://h.example/r/1.png', 'reload'],
    ['http://h.example/r/1.png', 'no-cache'],
  ]) {
    const globals = { navigator: { userAgent: 'Mozilla/5.0 Gecko/20100101 Firefox/153.0' } };
    const worker = await changed({ globals }, new URL('.', url).href);
    await worker.heldRequest(url).response;
    assert.deepEqual(
      worker.sent.map((request) => request.cache),
      [cache],
    );
  }
});

test('a request that goes past the cache stays as it is', async () => {
  const worker = await changed();
  await worker.heldRequest(CAT, { cache: 'reload' }).response;
  assert.equal(worker.sent[0].cache, 'reload');
});

test('until what earlier lives saved is known, every one does', async () => {
  const worker = startWorker({ globals: { indexedDB: { open: () => ({}) } } });
  worker.post(setRealmToken(REALM, 'jwt-1'));
  await worker.heldRequest(CAT).response;
  assert.equal(worker.sent[0].cache, 'no-cache');
});

test('abortsOldFetches: a logout ends what is in flight', async () => {
  /** @returns {Promise<Response>} */
  const network = (/** @type {Request} */ { signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const worker = startWorker({ network, globals: { authServiceWorkerOptions: { abortsOldFetches: true } } });
  worker.post(setRealmToken(REALM, 'jwt-1'));
  const { response } = worker.heldRequest(CAT);
  worker.post(clearTokens());
  await assert.rejects(response, { name: 'AbortError' });
  await settled();
  assert.equal(worker.sent.length, 1, 'it is not sent again');
});

test('abortsOldFetches: a response that is in the cache by then is still the response of the user before', async () => {
  const jwtOf = (/** @type {string} */ sub) => `e30.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.c2ln`;
  /** @type {(() => void)[]} */
  const responses = [];
  const worker = startWorker({
    network: () => new Promise((resolve) => responses.push(() => resolve(new Response('ok')))),
    globals: { authServiceWorkerOptions: { abortsOldFetches: true } },
  });
  worker.post({});
  await settled();
  for (const user of ['alice', 'bob']) worker.post(setRealmToken(REALM, jwtOf(user)));
  const ofBob = worker.heldRequest(CAT).response;
  responses.shift()?.();
  await ofBob;
  worker.post(setRealmToken(REALM, jwtOf('alice')));
  worker.request(CAT);
  worker.post(setRealmToken(REALM, jwtOf('bob')));
  responses.shift()?.();
  await settled();
  worker.request(CAT);
  assert.deepEqual(
    worker.sent.map(({ cache }) => cache),
    ['no-cache', 'no-cache', 'no-cache'],
  );
});

test('by default it goes on', async () => {
  /** @type {(response: Response) => void} */
  let respond = () => {};
  const worker = startWorker({ network: () => new Promise((resolve) => (respond = resolve)) });
  worker.post(setRealmToken(REALM, 'jwt-1'));
  const { response } = worker.heldRequest(CAT);
  worker.post(clearTokens());
  respond(new Response('ok'));
  assert.equal((await response).status, 200);
});

for (const abortsOldFetches of [false, true]) {
  test(`the page's own abort reaches the request with the token, abortsOldFetches: ${abortsOldFetches}`, async () => {
    const worker = startWorker({ globals: { authServiceWorkerOptions: { abortsOldFetches } } });
    worker.post(setRealmToken(REALM, 'jwt-1'));
    const abort = new AbortController();
    worker.request(CAT, { signal: abort.signal, mode: 'cors', destination: '' });
    abort.abort();
    assert.ok(worker.sent[0].signal.aborted);
  });

  test(`also when it comes before the token, abortsOldFetches: ${abortsOldFetches}`, async () => {
    const worker = startWorker({ globals: { authServiceWorkerOptions: { abortsOldFetches, askUnknownHosts: true } } });
    const abort = new AbortController();
    worker.request(CAT, { signal: abort.signal, mode: 'cors', destination: 'image' });
    abort.abort();
    worker.post(setRealmToken(REALM, 'jwt-1'));
    assert.deepEqual(
      worker.sent.map(({ signal }) => signal.aborted),
      [true],
    );
  });
}

test('a reply that was on its way when its core failed is no reply for the next core, whose asks have the same numbers', async () => {
  // A port that is closed may still deliver what is in its queue.
  class MessageChannel {
    port1 = { onmessage: (/** @type {{data: unknown}} */ _event) => {}, close() {} };
    port2 = { postMessage: (/** @type {unknown} */ data) => this.port1.onmessage({ data }) };
  }
  /** @type {((reply: object) => void)[]} */
  const replies = [];
  let fails = false;
  const worker = startWorker({
    pages: [new Page('tab', (_url, post) => replies.push(post))],
    wrapCore: trappingIn('message', () => fails),
    globals: { MessageChannel },
  });
  worker.request(CAT);
  await settled();
  fails = true;
  worker.post({});
  fails = false;
  const { response } = worker.heldRequest(CAT);
  await settled();
  assert.equal(replies.length, 2, 'each core has asked the page');
  replies[0](token('alice-1'));
  await settled();
  assert.deepEqual(authorizations(worker), [null], 'the request still waits for the reply to its own ask');
  replies[1](token('bob-1'));
  await response;
  assert.deepEqual(authorizations(worker), [null, 'Bearer bob-1']);
});

test('a response that is not stored is no proof', async () => {
  const worker = await changed({
    network: () => new Response('ok', { headers: { 'Cache-Control': 'private, No-Store' } }),
  });
  await worker.heldRequest(CAT).response;
  await worker.heldRequest(CAT).response;
  assert.deepEqual(
    worker.sent.map(({ cache }) => cache),
    ['no-cache', 'no-cache'],
  );
});

test('after a logout a request without a token revalidates', async () => {
  const worker = startWorker();
  worker.post({});
  await settled();
  worker.post(setRealmToken(REALM, 'alice-1'));
  worker.post(clearTokens());
  await worker.heldRequest(CAT, { headers: { Accept: 'image/*' }, referrerPolicy: 'no-referrer' }).response;
  const [{ cache, mode, headers: sent, referrerPolicy }] = worker.sent;
  assert.deepEqual(
    { cache, mode, authorization: sent.get('Authorization'), accept: sent.get('Accept'), referrerPolicy },
    { cache: 'no-cache', mode: 'no-cors', authorization: null, accept: 'image/*', referrerPolicy: 'no-referrer' },
  );
});

describe('after a logout a part of a video', () => {
  /** @param {(request: Request) => Response} network */
  const requestPart = async (network) => {
    const worker = startWorker({ network });
    worker.post({});
    await settled();
    worker.post(setRealmToken(REALM, 'alice-1'));
    worker.post(clearTokens());
    await worker.heldRequest(CAT, { destination: 'video', headers: { Range: 'bytes=8-' } }).response;
    return worker.sent.map(({ mode, cache, credentials, headers }) =>
      [mode, cache, credentials, headers.get('Range')].join(),
    );
  };

  test('revalidates with CORS: browsers take the Range off a no-cors request that is changed', async () => {
    assert.deepEqual(await requestPart(() => new Response('ok')), ['cors,no-cache,same-origin,bytes=8-']);
  });

  test('is requested without CORS where the server does not allow that', async () => {
    const sent = await requestPart(({ mode }) => {
      if (mode === 'cors') throw new TypeError('Failed to fetch');
      return new Response('ok');
    });
    assert.deepEqual(
      sent.map((each) => each.split(',').slice(0, 2).join()),
      ['cors,no-cache', 'no-cors,no-cache'],
    );
  });
});

test('what the last life saved is heard of before a request without a token', async () => {
  const indexedDB = new IDBFactory();
  const before = startWorker({ globals: { indexedDB } });
  before.post({});
  await settled();
  before.post(setRealmToken(REALM, 'alice-1'));
  before.post(clearTokens());
  await settled();
  const worker = startWorker({ globals: { indexedDB } });
  worker.post({});
  await settled();
  await worker.heldRequest(CAT).response;
  assert.equal(worker.sent[0].cache, 'no-cache');
});
