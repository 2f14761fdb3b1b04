// Once the app has said all its tokens, nothing earlier comes back. Tests page.js as it is shipped.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import {
  brought,
  createCoreModule,
  FakeContainer,
  FakeServiceWorker2,
  later,
  navigatorOf,
  never,
  openWindow,
  OtherTabs,
  pass,
  received,
  settled,
  stopTime,
  storageOf,
  useLocks,
} from './page-platform.mjs';
import { A, B, CAT, clear, REALM, remove, set, sync, token } from './wire.mjs';
import { importShipped } from './package.mjs';

const { clearServiceWorkerTokens, registerAuthServiceWorker, syncAllTokensToServiceWorker, syncTokenToServiceWorker } =
  await importShipped('page.js');

/** @type {EventTarget} */
let view;
beforeEach(() => {
  stopTime();
  view = openWindow();
});

/** @typedef {import('./page-platform.mjs').Options} Options */
/** @typedef {import('./page-platform.mjs').Tokens} Tokens */

/** A page with a worker of version 2 in control, to which all has been said. @param {Options} options */
async function openPage(options) {
  const container = new FakeContainer();
  container.registration.scope = 'https://app.example/';
  const worker = new FakeServiceWorker2();
  container.control(worker);
  await registerAuthServiceWorker({ navigator: navigatorOf(container), createCoreModule, ...options });
  await pass(1000);
  received(worker);
  brought(worker);
  return { container, worker };
}

/** All that the worker has heard of tokens, in whatever message. @param {FakeServiceWorker2} worker */
const heard = (worker) => [...received(worker), ...brought(worker)];

/** The worker that the page registers next, since `Clear-Site-Data` has taken its registration away. @param {FakeContainer} container */
function nextWorkerOf(container) {
  const next = new FakeServiceWorker2();
  container.getRegistration = async () => undefined;
  container.controller = null;
  container.registration = Object.assign(new EventTarget(), {
    installing: null,
    waiting: null,
    active: next,
    scope: 'https://app.example/',
  });
  return next;
}

for (const [name, logout, said] of /** @type {[string, () => void, object][]} */ ([
  ['clear', () => clearServiceWorkerTokens(), clear],
  ['sync', () => syncAllTokensToServiceWorker({ [B]: 'next' }), sync({ [B]: 'next' })],
])) {
  describe(`after a ${name}`, () => {
    test("a read that another tab's change of storage began brings nothing", async () => {
      /** @type {() => Tokens | Promise<Tokens>} */
      let tokens = () => ({ [A]: 'a' });
      const { worker } = await openPage({ tokens: () => tokens() });
      tokens = later(500, { [A]: 'changed' });
      view.dispatchEvent(Object.assign(new Event('storage'), { key: 'x' }));
      await settled();
      logout();
      tokens = () => ({});
      await pass(60_000);
      assert.deepEqual(heard(worker), [said]);
    });

    test('nor the second look that it takes at what is missing', async () => {
      /** @type {Tokens} */
      let tokens = { [A]: 'a' };
      const { worker } = await openPage({ tokens: () => tokens });
      tokens = {};
      view.dispatchEvent(Object.assign(new Event('storage'), { key: 'x' }));
      await settled();
      logout();
      tokens = { [A]: 'a' };
      await pass(60_000);
      assert.deepEqual(heard(worker), [said]);
    });

    for (const [
      what,
      event,
    ] of /** @type {[string, (container: FakeContainer, worker: FakeServiceWorker2) => unknown][]} */ ([
      [
        'a return from the back/forward cache',
        () => view.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true })),
      ],
      ['a new worker', (container, worker) => container.control(worker)],
    ])) {
      test(`nor one that ${what} began`, async () => {
        /** @type {() => Tokens | Promise<Tokens>} */
        let tokens = () => ({});
        const { container, worker } = await openPage({ tokens: () => tokens() });
        tokens = later(500, { [A]: 'old' });
        event(container, worker);
        await settled();
        logout();
        tokens = () => ({});
        await pass(60_000);
        assert.deepEqual(heard(worker), [said]);
      });
    }

    test('an ask that waited for its reply brings nothing, into the reply or into what is repeated', async () => {
      /** @type {() => Tokens | Promise<Tokens>} */
      let tokens = () => ({});
      const { container, worker } = await openPage({ tokens: () => tokens() });
      tokens = later(130, { [REALM]: 'old' });
      const asked = await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
      worker.isDeaf = true;
      logout();
      tokens = () => ({});
      await pass(1500);
      assert.deepEqual(asked.replies.at(-1), {});
      for (const reply of asked.replies) assert.doesNotMatch(JSON.stringify(reply), /old/);
      for (const message of heard(worker)) assert.deepEqual(message, said);
    });

    test('a refresh that was begun serves no ask of the next user', async () => {
      const refreshes = [later(600, 'old'), later(600, 'new')];
      const { container, worker } = await openPage({
        tokens: () => ({}),
        realmOf: () => REALM,
        reauthenticate: () => refreshes.shift()?.(),
      });
      const first = await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
      logout();
      const second = await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
      await pass(2000);
      assert.deepEqual(first.replies.at(-1), {});
      assert.equal(second.replies.at(-1)?.token, 'new');
      assert.deepEqual(heard(worker), [said]);
    });

    test('nor does the back-off that follows it', async () => {
      const refreshes = [later(60, 'old'), later(600, 'old'), later(60, 'new')];
      const { container, worker } = await openPage({
        tokens: () => ({}),
        realmOf: () => REALM,
        reauthenticate: () => refreshes.shift()?.(),
      });
      await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
      await pass(100);
      await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
      logout();
      await pass(1000);
      const asked = await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
      await pass(100);
      assert.equal(asked.replies.at(-1)?.token, 'new');
    });

    test('nor when it comes late', async () => {
      const { container, worker } = await openPage({
        tokens: () => ({}),
        realmOf: () => REALM,
        reauthenticate: later(4000, 'old'),
      });
      await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
      await pass(3000);
      logout();
      await pass(60_000);
      assert.deepEqual(heard(worker), [said]);
    });

    test('no reply for a slow source comes from what the page held before', async () => {
      /** @type {() => Promise<Tokens>} */
      let tokens = later(200, { [REALM]: 'old' });
      const { container, worker } = await openPage({ tokens: () => tokens() });
      logout();
      tokens = later(600, {});
      const asked = await container.ask(CAT, { source: worker });
      await pass(4000);
      for (const reply of asked.replies) assert.doesNotMatch(JSON.stringify(reply), /old/);
    });

    test('nor does the page say what it held when it says that a reply will follow', async () => {
      const { container, worker } = await openPage({ tokens: later(200, { [REALM]: 'old' }) });
      const asked = await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
      logout();
      await pass(4000);
      assert.deepEqual(asked.replies, [{}]);
    });

    test('no refresh begins for an ask of before', async () => {
      /** @type {string[]} */
      const refreshed = [];
      const { container, worker } = await openPage({
        tokens: () => ({}),
        realmOf: later(300, REALM),
        reauthenticate: (realmURL) => void refreshed.push(realmURL),
      });
      const asked = await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
      logout();
      await pass(4000);
      assert.deepEqual([refreshed, asked.replies.at(-1)], [[], {}]);
    });

    test('a reauthenticate() that hangs for the previous user delays the next one by nothing', async (t) => {
      useLocks(t);
      /** @type {number[]} */
      const calls = [];
      const { container, worker } = await openPage({
        tokens: () => ({}),
        realmOf: () => REALM,
        reauthenticate: () => (calls.push(Date.now()), never()),
      });
      await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
      await pass(100);
      logout();
      const at = Date.now();
      await container.ask(CAT, { source: worker, reason: 'rejected', refresh: true });
      await pass(100);
      // The next tab gets its turn once the token may be in the storage.
      assert.deepEqual(calls.slice(1), [at + 50]);
    });

    test('no token is requested for a realm of another app on another origin', async () => {
      const other = 'https://other.example/realm/';
      /** @type {string[]} */
      const refreshed = [];
      const { container, worker } = await openPage({
        tokens: () => ({ [A]: 'a' }),
        reauthenticate: async (realmURL) => void refreshed.push(realmURL),
      });
      logout();
      await container.ask(`${other}1.png`, { source: worker, reason: 'expired', refresh: true, realmURL: other });
      await pass(4000);
      assert.deepEqual(refreshed, []);
    });

    test('nor one that waited for its turn among the tabs', async (t) => {
      /** @type {string[]} */
      const refreshed = [];
      const { navigator } = globalThis;
      t.after(() => Object.defineProperty(globalThis, 'navigator', { configurable: true, value: navigator }));
      let giveLock = () => {};
      const locks = {
        /** @param {string} _name @param {unknown} _options @param {() => unknown} take */
        request: (_name, _options, take) => new Promise((resolve) => (giveLock = () => resolve(take()))),
      };
      Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { locks } });
      const { container, worker } = await openPage({
        tokens: () => ({}),
        realmOf: () => REALM,
        reauthenticate: (realmURL) => void refreshed.push(realmURL),
      });
      await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
      logout();
      giveLock();
      await pass(4000);
      assert.deepEqual(refreshed, []);
    });
  });
}

describe('after the app has said all its tokens in another tab', () => {
  /** @param {string} old what the refresh on its way brings @param {number} ms when */
  async function refreshing(old, ms) {
    const refreshes = [later(ms, old), later(60, 'new')];
    const { container, worker } = await openPage({
      tokens: () => ({}),
      realmOf: () => REALM,
      reauthenticate: () => refreshes.shift()?.(),
    });
    const ask = () => container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
    const { replies } = await ask();
    return { worker, ask, replies };
  }

  test('a refresh that was begun brings nothing, also when it comes late', async () => {
    const { worker } = await refreshing('old', 4000);
    await pass(3000);
    await OtherTabs.say({ type: 'epoch-began' });
    await pass(60_000);
    assert.deepEqual(heard(worker), []);
  });

  test('what was not acknowledged is told again to no worker', async () => {
    /** @type {() => Promise<Tokens>} */
    let tokens = later(0, {});
    const { container, worker } = await openPage({ tokens: () => tokens() });
    worker.isDeaf = true;
    syncTokenToServiceWorker(REALM, 'old');
    await settled();
    received(worker);
    tokens = later(4000, {});
    await OtherTabs.say({ type: 'epoch-began' });
    await pass(2000);
    const next = new FakeServiceWorker2();
    container.control(next);
    await pass(60_000);
    assert.doesNotMatch(JSON.stringify([heard(worker), heard(next)]), /old/);
  });

  test('what was said before is told to no worker that is registered anew; what was said since is', async () => {
    for (const say of [
      () => syncTokenToServiceWorker(A, 'alice'),
      () => syncAllTokensToServiceWorker({ [A]: 'alice' }),
    ]) {
      const { container } = await openPage({ storage: storageOf(undefined) });
      say();
      await pass(1000);
      await OtherTabs.say({ type: 'epoch-began' });
      syncTokenToServiceWorker(REALM, 'bob');
      await pass(6000);
      const next = nextWorkerOf(container);
      syncTokenToServiceWorker(B, 'bob-too');
      await pass(2000);
      assert.deepEqual(heard(next), [set(B, 'bob-too'), set(REALM, 'bob'), { [REALM]: 'bob', [B]: 'bob-too' }]);
    }
  });

  test('nor does it reply to an ask', async () => {
    const { ask, replies } = await refreshing('old', 600);
    await OtherTabs.say({ type: 'epoch-began' });
    const next = await ask();
    await pass(2000);
    assert.deepEqual([replies.at(-1), next.replies.at(-1)?.token], [{}, 'new']);
  });
});

describe("after a token of another user, without a word on the last one's", () => {
  const [alice, aliceAgain, bob, bobAgain] = ['alice', 'alice-again', 'bob', 'bob-again'];

  /**
   * Alice's refresh is on its way when Bob's token comes. What becomes of her ask, of one that comes at once, and of one
   * that comes when her refresh is over?
   * @param {string} refreshed what hers brings
   * @param {(page: {view: EventTarget, tokens: Tokens}) => void} login of Bob
   */
  async function repliesAfter(refreshed, login) {
    const refreshes = [later(600, refreshed), later(600, bobAgain), later(600, bobAgain)];
    /** @type {Tokens} */
    const tokens = { [REALM]: alice };
    const { container, worker } = await openPage({
      tokens: () => tokens,
      realmOf: () => REALM,
      reauthenticate: () => refreshes.shift()?.(),
    });
    const ask = () => container.ask(CAT, { source: worker, reason: 'rejected', refresh: true });
    const asked = [await ask()];
    login({ view, tokens });
    await settled();
    asked.push(await ask());
    await pass(700);
    asked.push(await ask());
    await pass(700);
    return asked.map(({ replies }) => replies.at(-1)?.token);
  }

  for (const [how, login] of /** @type {[string, (page: {view: EventTarget, tokens: Tokens}) => void][]} */ ([
    ['the app says it', () => syncTokenToServiceWorker(REALM, bob)],
    [
      'another tab stores it',
      (page) => {
        page.tokens[REALM] = bob;
        page.view.dispatchEvent(Object.assign(new Event('storage'), { key: 'x' }));
      },
    ],
  ])) {
    test(`a refresh that was begun serves no ask: ${how}`, async () => {
      assert.deepEqual(await repliesAfter(aliceAgain, login), [bob, bobAgain, bobAgain]);
    });

    test(`nor does the back-off that follows it: ${how}`, async () => {
      assert.deepEqual(await repliesAfter(alice, login), [bob, bobAgain, bobAgain]);
    });
  }
});

test('no reply for what another tab has changed comes from what the page held', async () => {
  /** @type {() => Promise<Tokens>} */
  let tokens = later(200, { [REALM]: 'old' });
  const { container, worker } = await openPage({ tokens: () => tokens() });
  tokens = later(600, {});
  view.dispatchEvent(Object.assign(new Event('storage'), { key: 'x' }));
  const asked = await container.ask(CAT, { source: worker });
  await pass(4000);
  for (const reply of asked.replies) assert.doesNotMatch(JSON.stringify(reply), /old/);
});

test('nor is what was being read then', async () => {
  /** @type {() => Promise<Tokens>} */
  let tokens = later(0, {});
  const { container, worker } = await openPage({ tokens: () => tokens() });
  tokens = later(600, { [REALM]: 'old' });
  await container.ask(CAT, { source: worker });
  await pass(100);
  tokens = later(2000, {});
  view.dispatchEvent(Object.assign(new Event('storage'), { key: 'x' }));
  await pass(600);
  const asked = await container.ask(CAT, { source: worker });
  await pass(4000);
  for (const reply of asked.replies) assert.doesNotMatch(JSON.stringify(reply), /old/);
});

test('an unacknowledged removal repeats itself, and no list', async () => {
  /** @type {Tokens} */
  let tokens = { [A]: 'a', [B]: 'b' };
  const { worker } = await openPage({ tokens: () => tokens });
  worker.isDeaf = true;
  syncTokenToServiceWorker(A, undefined);
  tokens = {};
  await pass(1000);
  worker.isDeaf = false;
  await pass(60_000);
  assert.deepEqual(
    heard(worker).filter(({ type }) => type),
    [remove(A), remove(A), remove(A)],
  );
});

describe('while the worker acknowledges nothing, since its storage fails', () => {
  /** A page whose refresh stores a new token. The worker is deaf from `say` on. @param {() => void} say */
  async function pageThatSaid(say) {
    /** @type {Tokens} */
    const stored = { [REALM]: 'first' };
    const { container, worker } = await openPage({
      tokens: () => ({ ...stored }),
      realmOf: (url) => (url.href.startsWith(REALM) ? REALM : A),
      reauthenticate: async (realmURL) => (stored[realmURL] = 'refreshed'),
    });
    worker.isDeaf = true;
    say();
    received(worker);
    return { container, worker };
  }

  for (const [name, say, repeated] of /** @type {[string, () => void, object][]} */ ([
    ['a token is repeated as the new one', () => syncTokenToServiceWorker(REALM, 'first'), set(REALM, 'refreshed')],
    [
      'all tokens are repeated with the new one',
      () => syncAllTokensToServiceWorker({ [REALM]: 'first', [B]: 'b' }),
      sync({ [B]: 'b', [REALM]: 'refreshed' }),
    ],
    ['a logout is repeated with the new token', () => clearServiceWorkerTokens(), sync({ [REALM]: 'refreshed' })],
    ['a removal stays one', () => syncTokenToServiceWorker(REALM, undefined), remove(REALM)],
    ['a token of another realm is repeated alone', () => syncTokenToServiceWorker(B, 'b'), set(B, 'b')],
  ])) {
    test(`after a refresh, ${name}`, async () => {
      const { container, worker } = await pageThatSaid(say);
      const asked = await container.ask(CAT, { source: worker, reason: 'rejected', refresh: true, realmURL: REALM });
      await pass(4000);
      assert.equal(asked.replies.at(-1)?.token, 'refreshed');
      assert.deepEqual(received(worker), [repeated, repeated]);
    });
  }

  test('what the app says after the refresh is repeated', async () => {
    const { container, worker } = await pageThatSaid(() => syncTokenToServiceWorker(REALM, 'first'));
    await container.ask(CAT, { source: worker, reason: 'rejected', refresh: true, realmURL: REALM });
    syncTokenToServiceWorker(REALM, 'third');
    received(worker);
    await pass(4000);
    assert.deepEqual(received(worker), [set(REALM, 'third'), set(REALM, 'third')]);
  });

  test('so is what the app says while the refresh is on its way', async () => {
    const { container, worker } = await openPage({
      tokens: () => ({}),
      realmOf: () => REALM,
      reauthenticate: later(600, 'refreshed'),
    });
    worker.isDeaf = true;
    syncTokenToServiceWorker(REALM, 'first');
    await container.ask(CAT, { source: worker, reason: 'rejected', refresh: true });
    syncTokenToServiceWorker(REALM, 'second');
    await pass(900);
    received(worker);
    await pass(4000);
    assert.deepEqual(received(worker), [set(REALM, 'second'), set(REALM, 'second')]);
  });
});

test('what the app said while there was no worker outlasts a refresh that was on its way', async () => {
  const { container, worker } = await openPage({
    tokens: () => ({}),
    realmOf: () => REALM,
    reauthenticate: later(600, 'refreshed'),
  });
  await container.ask(CAT, { source: worker, reason: 'rejected', refresh: true });
  container.controller = container.registration.active = null;
  syncTokenToServiceWorker(REALM, 'said');
  await pass(900);
  const next = new FakeServiceWorker2();
  container.control(next);
  await settled();
  assert.deepEqual(heard(next), [set(REALM, 'said'), { [REALM]: 'said' }]);
});

describe('after the removal of one token', () => {
  test('a refresh that was begun brings it back no more when it comes late', async () => {
    const { container, worker } = await openPage({
      tokens: () => ({}),
      realmOf: () => REALM,
      reauthenticate: later(4000, 'old'),
    });
    await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
    await pass(3000);
    syncTokenToServiceWorker(REALM, undefined);
    await pass(60_000);
    assert.deepEqual(heard(worker), [remove(REALM)]);
  });

  for (const { ms, removedAt, isPaused = true } of [
    { ms: 600, removedAt: 400 },
    { ms: 4000, removedAt: 3000 },
    { ms: 8000, removedAt: 3000 },
    { ms: 4000, removedAt: 3000, isPaused: false },
  ]) {
    const pause = isPaused ? '' : ', even if a new token of another realm has ended the pause between refreshes';
    test(`a refresh of ${ms} ms that was begun brings nothing to an ask that comes after the removal${pause}`, async () => {
      let calls = 0;
      const { container, worker } = await openPage({
        tokens: () => ({}),
        realmOf: () => REALM,
        reauthenticate: () => (++calls === 1 ? later(ms, 'old')() : later(0, 'new')()),
      });
      const how = { source: worker, reason: /** @type {const} */ ('missing'), refresh: true };
      await container.ask(CAT, how);
      await pass(removedAt);
      syncTokenToServiceWorker(REALM, undefined);
      if (!isPaused) syncTokenToServiceWorker(B, 'b');
      const second = await container.ask(CAT, how);
      await pass(ms);
      assert.doesNotMatch(JSON.stringify([second.replies, heard(worker)]), /old/);
      const third = await container.ask(CAT, how);
      await pass(6000);
      const fourth = await container.ask(CAT, how);
      await pass(100);
      assert.match(JSON.stringify([third.replies, fourth.replies]), /new/);
    });
  }

  test('an ask that comes while a refresh removes the token gets what that refresh says', async () => {
    const { container, worker } = await openPage({
      tokens: () => ({}),
      realmOf: () => REALM,
      reauthenticate: async () => {
        syncTokenToServiceWorker(REALM, undefined);
        await later(300, undefined)();
        syncTokenToServiceWorker(REALM, 'new');
        return 'new';
      },
    });
    const how = { source: worker, reason: /** @type {const} */ ('missing'), refresh: true };
    await container.ask(CAT, how);
    const second = await container.ask(CAT, how);
    await pass(1000);
    assert.equal(second.replies.at(-1)?.token, 'new');
  });

  test('no reply for a slow source comes from what the page held before', async () => {
    /** @type {() => Promise<Tokens>} */
    let tokens = later(200, { [REALM]: 'old' });
    const { container, worker } = await openPage({ tokens: () => tokens() });
    syncTokenToServiceWorker(REALM, undefined);
    tokens = later(600, {});
    const asked = await container.ask(CAT, { source: worker });
    await pass(4000);
    for (const reply of asked.replies) assert.doesNotMatch(JSON.stringify(reply), /old/);
  });

  test('a worker that is registered anew is not told the reply to an ask of before', async () => {
    const { container, worker } = await openPage({
      tokens: () => ({}),
      realmOf: () => REALM,
      reauthenticate: later(600, 'old'),
    });
    await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
    syncTokenToServiceWorker(REALM, undefined);
    await pass(2000);
    received(worker);
    const next = nextWorkerOf(container);
    syncTokenToServiceWorker(B, 'b');
    await pass(2000);
    assert.doesNotMatch(JSON.stringify(heard(next)), /old/);
  });
});

describe('what the app says of a realm while its tokens are being read', () => {
  for (const [what, said] of /** @type {[string, string | undefined][]} */ ([
    ['replaced', 'bob'],
    ['removed', undefined],
  ])) {
    test(`counts in replies: the token is ${what}`, async () => {
      /** @type {() => Tokens | Promise<Tokens>} */
      let tokens = () => ({});
      const { container, worker } = await openPage({ tokens: () => tokens() });
      tokens = later(60, { [REALM]: 'alice', [A]: 'a' });
      const { replies } = await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
      const { replies: ofVersion1 } = await container.ask(CAT);
      await pass(30);
      syncTokenToServiceWorker(REALM, said);
      await pass(1000);
      assert.deepEqual(replies, [{ tokens: { ...(said && { [REALM]: said }), [A]: 'a' }, complete: true }]);
      assert.deepEqual(ofVersion1, [said ? token(said) : {}]);
    });
  }

  test('counts in the reply after a refresh, also if it is said while they are read once more', async () => {
    /** @type {() => Tokens | Promise<Tokens>} */
    let tokens = () => ({});
    const { container, worker } = await openPage({
      tokens: () => tokens(),
      realmOf: () => REALM,
      reauthenticate: later(60, 'fresh'),
    });
    tokens = later(90, { [REALM]: 'fresh' });
    const { replies } = await container.ask(CAT, { source: worker, reason: 'rejected', refresh: true });
    await pass(100);
    syncTokenToServiceWorker(REALM, 'bob');
    await pass(100);
    assert.deepEqual(replies.at(-1), { ...token('bob'), tokens: { [REALM]: 'bob' } });
  });

  describe('counts not against the refresh that has said it: that removes tokens and brings new ones', () => {
    /** @param {string} [refreshed] what the refresh returns */
    const openRemoving = (refreshed) => {
      /** @type {Tokens} */
      let tokens = { [REALM]: 'old', [A]: 'a' };
      return openPage({
        tokens: () => tokens,
        realmOf: () => REALM,
        async reauthenticate() {
          for (const realmURL of [REALM, A]) syncTokenToServiceWorker(realmURL, undefined);
          await later(60, undefined)();
          tokens = { ...(refreshed && { [REALM]: refreshed }), [A]: 'a-new' };
          return refreshed;
        },
      });
    };

    test('in the reply and in the list', async () => {
      const { container, worker } = await openRemoving('new');
      const { replies } = await container.ask(CAT, { source: worker, reason: 'rejected', refresh: true });
      await pass(100);
      assert.deepEqual(replies.at(-1), { ...token('new'), tokens: { [REALM]: 'new', [A]: 'a-new' } });
    });

    test('in the list, if there is no token', async () => {
      const { container, worker } = await openRemoving();
      const { replies } = await container.ask(CAT, { source: worker, reason: 'rejected', refresh: true });
      await pass(100);
      assert.deepEqual(replies.at(-1), { realmURL: REALM, tokens: { [A]: 'a-new' } });
    });

    test('in the reply to a worker of version 1', async () => {
      const { container } = await openRemoving('new');
      const { replies } = await container.ask(`${B}1.png`);
      await pass(100);
      assert.deepEqual(replies.at(-1), token('new'));
    });
  });
});

test('a token that was refreshed while it was read for a new worker is told to it as the new one', async () => {
  /** @type {() => Tokens | Promise<Tokens>} */
  let tokens = () => ({ [REALM]: 'old' });
  const { container } = await openPage({
    tokens: () => tokens(),
    realmOf: () => REALM,
    reauthenticate: later(60, 'new'),
  });
  tokens = later(500, { [REALM]: 'old' });
  const next = container.control(new FakeServiceWorker2());
  await container.ask(CAT, { source: next, reason: 'rejected', refresh: true });
  await pass(1000);
  assert.deepEqual(brought(next), [{ [REALM]: 'new' }]);
});

for (const [what, value, said] of /** @type {[string, string | undefined, object][]} */ ([
  ['has none', undefined, remove(REALM)],
  ['has the same', 'mine', set(REALM, 'mine')],
])) {
  test(`what the app says of a realm outlasts a read that began before, also when it says again that it ${what}`, async () => {
    /** @type {() => Tokens | Promise<Tokens>} */
    let tokens = () => ({});
    const { worker } = await openPage({ tokens: () => tokens() });
    syncTokenToServiceWorker(REALM, value);
    await pass(1000);
    tokens = later(200, { [REALM]: 'other' });
    view.dispatchEvent(Object.assign(new Event('storage'), { key: 'x' }));
    await pass(100);
    syncTokenToServiceWorker(REALM, value);
    await pass(60_000);
    assert.deepEqual(heard(worker), [said, said]);
  });
}

test('a page that returns from the back/forward cache repeats nothing of before: another user may have logged in meanwhile', async () => {
  /** @type {Tokens} */
  let tokens = {};
  const { container, worker } = await openPage({ tokens: () => tokens });
  worker.isDeaf = true;
  syncTokenToServiceWorker(REALM, 'old');
  await settled();
  received(worker);
  tokens = { [REALM]: 'new' };
  view.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  const asked = await container.ask(CAT, { source: worker });
  await pass(60_000);
  assert.deepEqual(heard(worker), [{ [REALM]: 'new' }]);
  assert.equal(asked.replies.at(-1)?.tokens[REALM], 'new');
});

test('nor does it reply with what it held', async () => {
  /** @type {() => Promise<Tokens>} */
  let tokens = later(200, { [REALM]: 'old' });
  const { container, worker } = await openPage({ tokens: () => tokens() });
  tokens = later(600, {});
  view.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  const asked = await container.ask(CAT, { source: worker });
  await pass(4000);
  for (const reply of asked.replies) assert.doesNotMatch(JSON.stringify(reply), /old/);
});

test('a prerendered page tells the worker nothing until it is shown: Chromium would keep it until then, and a logout may come between', async (t) => {
  const document = Object.assign(new EventTarget(), {
    defaultView: { Image: class {} },
    prerendering: true,
    querySelectorAll: () => [],
    styleSheets: [],
  });
  const MutationObserver = class {
    observe() {}
  };
  Object.assign(globalThis, { document, MutationObserver, window: view });
  t.after(() => ['document', 'MutationObserver', 'window'].forEach((name) => Reflect.deleteProperty(globalThis, name)));
  /** @type {Tokens} */
  let tokens = { [A]: 'old' };
  const container = new FakeContainer();
  const worker = new FakeServiceWorker2();
  container.control(worker);
  await registerAuthServiceWorker({ navigator: navigatorOf(container), createCoreModule, tokens: () => tokens });
  syncTokenToServiceWorker(B, 'b');
  await pass(5000);
  assert.deepEqual([worker.hellos, worker.received], [[], []]);
  tokens = {};
  document.prerendering = false;
  document.dispatchEvent(new Event('prerenderingchange'));
  await pass(1000);
  assert.deepEqual(heard(worker), [set(B, 'b'), { [B]: 'b' }]);
});

test('a page with an <img name="prerendering"> is not prerendered', async (t) => {
  const document = Object.assign(new EventTarget(), {
    prerendering: { localName: 'img' },
    querySelectorAll: () => [],
  });
  const MutationObserver = class {
    observe() {}
  };
  Object.assign(globalThis, { document, MutationObserver, window: view });
  t.after(() => ['document', 'MutationObserver', 'window'].forEach((name) => Reflect.deleteProperty(globalThis, name)));
  const container = new FakeContainer();
  const worker = new FakeServiceWorker2();
  container.control(worker);
  await registerAuthServiceWorker({
    navigator: navigatorOf(container),
    createCoreModule,
    tokens: () => ({ [A]: 'a' }),
  });
  await settled();
  assert.deepEqual(heard(worker), [{ [A]: 'a' }]);
});

test('a refresh that fails is not repeated at once, though the app removes tokens meanwhile, as Boxel does', async () => {
  let calls = 0;
  /** @type {string | undefined} */
  let fresh;
  const { container, worker } = await openPage({
    tokens: () => ({}),
    realmOf: () => REALM,
    reauthenticate: async () => {
      calls++;
      return fresh;
    },
  });
  const ask = async () => {
    const asked = await container.ask(CAT, { source: worker, reason: 'missing', refresh: true });
    await pass(100);
    return asked.replies.at(-1)?.token;
  };
  await ask();
  for (const realm of [REALM, B]) syncTokenToServiceWorker(realm, undefined);
  await ask();
  assert.equal(calls, 1);
  fresh = 'fresh';
  syncTokenToServiceWorker(B, 'of a login');
  assert.equal(await ask(), undefined, 'that is no token: it has spaces');
  syncTokenToServiceWorker(B, 'of-a-login');
  assert.equal(await ask(), 'fresh');
  assert.equal(calls, 2);
});
