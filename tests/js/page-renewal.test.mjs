// Tokens that are about to expire are refreshed before an image needs them, by the tab in front.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { clearServiceWorkerTokens, syncTokenToServiceWorker } from '../../js/page/index.js';
import {
  FakeContainer,
  FakeServiceWorker2,
  jwt,
  later,
  openPage,
  openWindow,
  OtherTabs,
  pass,
  received,
  settled,
  START,
  stopTime,
} from './page-platform.mjs';
import { A, B, clear, REALM, remove, set } from './wire.mjs';

/** @type {EventTarget} */
let view;
beforeEach(() => {
  stopTime();
  view = openWindow();
});

/**
 * A page with tokens; the times of its refreshes in ms, with their realms. `front.is`: whether it is in front.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} tokens
 * @param {import('./page-platform.mjs').Options} options
 */
async function open(t, tokens, options = {}) {
  /** @type {[at: number, realmURL: string][]} */
  const refreshed = [];
  const worker = new FakeServiceWorker2();
  const container = new FakeContainer();
  container.control(worker);
  const front = { is: true };
  /** @satisfies {import('./page-platform.mjs').Options} */
  const page = {
    refreshesBeforeExpiry: true,
    tokens: () => tokens,
    reauthenticate: async () => jwt((Date.now() - START) / 1000 + 60),
    ...options,
  };
  await openPage(
    {
      ...page,
      reauthenticate(realmURL, cause) {
        refreshed.push([Date.now() - START, realmURL]);
        return page.reauthenticate(realmURL, cause);
      },
    },
    container,
  );
  const document = {
    get visibilityState() {
      return front.is ? 'visible' : 'hidden';
    },
    hasFocus: () => front.is,
  };
  Object.assign(globalThis, { document });
  t.after(() => Reflect.deleteProperty(globalThis, 'document'));
  view.dispatchEvent(new Event('focus'));
  await settled();
  received(worker);
  return { refreshed, worker, front };
}

test('10 s before the end; the new token is told to the worker, and renewed in its turn', async (t) => {
  const { refreshed, worker } = await open(t, { [REALM]: jwt(60), [A]: 'opaque' });
  await pass(49_990);
  assert.deepEqual(refreshed, []);
  await pass(10);
  assert.deepEqual(refreshed, [[50_000, REALM]]);
  assert.deepEqual(received(worker), [set(REALM, jwt(110))]);
  await pass(50_000);
  assert.deepEqual(refreshed, [
    [50_000, REALM],
    [100_000, REALM],
  ]);
});

test('for none of the reasons of an ask', async (t) => {
  /** @type {object[]} */
  const causes = [];
  await open(t, { [REALM]: jwt(60) }, { reauthenticate: (_realmURL, cause) => void causes.push(cause) });
  await pass(50_000);
  assert.deepEqual(causes, [{ reason: undefined }]);
});

test('after two thirds of a token that lasts less than 30 s', async (t) => {
  const { refreshed } = await open(t, { [REALM]: jwt(3) });
  await pass(1990);
  assert.deepEqual(refreshed, []);
  await pass(20);
  assert.deepEqual(refreshed, [[2000, REALM]]);
});

test('with the token that another tab has stored just before: no login', async (t) => {
  const tokens = { [REALM]: jwt(60) };
  const { refreshed, worker } = await open(t, tokens);
  await pass(49_990);
  tokens[REALM] = jwt(110);
  await pass(10);
  assert.deepEqual(refreshed, []);
  assert.deepEqual(received(worker), [set(REALM, jwt(110))]);
});

test('not with a stored token that ends sooner', async (t) => {
  const tokens = { [REALM]: jwt(60) };
  const { refreshed } = await open(t, tokens);
  tokens[REALM] = jwt(20);
  await pass(50_000);
  assert.deepEqual(refreshed, [[50_000, REALM]]);
});

test('each realm for itself, with tokens that are said later, too', async (t) => {
  const { refreshed } = await open(t, { [REALM]: jwt(60), [B]: jwt(600) });
  syncTokenToServiceWorker(B, jwt(40));
  await pass(50_000);
  assert.deepEqual(refreshed, [
    [30_000, B],
    [50_000, REALM],
  ]);
});

test('also after the app has said all its tokens in another tab, if the token is still there', async (t) => {
  /** @type {() => any} */
  let read = () => ({ [REALM]: jwt(60), [A]: jwt(500) });
  const { refreshed } = await open(t, {}, { tokens: () => read() });
  await pass(1000);
  read = later(200, { [REALM]: jwt(60), [A]: jwt(600) });
  await OtherTabs.say({ type: 'epoch-began' });
  await pass(55_000);
  assert.deepEqual(refreshed, [[50_000, REALM]]);
});

describe("the app's tokens are read", () => {
  const tokens = { [REALM]: jwt(600), [A]: jwt(700), [B]: jwt(800) };
  for (const { how, isSlow, expected } of [
    // Pushed, and looked at: once for all realms.
    { how: 'once for all realms, when a token is new', isSlow: false, expected: [2, 0, 1] },
    { how: 'once where that takes time', isSlow: true, expected: [1, 0, 0] },
  ]) {
    test(how, async (t) => {
      let reads = 0;
      const read = () => {
        reads++;
        return isSlow ? Promise.resolve(tokens) : tokens;
      };
      /** @type {number[]} */
      const counts = [];
      const count = () => counts.push(reads) && (reads = 0);
      await open(t, {}, { tokens: /** @type {() => Record<string, string>} */ (read) });
      count();
      view.dispatchEvent(new Event('focus'));
      await settled();
      count();
      syncTokenToServiceWorker(B, jwt(900));
      await settled();
      count();
      assert.deepEqual(counts, expected);
    });
  }
});

describe('not', () => {
  /** @type {Record<string, [Record<string, string>, import('./page-platform.mjs').Options]>} */
  const cases = {
    'without the option': [{ [REALM]: jwt(60) }, { refreshesBeforeExpiry: false }],
    'when nobody is logged in': [{ [REALM]: jwt(60) }, { isLoggedIn: () => false }],
    'when the app does not know': [
      { [REALM]: jwt(60) },
      {
        isLoggedIn: () => {
          throw new Error('boom');
        },
      },
    ],
    'a token that has expired: an image asks for it if it needs one': [{ [REALM]: jwt(-1) }, {}],
    'a token that does not tell when it expires': [{ [REALM]: 'a.b.c', [A]: 'opaque', [B]: 'a.bnVsbA.c' }, {}],
  };
  for (const [name, [tokens, options]] of Object.entries(cases)) {
    test(name, async (t) => {
      const { refreshed } = await open(t, tokens, options);
      await pass(70_000);
      assert.deepEqual(refreshed, []);
    });
  }

  test('by a tab that is not in front; when it comes to the front, what is due then', async (t) => {
    const { refreshed, front } = await open(t, { [REALM]: jwt(60), [A]: jwt(30) });
    front.is = false;
    await pass(55_000);
    assert.deepEqual(refreshed, []);
    front.is = true;
    view.dispatchEvent(new Event('focus'));
    await settled();
    assert.deepEqual(refreshed, [[55_000, REALM]]);
  });

  test('a second time for a token whose refresh brought nothing', async (t) => {
    const { refreshed } = await open(t, { [REALM]: jwt(60) }, { reauthenticate: async () => undefined });
    await pass(60_000);
    view.dispatchEvent(new Event('focus'));
    await pass(60_000);
    assert.deepEqual(refreshed, [[50_000, REALM]]);
  });

  test('after a logout', async (t) => {
    const { refreshed, worker } = await open(t, { [REALM]: jwt(60) });
    await pass(40_000);
    clearServiceWorkerTokens();
    await pass(60_000);
    assert.deepEqual(refreshed, []);
    assert.deepEqual(received(worker), [clear]);
  });

  for (const [how, tokens] of /** @type {[string, () => any][]} */ ([
    ['says none', () => ({})],
    ['throws', () => assert.fail('nobody is logged in')],
    ['rejects', async () => assert.fail('nobody is logged in')],
    ['hangs', () => new Promise(() => {})],
  ]))
    test(`after a logout in another tab, whose tokens() then ${how}`, async (t) => {
      /** @type {() => any} */
      let read = () => ({ [A]: jwt(60) });
      const { refreshed, worker } = await open(t, {}, { tokens: () => read() });
      read = tokens;
      await OtherTabs.say({ type: 'epoch-began' });
      await pass(60_000);
      assert.deepEqual(refreshed, []);
      assert.doesNotMatch(JSON.stringify(received(worker)), /token":/);
    });

  test('after a logout in another tab, if the app has said the token itself', async (t) => {
    /** @type {() => any} */
    let read = () => ({ [REALM]: jwt(500) });
    const { refreshed } = await open(t, {}, { tokens: () => read() });
    read = async () => ({});
    syncTokenToServiceWorker(REALM, jwt(60));
    await pass(1000);
    await OtherTabs.say({ type: 'epoch-began' });
    await pass(60_000);
    assert.deepEqual(refreshed, []);
  });

  test('and what a logout overtakes is told to nobody', async (t) => {
    const reauthenticate = () => new Promise((resolve) => setTimeout(resolve, 600, 'late'));
    const { refreshed, worker } = await open(t, { [REALM]: jwt(60) }, { reauthenticate });
    await pass(50_100);
    clearServiceWorkerTokens();
    await pass(10_000);
    assert.equal(refreshed.length, 1);
    assert.deepEqual(received(worker), [clear]);
  });
});

test('a token that comes after the removal of the one before is not told', async (t) => {
  const reauthenticate = () => new Promise((resolve) => setTimeout(resolve, 1000, jwt(120)));
  const { worker } = await open(t, { [REALM]: jwt(60) }, { reauthenticate });
  await pass(50_500);
  syncTokenToServiceWorker(REALM, undefined);
  await pass(5000);
  assert.deepEqual(received(worker), [remove(REALM)]);
});

test('nothing is refreshed for a token that is removed while isLoggedIn() takes time', async (t) => {
  const { refreshed, worker } = await open(t, { [REALM]: jwt(60) }, { isLoggedIn: later(500, true) });
  await pass(50_200);
  syncTokenToServiceWorker(REALM, undefined);
  await pass(5000);
  assert.deepEqual(refreshed, []);
  assert.deepEqual(received(worker), [remove(REALM)]);
});

test('tokens that end at once are refreshed once in 10 s', async (t) => {
  const { refreshed } = await open(
    t,
    { [REALM]: jwt(3) },
    { reauthenticate: async () => jwt((Date.now() - START) / 1000 + 0.3) },
  );
  await pass(30_000);
  assert.deepEqual(refreshed, [[2000, REALM]]);
});
