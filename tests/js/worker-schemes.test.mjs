// Into which headers the shipped worker writes tokens: the option `authorization`.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scriptURLOf } from '../../js/page/own-workers.js';
import { settled, startWorker } from './service-worker.mjs';
import { A, B, set } from './wire.mjs';

/**
 * A worker with a token of the realms A and B, its options set as by a page.
 * @param {any} authorization right or wrong
 * @param {import('./service-worker.mjs').WorkerOptions} [more]
 */
function workerWith(authorization, more) {
  const { search } = new URL(
    scriptURLOf({ workerURL: 'https://app.example/auth-service-worker.js', worker: { authorization } }),
  );
  const worker = startWorker({ query: search, ...more });
  worker.post(set(A, 'jwt-a'));
  worker.post(set(B, 'jwt-b'));
  return worker;
}

/**
 * The headers of the only request that is sent for the URL, without Accept.
 * @param {import('./service-worker.mjs').Worker} worker
 * @param {string} url
 * @param {import('./service-worker.mjs').RequestOfPage} [init]
 */
async function headersOf(worker, url, init) {
  worker.sent.length = 0;
  await worker.heldRequest(url, init).response;
  const [request] = worker.sent;
  return Object.fromEntries([...request.headers].filter(([name]) => name !== 'accept'));
}

describe('the headers with the token of a realm', () => {
  for (const [authorization, headers] of [
    [undefined, { authorization: 'Bearer jwt-a' }],
    [{}, { authorization: 'Bearer jwt-a' }],
    [{ format: 'Token {token}' }, { authorization: 'Token jwt-a' }],
    [{ format: 'Basic {token}' }, { authorization: 'Basic jwt-a' }],
    [
      { format: 'MediaBrowser Client="App", Token="{token}"' },
      { authorization: 'MediaBrowser Client="App", Token="jwt-a"' },
    ],
    [{ header: 'X-Map-Token' }, { 'x-map-token': 'jwt-a' }],
    [{ header: 'X-Api-Key', format: 'key={token};' }, { 'x-api-key': 'key=jwt-a;' }],
    [[{}, { header: 'X-Api-Key' }], { authorization: 'Bearer jwt-a', 'x-api-key': 'jwt-a' }],
    [[{ realm: 'http://a.example', header: 'X-Api-Key' }], { 'x-api-key': 'jwt-a' }],
    [[{ realm: B, header: 'X-Api-Key' }], { authorization: 'Bearer jwt-a' }],
    [[{ realm: B, header: 'X-Api-Key' }, { format: 'Token {token}' }], { authorization: 'Token jwt-a' }],
  ]) {
    test(`with ${JSON.stringify(authorization)}`, async () => {
      const worker = workerWith(authorization);
      assert.deepEqual(await headersOf(worker, `${A}cat.png`), headers);
      assert.deepEqual(worker.warnings, []);
    });
  }

  test('set by a site’s own worker, and with addAuthListeners, they are the same', async () => {
    const worker = startWorker({ globals: { authServiceWorkerOptions: { authorization: { header: 'X-Api-Key' } } } });
    worker.post(set(A, 'jwt-a'));
    assert.deepEqual(await headersOf(worker, `${A}cat.png`), { 'x-api-key': 'jwt-a' });
  });

  test('of a realm that is written in another way, they are the same', async () => {
    const worker = workerWith([{ realm: 'https://tiles.example/%7eme/caf%c3%a9', header: 'X-Api-Key' }]);
    worker.post(set('https://tiles.example/%7Eme/caf%C3%A9/', 'jwt-tiles'));
    assert.deepEqual(await headersOf(worker, 'https://tiles.example/~me/caf%C3%A9/1.png'), {
      'x-api-key': 'jwt-tiles',
    });
  });

  test('a new token of the realm is in the same header', async () => {
    const worker = workerWith({ header: 'X-Api-Key' });
    await headersOf(worker, `${A}cat.png`);
    worker.post(set(A, 'jwt-2'));
    assert.deepEqual(await headersOf(worker, `${A}cat.png`), { 'x-api-key': 'jwt-2' });
  });
});

describe('what could do harm, or cannot work, is not used, and says so', () => {
  for (const header of [
    'Host',
    'Cookie',
    'Cookie2',
    'Set-Cookie',
    'Sec-Fetch-Site',
    'Proxy-Authorization',
    'Content-Type',
    'content-length',
    'Origin',
    'Referer',
    'Range',
    'If-None-Match',
    'Accept',
    'Accept-Encoding',
    'Access-Control-Request-Headers',
    'Connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Via',
    'Date',
    'DNT',
    'Expect',
    'Cache-Control',
    'Pragma',
    'User-Agent',
    'Last-Event-ID',
    'Service-Worker',
    'X-HTTP-Method-Override',
    'X-Method-Override',
    'Forwarded',
    'X-Forwarded-For',
    'not a name',
    '',
  ]) {
    test(`the header "${header}"`, async () => {
      const worker = workerWith({ header });
      assert.equal(worker.warnings.length, 1);
      assert.match(
        worker.warnings[0],
        /ignored .* in the option authorization; it must name a header that may carry a token/,
      );
      assert.deepEqual(await headersOf(worker, `${A}cat.png`), { authorization: 'Bearer jwt-a' });
    });
  }

  for (const scheme of [
    { format: 'Bearer' },
    { format: '{token}\r\nX-Evil: 1' },
    { format: 7 },
    { format: ['{token}'] },
    { realm: 'not a URL' },
    'Token',
    7,
    [null],
  ]) {
    test(JSON.stringify(scheme), async () => {
      const worker = workerWith(scheme);
      assert.equal(worker.warnings.length, 1);
      assert.deepEqual(await headersOf(worker, `${A}cat.png`), { authorization: 'Bearer jwt-a' });
    });
  }

  /** @type {any[]} */
  const circle = [];
  circle.push(circle);
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const boom = () => {
    throw new Error('boom');
  };
  for (const [name, scheme] of Object.entries({ bigint: 7n, circle, toJSON: { toJSON: boom }, revoked: proxy })) {
    test(`what has no JSON: ${name}`, async () => {
      const globals = { authServiceWorkerOptions: { authorization: [scheme, { header: 'X-Api-Key' }], own: scheme } };
      const worker = startWorker({ globals });
      worker.post(set(A, 'jwt-a'));
      assert.equal((await headersOf(worker, `${A}cat.png`))['x-api-key'], 'jwt-a');
    });
  }

  test('of several, the others hold', async () => {
    const worker = workerWith([{ header: 'Cookie' }, { header: 'X-Api-Key' }]);
    assert.equal(worker.warnings.length, 1);
    assert.deepEqual(await headersOf(worker, `${A}cat.png`), { 'x-api-key': 'jwt-a' });
  });
});

describe('a request', () => {
  test('that brings one of the headers itself is left alone', () => {
    const worker = workerWith([{ header: 'X-Api-Key' }]);
    for (const name of ['X-Api-Key', 'Authorization']) {
      assert.equal(
        worker.request(`${A}cat.png`, { destination: '', mode: 'cors', headers: { [name]: 'own' } }),
        'left alone',
      );
    }
  });

  test('with a header that browsers take along to other origins is not redirected', async () => {
    for (const [authorization, redirect] of [
      [undefined, 'follow'],
      [{ header: 'authorization', format: '{token}' }, 'follow'],
      [[{}, { header: 'X-Api-Key' }], 'error'],
    ]) {
      const worker = workerWith(authorization);
      await worker.heldRequest(`${A}cat.png`).response;
      assert.equal(worker.sent[0].redirect, redirect);
    }
  });

  test('whose redirect failed so goes out once more, without a token', async () => {
    const worker = workerWith(
      { header: 'X-Api-Key' },
      {
        network: (request) =>
          request.redirect === 'error' ? Promise.reject(new TypeError('redirected')) : new Response('public'),
      },
    );
    const { response } = worker.heldRequest(`${A}cat.png`);
    await settled();
    await worker.clock.to(200);
    assert.equal(await (await response).text(), 'public');
    assert.deepEqual(
      worker.sent.map(({ headers }) => headers.get('X-Api-Key')),
      ['jwt-a', null],
    );
  });
});
