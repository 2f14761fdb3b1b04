// What the shipped worker tells of its requests to those who watch.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as protocol from '../../js/protocol.js';
import { Page, settled, startWorker } from './service-worker.mjs';
import { A, B, CAT, REALM, set, token } from './wire.mjs';

/**
 * A worker that is watched, and what it has decided, without the times and clients.
 * @param {import('./service-worker.mjs').WorkerOptions} [options]
 */
async function watched(options) {
  const worker = startWorker(options);
  assert.deepEqual((await worker.stats(true)).decisions, []);
  const decisions = async () => {
    await settled();
    /** @type {protocol.Decision[]} */
    const all = (await worker.stats(true)).decisions;
    return all.map(({ url, rule, steps }) => [url, rule, ...steps.map(([, ...step]) => step.join(' '))]);
  };
  return { worker, decisions };
}

describe('decisions', () => {
  test('of requests that are left alone, sent with a token, and held', async () => {
    const page = new Page('tab', (_url, reply) => reply(token('jwt-1')));
    const { worker, decisions } = await watched({ pages: [page] });
    worker.request(CAT, { method: 'POST', mode: 'cors', destination: '' });
    await worker.heldRequest(CAT).response;
    await worker.heldRequest(CAT).response;
    worker.request('https://cdn.example/a.png?sig=secret');
    assert.deepEqual(await decisions(), [
      [CAT, 'method'],
      [CAT, 'asked', 'asked ', `sent ${REALM}`, 'answered 200'],
      [CAT, 'token', `sent ${REALM}`, 'answered 200'],
      ['https://cdn.example/a.png?…', 'unknownHost'],
    ]);
  });

  test('without what a URL hides behind its path', async () => {
    const { worker, decisions } = await watched();
    // This is the URL of an image: fetch() refuses such URLs.
    const url = 'https://user:secret@cdn.example/a.png';
    const request = Object.defineProperty(new Request('https://cdn.example/a.png'), 'url', { value: url });
    worker.listeners.fetch({ request, clientId: 'tab', waitUntil() {}, respondWith() {} });
    for (const end of ['#access_token=secret', '?code=secret', '?a#access_token=secret']) {
      worker.request(`https://app.example/back${end}`, { destination: 'document' });
    }
    assert.doesNotMatch(JSON.stringify(await decisions()), /secret/);
  });

  test('of a token that was rejected, and of an ask without a reply', async () => {
    const { worker, decisions } = await watched({
      pages: [new Page('tab')],
      network: () => new Response('', { status: 401 }),
    });
    worker.post(set(A, 'jwt-1'));
    const rejected = worker.heldRequest(`${A}cat.png`);
    await settled();
    await worker.clock.to(200);
    assert.equal((await rejected.response).status, 401);
    worker.request(`${A}cat.png`, { client: 'other' });
    const steps = ['token', `sent ${A}`, 'answered 401', 'asked '];
    assert.deepEqual((await decisions())[0], [`${A}cat.png`, ...steps]);
  });

  test('are the last 200', async () => {
    const { worker, decisions } = await watched();
    for (let i = 0; i < 205; i++) worker.request(`${B}${i}.png`, { method: 'POST', mode: 'cors', destination: '' });
    const kept = await decisions();
    assert.equal(kept.length, 200);
    assert.equal(kept[0][0], `${B}5.png`);
    assert.equal(kept[199][0], `${B}204.png`);
  });

  test('are told to all who listen when they are over, with times and the client', async () => {
    const { worker } = await watched();
    worker.post(set(A, 'jwt-1'));
    await worker.heldRequest(`${A}cat.png`).response;
    await settled();
    const [[channel, { at, steps, ...rest }], ...others] = worker.told;
    assert.deepEqual(others, []);
    assert.equal(channel, 'auth-service-worker');
    assert.equal(at, 0);
    assert.deepEqual(
      steps.map((/** @type {protocol.Decision['steps'][number]} */ [ms, what]) => [ms < 1000, what]),
      [
        [true, 'sent'],
        [true, 'answered'],
      ],
    );
    assert.deepEqual(rest, { url: `${A}cat.png`, destination: 'image', clientId: 'tab', rule: 'token' });
  });

  test('are not kept while nobody watches, and nothing is told', async () => {
    const worker = startWorker();
    worker.post(set(A, 'jwt-1'));
    await worker.heldRequest(`${A}cat.png`).response;
    assert.deepEqual((await worker.stats(true)).decisions, []);
    assert.deepEqual(worker.told, []);
  });

  const look = (
    /** @type {import('./service-worker.mjs').Worker} */ worker,
    /** @type {number | undefined} */ keepMs,
  ) => {
    const { port1, port2 } = new MessageChannel();
    worker.post(protocol.stats(true, keepMs), null, [port2]);
    port1.close();
  };

  test('are told for 10 s only, where the package itself looks at one failed image; a second look begins anew', async () => {
    const worker = startWorker();
    worker.post(set(A, 'jwt-1'));
    look(worker, 10_000);
    await worker.clock.to(5000);
    look(worker, 10_000);
    await worker.clock.to(14_999);
    await worker.heldRequest(`${A}cat.png`).response;
    assert.equal(worker.told.length, 1);
    await worker.clock.to(15_000);
    await worker.heldRequest(`${A}cat.png`).response;
    assert.equal(worker.told.length, 1);
  });

  for (const [name, first, second] of /** @type {[string, number?, number?][]} */ ([
    ['after', 10_000, undefined],
    ['before', undefined, 10_000],
  ]))
    test(`are told for good, if someone began to watch ${name} that look`, async () => {
      const worker = startWorker();
      worker.post(set(A, 'jwt-1'));
      look(worker, first);
      look(worker, second);
      await worker.clock.to(60_000);
      await worker.heldRequest(`${A}cat.png`).response;
      assert.equal(worker.told.length, 1);
    });

  test('are kept from the first on with debugging', async () => {
    const worker = startWorker({ query: '?debug=true' });
    worker.post(set(A, 'jwt-1'));
    await worker.heldRequest(`${A}cat.png`).response;
    assert.equal((await worker.stats(true)).decisions.length, 1);
  });

  test('the navigation that starts a worker is the first of them with debugging', async () => {
    const worker = startWorker({ query: '?debug=true' });
    worker.request('https://app.example/', { destination: 'document', client: '' });
    worker.request(CAT, { method: 'POST', mode: 'cors', destination: '' });
    await worker.clock.to(0);
    const { decisions } = await worker.stats(true);
    assert.deepEqual(
      decisions.map((/** @type {protocol.Decision} */ { url, rule }) => [url, rule]),
      [
        ['https://app.example/', 'fromOutside'],
        [CAT, 'method'],
      ],
    );
    assert.equal(worker.told[0][1].rule, 'fromOutside');
  });

  test('no token is in them', async () => {
    const page = new Page('tab', (_url, reply) =>
      reply({ realmURL: REALM, token: 'secret-1', tokens: { [REALM]: 'secret-2' } }),
    );
    const { worker } = await watched({ pages: [page], network: () => new Response('', { status: 401 }) });
    worker.post(set(A, 'secret-3'));
    const responses = [worker.heldRequest(CAT).response, worker.heldRequest(`${A}cat.png?token=secret-4`).response];
    await settled();
    await worker.clock.to(10_000);
    await Promise.all(responses);
    const text = JSON.stringify([await worker.stats(true), worker.told]);
    assert.match(text, /unauthorised/);
    assert.doesNotMatch(text, /secret/);
  });

  test('where there are no channels, requests get their responses all the same', async () => {
    const { worker } = await watched({
      globals: { BroadcastChannel: undefined },
      network: () => new Response('', { status: 403 }),
    });
    worker.post(set(A, 'jwt-1'));
    assert.equal((await worker.heldRequest(`${A}cat.png`).response).status, 403);
  });
});

test('counts of requests that got a token', async () => {
  const page = new Page('tab', (_url, reply) => reply(token('jwt-2', A)));
  const worker = startWorker({
    pages: [page],
    network: ({ url, headers }) => {
      if (url.endsWith('broken.png')) throw new TypeError('network');
      return new Response('', {
        status: headers.get('Authorization') === 'Bearer jwt-2' && !url.includes('never') ? 200 : 401,
      });
    },
  });
  worker.post(set(A, 'jwt-1'));
  await worker.heldRequest(`${A}cat.png`).response;
  await worker.heldRequest(`${A}never.png`).response;
  const { sent, retried, refused, failed, unauthorised } = await worker.stats();
  assert.deepEqual(
    { sent, retried, refused, failed, unauthorised },
    { sent: 3, retried: 1, refused: 2, failed: 0, unauthorised: 1 },
  );
  worker.request(`${A}broken.png`, { destination: '', mode: 'cors' });
  await settled();
  assert.equal((await worker.stats()).failed, 1);
});

test('counts of images, and of those that a page is shown a rejection for', async () => {
  const worker = startWorker({ network: ({ url }) => new Response('', { status: url.includes('never') ? 401 : 200 }) });
  worker.post(set(A, 'jwt-1'));
  await worker.heldRequest(`${A}cat.png`).response;
  await worker.heldRequest(`${A}cat.json`, { destination: '', mode: 'cors' }).response;
  await worker.heldRequest(`${A}never.json`, { destination: '', mode: 'cors' }).response;
  worker.request(`${A}never.png`);
  await settled();
  await worker.clock.to(10_000);
  const { images, imagesUnauthorised, unauthorised, refreshes } = await worker.stats();
  assert.deepEqual(
    { images, imagesUnauthorised, unauthorised, refreshes },
    { images: 2, imagesUnauthorised: 1, unauthorised: 2, refreshes: 0 },
  );
});

test('times until the responses, in classes', async () => {
  /** @type {((response: Response) => void)[]} */
  const responses = [];
  const worker = startWorker({ network: () => new Promise((resolve) => responses.push(resolve)) });
  worker.post(set(A, 'jwt-1'));
  for (const [name, at] of Object.entries({ a: 9, b: 10, c: 29, d: 3000 })) {
    worker.request(`${A}${name}.png`);
    await settled();
    await worker.clock.to(worker.clock.now + at);
    responses.pop()?.(new Response(''));
    await settled();
  }
  assert.deepEqual((await worker.stats()).times, [1, 2, 0, 0, 0, 0, 1]);
});

test('with decisions: how often each rule decided, and the places that are known', async () => {
  const { worker } = await watched();
  worker.post({ ...protocol.hello(['https://other.example/'], false, {}, ['https://open.example/p/']) });
  worker.post(set(A, 'jwt-1'));
  await worker.heldRequest(`${A}cat.png`).response;
  await worker.heldRequest(`${A}dog.png`).response;
  worker.request('https://open.example/p/a.png');
  worker.request(CAT, { method: 'POST', mode: 'cors', destination: '' });
  const { rules, places } = await worker.stats(true);
  assert.deepEqual(rules, { token: 2, publicRealm: 1, method: 1 });
  assert.equal(places, `r${A}\nhhttps://other.example\nh${new URL(A).origin}\nphttps://open.example/p/\n`);
  assert.equal((await worker.stats()).rules, undefined);
});

test('a page that is shown a rejection is told, with the realm and whether another token was tried', async () => {
  const page = new Page('tab', (_url, reply) => reply(token('jwt-2', A)));
  const worker = startWorker({ pages: [page], network: () => new Response('', { status: 401 }) });
  worker.post(set(A, 'jwt-1'));
  await worker.heldRequest(`${A}cat.png?sig=1`).response;
  await settled();
  assert.deepEqual(worker.told, [
    [
      'auth-service-worker',
      {
        type: 'unauthorised',
        requestURL: `${A}cat.png?…`,
        realmURL: A,
        retried: true,
        destination: 'image',
        clientId: 'tab',
      },
    ],
  ]);
});

test('a rejection is told with the realm whose token was sent, also if it is that of a presigned URL, which had none', async () => {
  const presigned = `${A}files/cat.png?X-Amz-Signature=s`;
  const worker = startWorker({
    network: () =>
      Object.defineProperties(new Response('', { status: 403 }), {
        redirected: { value: true },
        url: { value: presigned },
      }),
  });
  worker.post(set(A, 'jwt-1'));
  assert.equal((await worker.heldRequest(`${A}cat.png`).response).status, 403);
  assert.deepEqual(
    worker.sent.map(({ url, headers }) => [url, headers.get('Authorization')]),
    [
      [`${A}cat.png`, 'Bearer jwt-1'],
      [presigned, null],
    ],
  );
  await settled();
  assert.equal(worker.told[0][1].realmURL, A);
});
