// The shipped worker asks its pages for tokens: whom, when, and for how long a request waits.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authorizations, Page, settled, startWorker, trappingIn } from './service-worker.mjs';
import { CAT, clear, PENDING, REALM, set, token } from './wire.mjs';

describe('asking the page', () => {
  const onSeedHost = (/** @type {Page[]} */ ...pages) => {
    const worker = startWorker({ pages });
    worker.post(set('http://localhost:4201/seed/', 'seed'));
    return worker;
  };
  /** @returns {import('./service-worker.mjs').Reply} */
  const replying = (/** @type {string} */ realmURL, /** @type {string} */ token) => (_url, post) =>
    post({ realmURL, token });

  test('a miss on a known host asks once, uses the token and keeps it', async () => {
    const page = new Page('tab', replying(REALM, 'late'));
    const worker = onSeedHost(page);
    await worker.heldRequest(CAT).response;
    await worker.heldRequest(CAT).response;
    assert.deepEqual(page.asked, [{ type: 'request-realm-token', requestURL: CAT }]);
    assert.deepEqual(authorizations(worker), ['Bearer late', 'Bearer late']);
  });

  test('many misses of one origin share one ask', async () => {
    let release = () => {};
    const page = new Page('tab', (_url, post) => (release = () => post({ realmURL: REALM, token: 'late' })));
    const worker = onSeedHost(page);
    const responses = [1, 2, 3, 1].map((n) => worker.heldRequest(`${REALM}${n}.png`).response);
    await settled();
    assert.equal(page.asked.length, 1);
    release();
    await Promise.all(responses);
    assert.deepEqual(authorizations(worker), Array(4).fill('Bearer late'));
  });

  test('a page without a token: the request goes out as the browser made it', async () => {
    const worker = onSeedHost(new Page('tab', (_url, post) => post({})));
    const { request, response } = worker.heldRequest(CAT);
    await response;
    assert.equal(worker.sent[0], request);
  });

  test('cold: the page is asked, and its host is known from then on', async () => {
    const worker = startWorker({ pages: [new Page('tab', replying(REALM, 'late'))] });
    await worker.heldRequest(CAT).response;
    assert.deepEqual(authorizations(worker), ['Bearer late']);
    assert.equal((await worker.stats()).hosts, 1);
  });

  test('cold: scripts, styles and navigations are not held', async () => {
    const worker = startWorker({ pages: [new Page('tab')] });
    // With the core comes what earlier lives saved: nothing.
    worker.post({});
    await settled();
    for (const destination of ['script', 'style', 'font', 'worker', 'manifest', 'document'])
      assert.equal(worker.request(CAT, { destination }), 'left alone', destination);
  });

  test('cold without any page: falls through', async () => {
    const worker = startWorker();
    // With the core comes what earlier lives saved: nothing.
    worker.post({});
    await settled();
    const { request, response } = worker.heldRequest(CAT);
    await response;
    assert.equal(worker.sent[0], request);
  });

  test('a page that never replies costs 200 ms, once', async () => {
    const page = new Page('tab');
    const worker = onSeedHost(page);
    worker.request(CAT);
    await worker.clock.to(199);
    assert.equal(worker.sent.length, 0);
    await worker.clock.to(200);
    assert.deepEqual(authorizations(worker), [null]);
    assert.equal(worker.request(`${REALM}2.png`), 'left alone');
    assert.equal(page.asked.length, 1);
  });

  for (const [word, reply] of /** @type {[string, object | undefined][]} */ ([
    ['a word', undefined],
    ['more than a pending', PENDING],
  ])) {
    test(`a page that is too busy to say ${word} for 11 s is asked again once it has replied`, async () => {
      /** @type {((reply: object) => void)[]} */
      const replies = [];
      const page = new Page('tab', (_url, post) => replies.push(post));
      const worker = onSeedHost(page);
      worker.request(CAT);
      await settled();
      if (reply) replies[0](reply);
      await worker.clock.to(11_000);
      assert.equal(worker.request(`${REALM}2.png`), 'left alone');
      replies[0](token('too-late'));
      await settled();
      const { response } = worker.heldRequest(`${REALM}3.png`);
      await settled();
      assert.equal(page.asked.length, 2);
      replies[1](token('in-time'));
      await response;
      assert.deepEqual(authorizations(worker), [null, 'Bearer in-time']);
    });
  }

  test('256 ports at most wait for late replies, none of them for another core', async () => {
    /** @type {number[]} */
    const closed = [];
    let last = 0;
    class Channel {
      constructor() {
        const number = ++last;
        this.port1 = { close: () => closed.push(number) };
      }
    }
    let fails = false;
    const worker = startWorker({
      pages: [new Page('tab')],
      globals: { MessageChannel: Channel },
      wrapCore: trappingIn('message', () => fails),
    });
    for (let i = 0; i < 258; i++) {
      const { response } = worker.heldRequest(CAT);
      await settled();
      worker.post(clear);
      await response;
    }
    assert.equal(last, 258);
    assert.deepEqual(closed, [1, 2]);
    fails = true;
    worker.post({});
    assert.equal(closed.length, 258);
  });

  test('pending, then a token', async () => {
    let finish = () => {};
    const page = new Page('tab', (_url, post) => {
      post({ type: 'pending' });
      finish = () => post({ realmURL: REALM, token: 'refreshed' });
    });
    const worker = onSeedHost(page);
    const { response } = worker.heldRequest(CAT);
    await worker.clock.to(1500);
    assert.equal(worker.sent.length, 0);
    finish();
    await response;
    assert.deepEqual(authorizations(worker), ['Bearer refreshed']);
  });

  test('pending, then silence: 3000 ms', async () => {
    const worker = onSeedHost(new Page('tab', (_url, post) => post({ type: 'pending' })));
    worker.request(CAT);
    await worker.clock.to(2999);
    assert.equal(worker.sent.length, 0);
    await worker.clock.to(3000);
    assert.deepEqual(authorizations(worker), [null]);
  });

  test('after 50 ms without a word the next page is asked too', async () => {
    const other = new Page('other', replying(REALM, 'from-the-other'));
    const worker = onSeedHost(new Page('tab'), other);
    const { response } = worker.heldRequest(CAT);
    await worker.clock.to(49);
    assert.equal(other.asked.length, 0);
    await worker.clock.to(50);
    await response;
    assert.deepEqual(authorizations(worker), ['Bearer from-the-other']);
  });

  test('a token that arrives as a message settles the requests that wait for it', async () => {
    const worker = onSeedHost(new Page('tab'));
    const { response } = worker.heldRequest(CAT);
    await settled();
    worker.post(set(REALM, 'pushed'));
    await response;
    assert.deepEqual(authorizations(worker), ['Bearer pushed']);
  });

  test('logging out settles them at once, and an older reply no longer counts', async () => {
    let finish = () => {};
    const page = new Page('tab', (_url, post) => (finish = () => post({ realmURL: REALM, token: 'old-user' })));
    const worker = onSeedHost(page);
    const { response } = worker.heldRequest(CAT);
    await settled();
    worker.post({ type: 'clear-tokens' });
    await response;
    finish();
    await settled();
    assert.deepEqual(authorizations(worker), [null]);
    assert.equal((await worker.stats()).realms, 0);
  });

  test('a reply whose realm does not cover the URL is refused', async () => {
    const worker = onSeedHost(new Page('tab', replying('http://localhost:4201/other/', 'other')));
    await worker.heldRequest(CAT).response;
    assert.deepEqual(authorizations(worker), [null]);
    assert.equal((await worker.stats()).realms, 1);
    assert.match(worker.warnings[0], /does not cover .* Return from realmOf\(\) a realm that the URL begins with\./);
  });

  test('a page that cannot be reached is no reason to wait', async () => {
    const page = new Page('tab');
    page.postMessage = () => {
      throw new Error('gone');
    };
    const worker = onSeedHost(page);
    const { response } = worker.heldRequest(CAT);
    await response;
    assert.deepEqual(authorizations(worker), [null]);
  });

  test('a look-up that fails is no reason to wait', async () => {
    const worker = startWorker({ globals: { clients: { matchAll: () => Promise.reject(new Error('no')) } } });
    await worker.heldRequest(CAT).response;
    assert.deepEqual(authorizations(worker), [null]);
  });

  test('nothing is left over: no timer, no waiter, no ask', async () => {
    const worker = onSeedHost(new Page('tab', replying(REALM, 'late')));
    await worker.heldRequest(CAT).response;
    await Promise.all(worker.lifetimes);
    const { waiters, asks } = await worker.stats();
    assert.deepEqual({ waiters, asks, timers: worker.clock.timers }, { waiters: 0, asks: 0, timers: 0 });
  });
});
