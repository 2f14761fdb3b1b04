// Version 2 of the wire, as the shipped worker speaks it, and the hosts it keeps between its lives.
import { IDBFactory } from 'fake-indexeddb';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { claim, clearTokens, hello, setRealmToken } from '../../js/protocol.js';
import { authorizations, Page, resultOf, settled, startWorker } from './service-worker.mjs';
import { CAT, REALM } from './wire.mjs';

const VIDEO = 'http://localhost:4201/videos/video.webm';
/** A JWT of 1970. */
const expired = 'eyJhbGciOiJub25lIn0.eyJleHAiOjF9.x';
const STRANGER = 'https://cdn.example.com/image.png';

/**
 * Posts a message with a port. Returns the replies on it, in order, so far.
 * @param {import('./service-worker.mjs').Worker} worker
 * @param {object} message
 * @param {object | null} source
 */
async function post(worker, message, source = null) {
  const { port1, port2 } = new MessageChannel();
  /** @type {object[]} */
  const replies = [];
  port1.onmessage = ({ data }) => replies.push(data);
  worker.post(message, source, [port2]);
  await settled();
  port1.close();
  return replies;
}

describe('replies to messages', () => {
  test('a hello', async () => {
    assert.deepEqual(await post(startWorker(), hello([], false)), [
      { type: 'hello', minProtocol: 1, maxProtocol: 2, build: '0.1.0', asksToRefresh: true },
    ]);
  });

  test('token messages are acknowledged', async () => {
    const worker = startWorker();
    assert.deepEqual(await post(worker, setRealmToken(REALM, 'jwt-1')), [{ type: 'ack' }]);
    assert.deepEqual(await post(worker, clearTokens()), [{ type: 'ack' }]);
  });

  test('a claim, once the worker is in control', async () => {
    let finish = () => {};
    /** @type {Promise<void>} */
    const claimed = new Promise((resolve) => (finish = resolve));
    const worker = startWorker({ globals: { clients: { claim: () => claimed } } });
    /** @type {object[]} */
    const replies = [];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => replies.push(data);
    worker.post(claim(), null, [port2]);
    await settled();
    assert.deepEqual(replies, []);
    finish();
    await settled();
    port1.close();
    assert.deepEqual(replies, [{ type: 'ack' }]);
  });

  test('a claim that fails is not acknowledged, what follows is', async () => {
    const worker = startWorker({ globals: { clients: { claim: () => Promise.reject(new Error('not active')) } } });
    assert.deepEqual(await post(worker, claim()), []);
    assert.deepEqual(await post(worker, clearTokens()), [{ type: 'ack' }]);
  });

  test('what nobody understands gets no reply', async () => {
    assert.deepEqual(await post(startWorker(), { type: 'of some other library' }), []);
  });
});

describe('asks', () => {
  test('are exactly those of version 1 until the page says hello', async () => {
    const page = new Page('tab');
    const worker = startWorker({ pages: [page] });
    worker.request(CAT);
    await settled();
    await worker.clock.to(200);
    worker.post(hello(['http://localhost:4201'], false), page);
    worker.request(CAT);
    await settled();
    assert.deepEqual(page.asked, [
      { type: 'request-realm-token', requestURL: CAT },
      { type: 'request-realm-token', requestURL: CAT, protocol: 2, reason: 'missing', refresh: false },
    ]);
  });

  test('to refresh, where none of the tokens helps; named with the realm, once the worker knows it', async () => {
    const page = new Page('tab', (_url, reply) =>
      reply(page.asked.at(-1)?.refresh ? { realmURL: REALM, token: 'jwt-2' } : { tokens: {}, refresh: true }),
    );
    const worker = startWorker({ pages: [page] });
    worker.post(hello(['http://localhost:4201'], false), page);
    await worker.heldRequest(CAT).response;
    worker.post(setRealmToken(REALM, expired), page);
    await worker.clock.to(2000);
    await worker.heldRequest(CAT).response;
    assert.deepEqual(authorizations(worker), ['Bearer jwt-2', 'Bearer jwt-2']);
    assert.deepEqual(
      page.asked.map(({ reason, refresh, realmURL }) => [reason, refresh, realmURL]),
      [
        ['missing', false, undefined],
        ['missing', true, undefined],
        ['expired', false, REALM],
        ['expired', true, REALM],
      ],
    );
  });

  for (const [reason, network] of /** @type {[string, () => Response][]} */ ([
    ['rejected', () => new Response('', { status: 401 })],
    ['unreachable', () => assert.fail('a network error')],
  ]))
    test(`what the response was: ${reason}`, async () => {
      const page = new Page('tab', (_url, reply) =>
        reply(page.asked.at(-1)?.refresh ? {} : { tokens: {}, refresh: true }),
      );
      const worker = startWorker({ pages: [page], network });
      worker.post(hello(['http://localhost:4201'], false, { [REALM]: 'jwt-1' }), page);
      await worker.heldRequest(CAT).response.catch(() => {});
      assert.deepEqual(
        page.asked.map(({ reason, refresh }) => [reason, refresh]),
        [
          [reason, false],
          [reason, true],
        ],
      );
    });

  test('one serves three realms, when the page tells all its tokens', async () => {
    const page = new Page('tab', (_url, reply) =>
      reply({ realmURL: REALM, token: 'jwt-1', tokens: { 'HTTP://localhost:4201/videos': 'jwt-2' } }),
    );
    const worker = startWorker({ pages: [page] });
    const responses = [worker.heldRequest(CAT).response, worker.heldRequest(VIDEO, { destination: 'video' }).response];
    await Promise.all(responses);
    assert.deepEqual(authorizations(worker).sort(), ['Bearer jwt-1', 'Bearer jwt-2']);
    assert.equal(page.asked.length, 1);
  });
});

describe('a laptop that has slept for 8 h, while its worker lived on', () => {
  const HOUR = 3_600_000;
  /** A JWT that expires at 1 o'clock. The tests begin at midnight. */
  const untilOne = 'eyJhbGciOiJub25lIn0.eyJleHAiOjM2MDB9.x';

  test('sends no token that has expired meanwhile: a server that responds to it with 403 would cause no refresh', async () => {
    const page = new Page('tab', (_url, reply) =>
      reply(page.asked.at(-1)?.refresh ? { realmURL: REALM, token: 'fresh' } : { tokens: {}, refresh: true }),
    );
    const worker = startWorker({
      pages: [page],
      network: ({ headers }) =>
        new Response('', { status: headers.get('Authorization') === 'Bearer fresh' ? 200 : 403 }),
    });
    worker.post(hello(['http://localhost:4201'], false, { [REALM]: untilOne }), page);
    await worker.clock.to(1000);
    worker.clock.slept = 8 * HOUR;
    assert.equal((await worker.heldRequest(CAT).response).status, 200);
    assert.deepEqual(authorizations(worker), ['Bearer fresh']);
    assert.equal(page.asked[0].reason, 'expired');
  });

  test('releases at its next event what has waited for a token', async () => {
    const page = new Page('tab');
    const worker = startWorker({ pages: [page] });
    worker.post(hello(['http://localhost:4201'], false), page);
    worker.request(CAT);
    await settled();
    assert.deepEqual(worker.sent, []);
    worker.clock.slept = 8 * HOUR;
    worker.post({ type: 'stats' });
    await settled();
    assert.deepEqual(authorizations(worker), [null]);
  });

  test('its time never runs backwards, also where the clock of the machine is set back by an hour', async () => {
    /** @type {number[]} */
    const times = [];
    const worker = startWorker({
      wrapCore: (createCoreModule) => () => {
        const module = createCoreModule();
        const { prototype } = module.AuthCore;
        const { message } = prototype;
        prototype.message = function (id, client, text, now) {
          times.push(now);
          return message.call(this, id, client, text, now);
        };
        return module;
      },
    });
    for (const [at, slept] of [
      [1000, 0],
      [2000, 8 * HOUR],
      [3000, 7 * HOUR],
      [4000, 8 * HOUR],
    ]) {
      await worker.clock.to(at);
      worker.clock.slept = slept;
      worker.post(setRealmToken(REALM, 'jwt-1'));
    }
    assert.deepEqual(times, [1000, 8 * HOUR + 2000, 8 * HOUR + 3000, 8 * HOUR + 4000]);
  });
});

describe('the hosts', () => {
  const life = (/** @type {Pick<IDBFactory, 'open'>} */ indexedDB, page = new Page('tab')) =>
    startWorker({ pages: [page], globals: { indexedDB } });

  test('a restarted worker asks for them only, from its first request on', async () => {
    const indexedDB = new IDBFactory();
    life(indexedDB).post(setRealmToken(REALM, 'jwt-1'));
    await settled();
    await new Promise((resolve) => setTimeout(resolve, 50)); // fake-indexeddb's own pace
    const page = new Page('tab', (_url, reply) => reply({ realmURL: REALM, token: 'jwt-1' }));
    const worker = life(indexedDB, page);
    const [stranger, cat] = [worker.heldRequest(STRANGER), worker.heldRequest(CAT)];
    await Promise.all([stranger.response, cat.response]);
    assert.deepEqual(
      page.asked.map(({ requestURL }) => requestURL),
      [CAT],
    );
    assert.equal(worker.sent[0], stranger.request);
    assert.deepEqual(authorizations(worker), [null, 'Bearer jwt-1']);
  });

  test('no token is at rest', async () => {
    const indexedDB = new IDBFactory();
    const worker = life(indexedDB);
    worker.post(setRealmToken(REALM, 'secret-1'));
    await settled();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [state, ...others] = await contents(indexedDB);
    assert.deepEqual(others, ['?']);
    assert.match(state, /localhost:4201/);
    assert.doesNotMatch(state, /secret/);
  });

  test('a store that hangs costs a first ask 50 ms', async () => {
    const page = new Page('tab');
    const worker = life({ open: () => /** @type {any} */ ({}) }, page);
    worker.request(CAT);
    await worker.clock.to(49);
    assert.equal(page.asked.length, 0);
    await worker.clock.to(50);
    assert.equal(page.asked.length, 1);
  });
});

/** Everything in every store of every database. @param {IDBFactory} indexedDB */
async function contents(indexedDB) {
  const all = [];
  for (const { name = '' } of await indexedDB.databases()) {
    const database = await resultOf(indexedDB.open(name));
    for (const store of database.objectStoreNames)
      all.push(...(await resultOf(database.transaction(store).objectStore(store).getAll())));
  }
  return all;
}
