import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Page, settled, startWorker } from './service-worker.mjs';

const CAT = 'https://realms.example/photos/cat.png';
const SONG = 'https://realms.example/music/song.mp3';

/** A response whose status and URL the test chooses. @param {object} properties */
const responseWith = (properties) =>
  Object.defineProperties(
    new Response(''),
    Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, { value }])),
  );

/** @param {(request: Request) => Promise<Response> | Response} network @param {Page} [page] */
function withTokens(network, page = new Page('tab', (_, reply) => reply({}))) {
  const worker = startWorker({ network, pages: [page] });
  worker.post({ type: 'set-realm-token', realmURL: 'https://realms.example/photos/', token: 'p1' });
  worker.post({ type: 'set-realm-token', realmURL: 'https://realms.example/music/', token: 'm1' });
  return worker;
}
const tokensSent = (/** @type {{sent: Request[]}} */ { sent }) =>
  sent.map(({ url, headers }) => [url, headers.get('Authorization')]);

describe('The response to a request that was sent with a token', () => {
  test('rejected where a redirect ended: that place is fetched, with the token of its realm', async () => {
    const worker = withTokens(({ url }) =>
      url === CAT ? responseWith({ status: 401, redirected: true, url: SONG }) : new Response('la la'),
    );
    const response = await worker.heldRequest(CAT).response;
    assert.equal(await response.text(), 'la la');
    assert.deepEqual(tokensSent(worker), [
      [CAT, 'Bearer p1'],
      [SONG, 'Bearer m1'],
    ]);
  });

  test('rejected at a presigned URL: that is fetched without a token', async () => {
    const place = 'https://realms.example/store/cat.png?X-Amz-Signature=s';
    const worker = withTokens(({ url }) =>
      url === CAT ? responseWith({ status: 400, redirected: true, url: place }) : new Response('cat'),
    );
    assert.equal(await (await worker.heldRequest(CAT).response).text(), 'cat');
    assert.deepEqual(tokensSent(worker), [
      [CAT, 'Bearer p1'],
      [place, null],
    ]);
  });

  test('that a second request replaces: the rest of the first response is not waited for, so its connection is free', async () => {
    let isCancelled = false;
    const endless = () => new ReadableStream({ cancel: () => void (isCancelled = true) });
    const page = new Page('tab', (_, reply) => reply({ realmURL: 'https://realms.example/photos/', token: 'p2' }));
    const worker = withTokens(
      ({ headers }) =>
        headers.get('Authorization') === 'Bearer p2' ? new Response('cat') : new Response(endless(), { status: 401 }),
      page,
    );
    const response = await worker.heldRequest(CAT).response;
    assert.equal(await response.text(), 'cat');
    assert.equal(isCancelled, true);
  });

  test('a redirect that the page follows itself is no error', async () => {
    const page = new Page('tab');
    const worker = withTokens(() => responseWith({ status: 0, type: 'opaqueredirect' }), page);
    const { response } = worker.heldRequest(CAT, { redirect: 'manual', mode: 'cors', destination: '' });
    assert.equal((await response).type, 'opaqueredirect');
    assert.equal(page.asked.length, 0);
  });

  test('an abort is no error, so nobody is asked for another token', async () => {
    const page = new Page('tab');
    const abort = new AbortController();
    const worker = withTokens(
      ({ signal }) => new Promise((_, reject) => (signal.onabort = () => reject(signal.reason))),
      page,
    );
    const { response } = worker.heldRequest(CAT, { signal: abort.signal });
    abort.abort();
    await assert.rejects(response, { name: 'AbortError' });
    await settled();
    assert.equal(page.asked.length, 0);
  });

  test('an error is asked about, and then the request goes out as it came', async () => {
    const page = new Page('tab', (_, reply) => reply({}));
    const worker = withTokens(({ headers }) => {
      if (headers.has('Authorization')) throw new TypeError('no CORS headers');
      return new Response('public');
    }, page);
    assert.equal(await (await worker.heldRequest(CAT).response).text(), 'public');
    assert.equal(page.asked.length, 1);
    assert.deepEqual(tokensSent(worker), [
      [CAT, 'Bearer p1'],
      [CAT, null],
    ]);
  });
});

/** A policy of the worker's file forbids a request for the cat. @param {import('./service-worker.mjs').Worker} worker @param {string} originalPolicy */
const forbid = (worker, originalPolicy) =>
  worker.listeners.securitypolicyviolation({
    blockedURI: CAT,
    disposition: 'enforce',
    effectiveDirective: 'connect-src',
    originalPolicy,
  });

test('a redirect that the policy of the worker’s file forbids does not count against the realm’s host', () => {
  const worker = withTokens(() => new Response('ok'));
  forbid(worker, "default-src 'self'; connect-src 'self' https://realms.example");
  assert.notEqual(worker.request(CAT), 'left alone');
  forbid(worker, "default-src 'self'");
  assert.equal(worker.request(CAT), 'left alone');
});

test('a path that it forbids is left alone from then on, while others of the host have their tokens', async () => {
  const worker = withTokens(() => new Response('ok'));
  await worker.stats(true);
  forbid(worker, "default-src 'self'; connect-src 'self' https://realms.example/music/");
  assert.equal(worker.request(CAT), 'left alone');
  await worker.heldRequest(SONG).response;
  assert.deepEqual(tokensSent(worker), [[SONG, 'Bearer m1']]);
  const { decisions } = await worker.stats(true);
  assert.deepEqual(
    decisions.map((/** @type {import('../../js/protocol.js').Decision} */ { url, rule }) => [url, rule]),
    [
      [CAT, 'forbiddenHost'],
      [SONG, 'token'],
    ],
  );
});

test('two policies that forbid paths of a host both count', () => {
  const worker = withTokens(() => new Response('ok'));
  forbid(worker, 'connect-src https://realms.example/music/');
  forbid(worker, 'connect-src https://realms.example/music/ https://realms.example/photos/');
  assert.equal(worker.request(CAT), 'left alone');
  assert.notEqual(worker.request(SONG), 'left alone');
});
