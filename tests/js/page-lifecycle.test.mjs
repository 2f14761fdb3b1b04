// What becomes of a page after it has registered: other tabs, the back/forward cache, a hard reload.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  clearServiceWorkerTokens,
  syncAllTokensToServiceWorker,
  syncTokenToServiceWorker,
  whenControlled,
} from '../../js/page/index.js';
// Pages with a document call it themselves.
import { boundWait } from '../../js/elements/index.js';
import {
  brought,
  FakeContainer,
  FakeServiceWorker,
  FakeServiceWorker2,
  later,
  openPage,
  openWindow,
  OtherTabs,
  pass,
  received,
  settled,
  stopTime,
  warningsOf,
} from './page-platform.mjs';
import { A, B, remove, set, sync } from './wire.mjs';

/** The window, as far as the page listens to it. @type {EventTarget} */
let view;
beforeEach(() => {
  stopTime();
  view = openWindow();
});

describe('another tab changes the storage', () => {
  /** @type {any} right or wrong */
  let stored;
  const storage = {
    getItem: (/** @type {string} */ key) =>
      key === 'boxel-session' && stored !== undefined ? JSON.stringify(stored) : null,
  };
  /** @param {unknown} tokens @param {string | null} [key] null: all of it was cleared */
  const change = async (tokens, key = 'boxel-session') => {
    stored = tokens;
    view.dispatchEvent(Object.assign(new Event('storage'), { key }));
    await settled();
  };
  /** @param {import('./page-platform.mjs').Options} [options] */
  const opened = async (options, worker = new FakeServiceWorker()) => {
    stored = { [A]: 'a', [B]: 'b' };
    const container = await openPage({ storage, ...options });
    container.control(worker);
    await pass(300);
    received(worker);
    return worker;
  };

  test('tokens that differ are told, by name', async () => {
    const worker = await opened();
    await change({ [A]: 'a', [B]: 'new' });
    assert.deepEqual(received(worker), [set(B, 'new')]);
    await change({ [A]: 'a', 'HTTP://B.example': 'new' });
    assert.deepEqual(received(worker), []);
  });

  test('one that is missing counts as removed when it is still missing after 5 s, for its realm only', async () => {
    const worker = await opened();
    await change({ [A]: 'a' });
    await pass(3000);
    await change({ [A]: 'other' });
    assert.deepEqual(received(worker), [set(A, 'other')]);
    await pass(1990);
    assert.deepEqual(received(worker), []);
    await pass(10);
    assert.deepEqual(received(worker), [remove(B)]);
    await pass(60_000);
    assert.deepEqual(received(worker), [], 'said once');
  });

  test('a refresh that takes the whole key out and puts it back is no logout', async () => {
    const worker = await opened();
    await change(undefined);
    await pass(800);
    await change({ [A]: 'new', [B]: 'b' });
    await pass(60_000);
    assert.deepEqual(received(worker), [set(A, 'new')]);
    await change(undefined);
    await pass(4990);
    await change({ [A]: 'new', [B]: 'b' });
    await change(undefined);
    await pass(4990);
    assert.deepEqual(received(worker), [], 'missing for less than 5 s, twice');
    await pass(10);
    assert.deepEqual(received(worker), [remove(B), remove(A)]);
  });

  describe('where tokens() fails when the page looks again after 5 s', () => {
    /** A page that has missed a token, and could not look again. */
    const looked = async () => {
      /** @type {() => any} */
      let read = () => stored;
      const worker = await opened({ storage: undefined, tokens: () => read() });
      await change({ [A]: 'a' });
      read = () => assert.fail('no network');
      await pass(5000);
      assert.deepEqual(received(worker), []);
      return { worker, use: (/** @type {() => any} */ next) => (read = next) };
    };

    test('it looks again 10 s later, then 20 s later', async () => {
      const { worker, use } = await looked();
      await pass(10_000);
      use(() => stored);
      await pass(19_990);
      assert.deepEqual(received(worker), []);
      await pass(10);
      assert.deepEqual(received(worker), [remove(B)]);
      await pass(60_000);
      assert.deepEqual(received(worker), [], 'said once');
    });

    test('the next change of the storage tells it as well', async () => {
      const { worker, use } = await looked();
      use(() => stored);
      await change({ [A]: 'next' });
      assert.deepEqual(received(worker), [set(A, 'next'), remove(B)]);
    });

    test('once the token is back, it looks no more', async () => {
      const { worker, use } = await looked();
      use(() => stored);
      await change({ [A]: 'a', [B]: 'b' });
      let reads = 0;
      use(() => (reads++, stored));
      await pass(60_000);
      assert.deepEqual([reads, received(worker)], [0, []]);
    });
  });

  describe('a token that the app has said is missing like the others', () => {
    const C = 'http://c.example/';
    /** What the worker is told when another tab removes the token, 5 s later. @param {FakeServiceWorker} worker */
    const toldWhenGone = async (worker) => {
      await pass(1000);
      received(worker);
      await change({ [A]: 'a', [B]: 'b' });
      await pass(4990);
      assert.deepEqual(received(worker), []);
      await pass(10);
      return received(worker);
    };

    for (const [when, say] of /** @type {[string, () => void][]} */ ([
      [
        'before it says it',
        () => {
          stored = { ...stored, [C]: 'c' };
          syncTokenToServiceWorker(C, 'c');
        },
      ],
      [
        'right after it has said it',
        () => {
          syncTokenToServiceWorker(C, 'c');
          stored = { ...stored, [C]: 'c' };
        },
      ],
    ])) {
      test(`if the app stores it ${when}`, async () => {
        const worker = await opened();
        say();
        assert.deepEqual(await toldWhenGone(worker), [remove(C)]);
      });
    }

    test('if it has replaced one from storage, also where tokens() takes time', async () => {
      const worker = await opened({ storage: undefined, tokens: async () => stored });
      stored = { ...stored, [C]: 'c' };
      await change(stored);
      syncTokenToServiceWorker(C, 'next');
      assert.deepEqual(await toldWhenGone(worker), [remove(C)]);
    });

    test('and is not repeated meanwhile', async () => {
      const worker = await opened({}, new FakeServiceWorker2());
      Object.assign(worker, { isDeaf: true });
      stored = { ...stored, [C]: 'c' };
      syncTokenToServiceWorker(C, 'c');
      await pass(500);
      received(worker);
      await change({ [A]: 'a', [B]: 'b' });
      await pass(4990);
      assert.deepEqual(received(worker), []);
    });

    for (const [what, isVersion2] of /** @type {[string, boolean][]} */ ([
      ['a refresh', true],
      ['a refresh for a worker of version 1', false],
    ])) {
      test(`so is one that ${what} has brought`, async () => {
        const container = new FakeContainer();
        const worker = container.control(isVersion2 ? new FakeServiceWorker2() : new FakeServiceWorker());
        stored = { [A]: 'a', [B]: 'b' };
        const reauthenticate = async () => (stored = { ...stored, [C]: 'c' })[C];
        await openPage({ storage, realmOf: () => C, reauthenticate }, container);
        await pass(300);
        const asked = await container.ask(`${C}1.png`, {
          source: worker,
          ...(isVersion2 && { reason: 'missing', refresh: true }),
        });
        assert.equal(asked.replies.at(-1)?.token, 'c');
        assert.deepEqual(await toldWhenGone(worker), [remove(C)]);
      });
    }

    test('so is one that was read for an ask', async () => {
      const container = new FakeContainer();
      const worker = container.control();
      stored = { [A]: 'a', [B]: 'b' };
      await openPage({ tokens: async () => stored }, container);
      await pass(300);
      stored = { ...stored, [C]: 'c' };
      const asked = await container.ask(`${C}1.png`, { source: worker });
      assert.equal(asked.replies.at(-1)?.token, 'c');
      assert.deepEqual(await toldWhenGone(worker), [remove(C)]);
    });

    test('so is one that came too late for the reply to an ask', async () => {
      const container = new FakeContainer();
      const worker = container.control(new FakeServiceWorker2());
      stored = { [A]: 'a', [B]: 'b' };
      let ms = 0;
      await openPage({ tokens: async () => (ms ? later(ms, stored)() : stored) }, container);
      await pass(300);
      stored = { ...stored, [C]: 'c' };
      ms = 3500;
      await container.ask(`${C}1.png`, { source: worker, reason: 'missing', refresh: false });
      await pass(3490);
      ms = 0;
      assert.deepEqual(received(worker), []);
      await pass(10);
      assert.deepEqual(received(worker), [set(C, 'c')]);
      assert.deepEqual(await toldWhenGone(worker), [remove(C)]);
    });
  });

  describe('to look whether what the app says is in storage, the page reads the tokens', () => {
    /** How often they are read in 10 s. @param {() => any} read @param {() => void} say */
    const readsAfter = async (read, say) => {
      let reads = 0;
      await opened({ storage: undefined, tokens: () => (reads++, read()) });
      reads = 0;
      say();
      await pass(10_000);
      return reads;
    };

    test('once', async () => {
      assert.equal(
        await readsAfter(
          () => stored,
          () => syncTokenToServiceWorker(A, 'new'),
        ),
        1,
      );
    });

    test('not for what is there already', async () => {
      assert.equal(
        await readsAfter(
          () => stored,
          () => syncTokenToServiceWorker(A, 'a'),
        ),
        0,
      );
    });

    test('twice for many words at a time', async () => {
      const say = () => Array.from({ length: 100 }, (_, i) => syncTokenToServiceWorker(A, `new-${i}`));
      assert.equal(await readsAfter(() => stored, say), 2);
    });

    test('not if that takes time: an app’s library may refresh its tokens then', async () => {
      assert.equal(
        await readsAfter(
          async () => stored,
          () => syncTokenToServiceWorker(A, 'new'),
        ),
        0,
      );
    });

    test('not for ever, if reading them says them', async () => {
      const read = () => {
        syncTokenToServiceWorker(A, 'new');
        return { [A]: 'new', [B]: 'b' };
      };
      assert.equal(await readsAfter(read, () => syncTokenToServiceWorker(A, 'newer')), 2);
    });

    test('and tells nothing of what it finds', async () => {
      const worker = await opened();
      stored = { [A]: 'other' };
      syncTokenToServiceWorker('http://c.example/', 'c');
      await pass(10_000);
      assert.deepEqual(received(worker), [set('http://c.example/', 'c')]);
    });
  });

  test('one that is missing counts as removed after 5 s, also if the page registers again meanwhile', async () => {
    stored = { [A]: 'a', [B]: 'b' };
    const container = await openPage({ storage });
    const worker = container.control();
    await pass(300);
    await change({ [A]: 'a' });
    await pass(2000);
    await openPage({ storage }, container);
    received(worker);
    await pass(2990);
    assert.deepEqual(
      received(worker).filter(({ type }) => type === 'remove-realm-token'),
      [],
    );
    await pass(10);
    assert.deepEqual(received(worker), [remove(B)]);
  });

  test('one that is missing is not told again to a worker that has not acknowledged it', async () => {
    const deaf = Object.assign(new FakeServiceWorker2(), { isDeaf: true });
    const worker = await opened({}, deaf);
    await change({ [A]: 'next', [B]: 'b' });
    assert.deepEqual(received(worker), [set(A, 'next')]);
    await change({ [B]: 'b' });
    await pass(4990);
    assert.deepEqual(received(worker), []);
    await pass(10);
    assert.deepEqual(received(worker), [remove(A)]);
    await pass(1000);
    assert.deepEqual(received(worker), [remove(A)], 'which is repeated');
  });

  test('one that is missing is not told to a worker of version 1 that has not replied to the hello', async () => {
    stored = { [A]: 'a', [B]: 'b' };
    const worker = (await openPage({ storage })).control();
    await settled();
    await change({ [B]: 'b' });
    await pass(1000);
    assert.deepEqual(received(worker), [set(B, 'b')]);
  });

  describe('while the app says all its tokens there', () => {
    const login = () => OtherTabs.say({ type: 'epoch-began' });

    test('those that are missing count as removed at once', async () => {
      const worker = await opened();
      await login();
      assert.deepEqual(received(worker), []);
      await change({ [A]: 'next' });
      assert.deepEqual(received(worker), [set(A, 'next'), remove(B)]);
      await pass(60_000);
      assert.deepEqual(received(worker), [], 'said once');
    });

    test('a new worker gets the tokens that were being read for it', async () => {
      stored = { [A]: 'a', [B]: 'b' };
      const container = await openPage({ tokens: () => later(300, stored)() });
      container.control();
      await pass(1000);
      const next = container.control(new FakeServiceWorker2());
      await pass(100);
      stored = { [A]: 'next', [B]: 'b' };
      await login();
      await pass(290);
      assert.deepEqual(brought(next), []);
      await pass(10);
      assert.deepEqual(brought(next), [{ [A]: 'next', [B]: 'b' }]);
    });

    test('the same if the storage changes first', async () => {
      const worker = await opened();
      await change(undefined);
      assert.deepEqual(received(worker), []);
      await login();
      assert.deepEqual(received(worker), [remove(A), remove(B)]);
    });

    test('so does what this tab has said before: the worker may have heard it after the other tab', async () => {
      const worker = await opened({ storage: undefined, tokens: async () => stored });
      syncTokenToServiceWorker('http://c.example/', 'c');
      assert.deepEqual(received(worker), [set('http://c.example/', 'c')]);
      await login();
      assert.deepEqual(received(worker), [remove('http://c.example/')]);
      syncTokenToServiceWorker('http://c.example/', 'next');
      await change({ [A]: 'a', [B]: 'b' });
      await pass(60_000);
      assert.deepEqual(received(worker), [set('http://c.example/', 'next')], 'not what it says later');
    });

    test('not if the app keeps its tokens elsewhere', async () => {
      const worker = await opened();
      stored = undefined;
      syncTokenToServiceWorker('http://c.example/', 'c');
      received(worker);
      await login();
      await pass(60_000);
      assert.deepEqual(received(worker), [remove(A), remove(B)]);
    });

    test('5 s later a refresh is a refresh again', async () => {
      const worker = await opened();
      await login();
      await pass(5000);
      await change(undefined);
      await pass(4990);
      assert.deepEqual(received(worker), []);
      await pass(10);
      assert.deepEqual(received(worker), [remove(A), remove(B)]);
    });

    test('other messages on the channel tell nothing', async () => {
      const worker = await opened();
      await OtherTabs.say({ type: 'unauthorised' });
      await OtherTabs.channel?.dispatchEvent(new Event('message'));
      await change(undefined);
      assert.deepEqual(received(worker), []);
    });
  });

  test('this tab tells the others when the app says all its tokens, and of nothing else', async () => {
    await opened();
    syncTokenToServiceWorker(A, 'new');
    syncTokenToServiceWorker(B, undefined);
    assert.deepEqual(OtherTabs.heard, []);
    syncAllTokensToServiceWorker({ [A]: 'new' });
    assert.deepEqual(OtherTabs.heard, [{ type: 'epoch-began' }]);
    clearServiceWorkerTokens();
    assert.deepEqual(OtherTabs.heard, [{ type: 'epoch-began' }, { type: 'epoch-began' }]);
  });

  describe('where the origin has two apps, each with a worker for its own scope', () => {
    const openScope = async (/** @type {string} */ scope) => {
      const container = new FakeContainer();
      container.registration.scope = scope;
      await openPage({}, container);
      syncTokenToServiceWorker(A, 'a');
      return container;
    };
    const toldTo = async (/** @type {FakeContainer} */ container) => {
      const worker = container.activate(new FakeServiceWorker2());
      await settled();
      return received(worker);
    };

    for (const [name, message, told] of /** @type {[string, object, object[]][]} */ ([
      ['the other app ends nothing here', { scope: 'https://app.example/b/' }, [set(A, 'a')]],
      ['this app, in another tab, ends what has not been told', { scope: 'https://app.example/a/' }, []],
      ['a page that does not tell its scope does so, too', {}, []],
    ])) {
      test(`a login of ${name}`, async () => {
        const container = await openScope('https://app.example/a/');
        await OtherTabs.say({ type: 'epoch-began', ...message });
        assert.deepEqual(await toldTo(container), told);
      });
    }

    test('this tab tells its scope', async () => {
      await openScope('https://app.example/a/');
      clearServiceWorkerTokens();
      assert.deepEqual(OtherTabs.heard, [{ type: 'epoch-began', scope: 'https://app.example/a/' }]);
    });
  });

  test('what the app says ends the wait', async () => {
    const worker = await opened();
    await change(undefined);
    syncAllTokensToServiceWorker({ [A]: 'said' });
    await pass(60_000);
    assert.deepEqual(received(worker), [sync({ [A]: 'said' })]);
  });

  test('one that is there in another spelling than the app said is not missing', async () => {
    const worker = await opened();
    syncTokenToServiceWorker('https://h.example/~ann/', 'token');
    await change({ [A]: 'a', [B]: 'b', 'https://h.example/%7Eann/': 'token' });
    await change({ [A]: 'a', [B]: 'b', 'https://h.example/%7eann/': 'token' });
    await pass(10_000);
    assert.deepEqual(received(worker), [set('https://h.example/~ann/', 'token')]);
  });

  test('of two spellings of a realm the later counts, and nothing is told again', async () => {
    const worker = await opened();
    const tokens = { [A]: 'a', [B]: 'b', 'https://h.example/%7Eann/': 'old', 'https://h.example/~ann/': 'new' };
    for (let i = 0; i < 3; i++) await change(tokens);
    assert.deepEqual(received(worker), [set('https://h.example/~ann/', 'new')]);
  });

  test('tokens that only the app itself said stay', async () => {
    const worker = await opened();
    syncTokenToServiceWorker('http://c.example/', 'c');
    received(worker);
    await change(undefined, null);
    await pass(60_000);
    assert.deepEqual(received(worker), [remove(A), remove(B)]);
  });

  test('from what this tab said last', async () => {
    const worker = await opened();
    syncTokenToServiceWorker(A, 'new');
    received(worker);
    await change({ [A]: 'new', [B]: 'b' });
    assert.deepEqual(received(worker), []);
  });

  for (const [name, tokens, key] of /** @type {[string, unknown, string | null][]} */ ([
    ['the key is removed', undefined, 'boxel-session'],
    ['its value is null', null, 'boxel-session'],
    ['no token is left', {}, 'boxel-session'],
    ['all storage is cleared', undefined, null],
  ])) {
    test(`${name}: all are missing`, async () => {
      const worker = await opened();
      await change(tokens, key);
      assert.deepEqual(received(worker), []);
      await pass(5000);
      assert.deepEqual(received(worker), [remove(A), remove(B)]);
    });
  }

  test('another key: not our business', async () => {
    const worker = await opened();
    await change({ [A]: 'new' }, 'theme');
    assert.deepEqual(received(worker), []);
  });

  test('the key is the one in the options', async () => {
    const worker = await opened({
      storageKey: 'mine',
      storage: { getItem: (/** @type {string} */ key) => (key === 'mine' ? JSON.stringify(stored) : null) },
    });
    await change({ [A]: 'new', [B]: 'b' }, 'boxel-session');
    assert.deepEqual(received(worker), []);
    await change({ [A]: 'new', [B]: 'b' }, 'mine');
    assert.deepEqual(received(worker), [set(A, 'new')]);
  });

  test('a tokens() function is asked after any change: it may read the storage', async () => {
    const worker = await opened({ storage: undefined, tokens: async () => stored });
    await change({ [A]: 'new', [B]: 'b' }, 'whatever');
    assert.deepEqual(received(worker), [set(A, 'new')]);
    await change(undefined, 'whatever');
    await change(undefined, 'theme');
    await pass(5100);
    assert.deepEqual(received(worker), [remove(B), remove(A)]);
  });

  describe('while other tabs change it all the time', () => {
    /** @param {(stored: any) => any} read @returns the times at which tokens() is called, in ms since the first change */
    const readTimes = async (read) => {
      /** @type {number[]} */
      const times = [];
      let start = 0;
      const worker = await opened({ storage: undefined, tokens: () => (times.push(Date.now() - start), read(stored)) });
      start = Date.now();
      times.splice(0);
      /** @param {number} ms */
      const changeFor = async (ms) => {
        for (let left = ms; left > 0; left -= 50) {
          await change(stored, 'count');
          await pass(50);
        }
      };
      return { times, changeFor, worker };
    };

    test('a tokens() that takes time is called once at a time, and ever more rarely', async () => {
      const { times, changeFor } = await readTimes(later(200, { [A]: 'a', [B]: 'b' }));
      await changeFor(120_000);
      assert.deepEqual(times, [0, 300, 700, 1300, 2300, 4100, 7500, 14_100, 27_100, 52_900, 83_100, 113_300]);
    });

    test('one that takes none is called once a second', async () => {
      const { times, changeFor } = await readTimes((tokens) => tokens);
      await changeFor(5000);
      assert.deepEqual(times, [0, 100, 300, 700, 1500, 2500, 3500, 4500]);
    });

    test('a new token ends the long pauses, and a quiet time does', async () => {
      const { times, changeFor, worker } = await readTimes(async (tokens) => tokens);
      await changeFor(10_000);
      stored = { [A]: 'next', [B]: 'b' };
      await changeFor(3000);
      assert.deepEqual(received(worker), [set(A, 'next')]);
      await pass(10_000);
      times.splice(0);
      stored = { [A]: 'next', [B]: 'last' };
      await change(stored, 'count');
      assert.deepEqual(received(worker), [set(B, 'last')]);
      assert.deepEqual(times, [23_000]);
    });

    test('a login there is read at once', async () => {
      const { changeFor, worker } = await readTimes(async (tokens) => tokens);
      await changeFor(10_000);
      stored = { [A]: 'next', [B]: 'b' };
      await OtherTabs.say({ type: 'epoch-began' });
      assert.deepEqual(received(worker), [set(A, 'next')]);
    });
  });

  test('what cannot be read says nothing', async () => {
    const worker = await opened({ storage: undefined, tokens: () => (stored === 'boom' ? [] : stored) });
    await change('boom');
    assert.deepEqual(received(worker), []);
  });
});

describe('Clear-Site-Data at a logout takes the registration away', () => {
  /** @param {FakeContainer} container */
  const takeAway = (container) => {
    container.getRegistration = async () => undefined;
    container.controller = null;
    const next = new FakeServiceWorker2();
    container.registration = Object.assign(new EventTarget(), {
      installing: null,
      waiting: null,
      active: next,
      scope: 'https://app.example/',
    });
    return next;
  };
  const registered = () => {
    const container = new FakeContainer();
    container.registration.scope = 'https://app.example/';
    container.getRegistration = async () => container.registration;
    return container;
  };

  test('the next token registers again, and the new worker hears what was said since', async () => {
    const container = registered();
    const lost = container.control();
    await openPage({}, container);
    clearServiceWorkerTokens();
    syncTokenToServiceWorker(A, 'a');
    await settled();
    const registrations = () => container.calls.filter((call) => call.startsWith('register')).length;
    assert.equal(registrations(), 1);

    const next = takeAway(container);
    received(lost);
    syncTokenToServiceWorker(B, 'b');
    syncTokenToServiceWorker(B, 'c');
    await settled();
    assert.equal(registrations(), 2);
    assert.deepEqual(received(next), [sync({ [A]: 'a', [B]: 'c' })]);
  });

  test('also where no worker is left to hear the login', async () => {
    const container = registered();
    const { registration } = container;
    container.control();
    await openPage({}, container);
    clearServiceWorkerTokens();
    await settled();
    const next = takeAway(container);
    registration.active = null;
    syncTokenToServiceWorker(B, 'b');
    await settled();
    assert.deepEqual(received(next), [sync({ [B]: 'b' })]);
  });

  test('what is said after a login in another tab is not told to the new worker as all that there is', async () => {
    const container = registered();
    container.control();
    await openPage({}, container);
    clearServiceWorkerTokens();
    await OtherTabs.say({ type: 'epoch-began' });
    await pass(300);
    const next = takeAway(container);
    syncTokenToServiceWorker(B, 'b');
    await settled();
    assert.deepEqual(received(next), [set(B, 'b')]);
  });

  test('nothing that the storage lacks is told to the new worker', async () => {
    /** @type {object | null} */
    let stored = { [A]: 'a' };
    const container = registered();
    container.control();
    await openPage({ storage: { getItem: () => JSON.stringify(stored) } }, container);
    await pass(300);
    const next = takeAway(container);
    stored = null;
    view.dispatchEvent(Object.assign(new Event('storage'), { key: null }));
    syncTokenToServiceWorker(B, 'b');
    await settled();
    assert.deepEqual(received(next), [set(B, 'b')]);
  });

  test('a logout does not, nor does a registration that fails hurt', async () => {
    const container = registered();
    container.getRegistration = async () => undefined;
    await openPage({}, container);
    container.register = async () => {
      throw new TypeError('no such file');
    };
    clearServiceWorkerTokens();
    syncTokenToServiceWorker(A, undefined);
    syncTokenToServiceWorker(A, 'a');
    await settled();
  });
});

describe('the back/forward cache', () => {
  test('a page that returns pushes its tokens again', async () => {
    let stored = { [A]: 'a' };
    const container = await openPage({ tokens: () => stored });
    const worker = container.control();
    brought(worker);
    view.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
    assert.equal(worker.hellos.length, 0, 'the first showing');
    stored = { [A]: 'later' };
    view.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    assert.deepEqual(brought(worker), [{ [A]: 'later' }]);
  });
});

describe('a hard reload: no controller, though the worker is active', () => {
  const reloaded = async (/** @type {FakeServiceWorker} */ worker, scope = 'https://app.example/app/') => {
    const container = new FakeContainer();
    Object.assign(container.registration, { scope, installing: new FakeServiceWorker() });
    container.activate(worker);
    await openPage({}, container);
    await pass(60_000);
    return container;
  };

  test('the worker is asked to claim the page, once', async () => {
    const worker = new FakeServiceWorker2();
    await reloaded(worker);
    assert.equal(worker.claims, 1);
  });

  test('not a worker of version 1', async () => {
    const worker = new FakeServiceWorker();
    await reloaded(worker);
    assert.equal(worker.claims, 0);
  });

  test('not for a page outside of its scope', async () => {
    const worker = new FakeServiceWorker2();
    await reloaded(worker, 'https://app.example/other/');
    assert.equal(worker.claims, 0);
  });

  test('not by a page that is controlled', async () => {
    const container = new FakeContainer();
    container.registration.scope = 'https://app.example/';
    await openPage({}, container);
    const worker = container.control(new FakeServiceWorker2());
    await settled();
    assert.equal(worker.claims, 0);
  });
});

describe('whenControlled()', () => {
  const inScope = (scope = 'https://app.example/') => {
    const container = new FakeContainer();
    Object.assign(container.registration, { scope, installing: new FakeServiceWorker() });
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { serviceWorker: container } });
    return container;
  };
  const outcome = async () => {
    /** @type {{settled?: boolean}} */
    const outcome = {};
    void whenControlled().then((value) => (outcome.settled = value));
    await settled();
    return outcome;
  };

  test('at once where a worker controls the page', async () => {
    const container = await openPage({}, inScope());
    container.control();
    assert.equal((await outcome()).settled, true);
  });

  test('when a worker takes control', async () => {
    const container = await openPage({}, inScope());
    const waiting = await outcome();
    container.activate();
    await settled();
    assert.equal(waiting.settled, undefined);
    container.control();
    await settled();
    assert.equal(waiting.settled, true);
  });

  test('false after a registration that failed; true when a later one succeeds', async (t) => {
    warningsOf(t);
    const container = inScope();
    const { register } = container;
    container.register = async () => {
      throw new TypeError('no such file');
    };
    await openPage({}, container);
    assert.equal((await outcome()).settled, false);
    container.register = register;
    await openPage({}, container);
    const waiting = await outcome();
    assert.equal(waiting.settled, undefined);
    container.control();
    await settled();
    assert.equal(waiting.settled, true);
  });

  test('false while the package is disabled; true when a worker takes control after that', async () => {
    const container = await openPage({}, inScope());
    const before = await outcome();
    const disabling = openPage({ isEnabled: false }, container);
    const enabling = openPage({}, container);
    const waiting = await outcome();
    await Promise.all([disabling, enabling]);
    assert.deepEqual([before.settled, waiting.settled], [false, undefined]);
    container.control();
    await settled();
    assert.equal(waiting.settled, true);
  });

  test('not while another worker is in control, which may be replaced', async () => {
    const container = inScope();
    const foreign = Object.assign(new FakeServiceWorker(), { scriptURL: 'https://app.example/other.js' });
    container.controller = foreign;
    await openPage({ storage: { getItem: () => JSON.stringify({ [A]: 'a' }) } }, container);
    syncTokenToServiceWorker(B, 'b');
    const waiting = await outcome();
    assert.equal(waiting.settled, undefined);
    assert.deepEqual([foreign.received, foreign.hellos], [[], []]);
    container.control();
    await settled();
    assert.equal(waiting.settled, true);
  });

  for (const { how, Worker, isOurs } of [
    { how: 'does not speak the wire is told no token, and is waited past', Worker: FakeServiceWorker, isOurs: false },
    { how: 'does is an older one of the app', Worker: FakeServiceWorker2, isOurs: true },
  ]) {
    test(`a worker of another script that has the same scope and ${how}`, async () => {
      const container = inScope();
      const old = Object.assign(new Worker(), { scriptURL: 'https://app.example/old.js' });
      container.activate(old);
      container.controller = old;
      await openPage({ storage: { getItem: () => JSON.stringify({ [A]: 'a' }) } }, container);
      syncTokenToServiceWorker(B, 'b');
      const waiting = await outcome();
      assert.equal(waiting.settled, isOurs || undefined);
      assert.deepEqual(received(old), isOurs ? [set(B, 'b')] : []);
      assert.deepEqual(brought(old), isOurs ? [{ [A]: 'a' }] : []);
      const worker = container.control();
      await settled();
      assert.equal(waiting.settled, true);
      assert.deepEqual(received(worker), isOurs ? [] : [set(B, 'b')]);
    });
  }

  test('a worker is ours whatever options its URL has', async () => {
    const container = inScope();
    container.activate(
      Object.assign(new FakeServiceWorker(), { scriptURL: 'https://app.example/auth-service-worker.js?debug=true' }),
    );
    container.controller = container.registration.active;
    await openPage({}, container);
    assert.equal((await outcome()).settled, true);
  });

  test('false where the scope of another registration holds the page more closely', async () => {
    const container = inScope();
    container.controller = Object.assign(new FakeServiceWorker(), { scriptURL: 'https://app.example/app/other.js' });
    container.getRegistration = async () => ({ scope: 'https://app.example/app/' });
    await openPage({}, container);
    boundWait(/** @type {any} */ (container.registration));
    assert.equal((await outcome()).settled, false);
  });

  test('false when the worker of its own registration cannot be installed', async () => {
    const container = inScope();
    const { registration } = container;
    registration.installing = new FakeServiceWorker();
    await openPage({}, container);
    boundWait(/** @type {any} */ (registration));
    const waiting = await outcome();
    assert.equal(waiting.settled, undefined);
    const { installing } = registration;
    registration.installing = null;
    installing.dispatchEvent(new Event('statechange'));
    await settled();
    assert.equal(waiting.settled, false);
  });

  for (const { how, Worker, isOurs } of [
    { how: 'false, with a warning, after 10 s in which it has not replied', Worker: FakeServiceWorker, isOurs: false },
    { how: 'true as soon as it takes control, where it has replied', Worker: FakeServiceWorker2, isOurs: true },
  ]) {
    test(`of a worker that the app registers itself: ${how}`, async (t) => {
      const warnings = warningsOf(t);
      const container = inScope();
      const { registration } = container;
      const host = Object.assign(new Worker(), { scriptURL: 'https://app.example/sw.js' });
      container.activate(host);
      await openPage({ registration: /** @type {any} */ (registration) }, container);
      boundWait(/** @type {any} */ (registration));
      const waiting = await outcome();
      await pass(9990);
      assert.equal(waiting.settled, undefined);
      if (isOurs) container.control(host);
      await pass(10);
      assert.equal(waiting.settled, isOurs);
      assert.deepEqual(
        warnings.texts,
        isOurs
          ? []
          : [
              'auth-service-worker: https://app.example/sw.js does not reply to this package. Import the package into that worker, or leave the option registration out.',
            ],
      );
    });
  }

  test('of a worker that the app registers itself, until the page registers another: that one is waited for', async (t) => {
    const warnings = warningsOf(t);
    const container = inScope();
    const registration = Object.assign(new EventTarget(), { active: new FakeServiceWorker(), scope: '/host/' });
    await openPage({ registration: /** @type {any} */ (registration) }, container);
    boundWait(/** @type {any} */ (registration));
    await openPage({}, container);
    const waiting = await outcome();
    await pass(20_000);
    assert.deepEqual([waiting.settled, warnings.texts], [undefined, []]);
  });

  test('false outside of the scope', async () => {
    await openPage({}, inScope('https://app.example/other/'));
    assert.equal((await outcome()).settled, false);
  });
});

test('timers that an app replaces, as while it renders on a server, are not used', async (t) => {
  /** @type {string[]} */
  const calls = [];
  for (const name of /** @type {const} */ (['setTimeout', 'clearTimeout']))
    t.mock.method(globalThis, name, () => calls.push(name));
  t.mock.method(performance, 'now', () => calls.push('performance.now'));
  const container = await openPage({
    tokens: async () => ({ [A]: 'a' }),
    realmOf: () => B,
    reauthenticate: async () => 'fresh',
  });
  const worker = container.control(new FakeServiceWorker2());
  await settled();
  syncTokenToServiceWorker(B, 'b');
  const asked = [
    await container.ask(`${A}1.png`),
    await container.ask(`${B}r/1.png`, { source: worker, reason: 'missing', refresh: true }),
  ];
  assert.deepEqual(
    asked.map(({ replies }) => replies.at(-1)?.token),
    ['a', 'fresh'],
  );
  assert.deepEqual(calls, []);
});

/** Imports another copy of a module. @param {string} path @returns {Promise<any>} */
const importAnew = (path) => import(`${path}?${Math.random()}`);

test('timers that zone.js replaces are not used: Angular would wait for them', async (t) => {
  /** @type {any} */
  const globals = globalThis;
  const key = Symbol.for('auth-service-worker timers');
  const { [key]: timers } = globals;
  const names = /** @type {const} */ (['setTimeout', 'clearTimeout']);
  globals.Zone = { __symbol__: (/** @type {string} */ name) => `__zone_symbol__${name}` };
  for (const name of names) {
    globals[`__zone_symbol__${name}`] = globals[name];
    t.mock.method(globalThis, name, () => assert.fail(`the ${name} of zone.js`));
  }
  t.after(() => {
    globals[key] = timers;
    for (const name of ['Zone', ...names.map((each) => `__zone_symbol__${each}`)]) delete globals[name];
  });
  delete globals[key];
  const { setTimeout: start, clearTimeout: stop } = await importAnew('../../js/page/platform.js');
  stop(start(() => {}, 1000));
});

describe('Firefox stops a worker 30 s after its last event:', () => {
  const KEEP = { type: 'stats' };
  const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';
  const CHROMIUM =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const browse = (/** @type {string} */ userAgent) =>
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { userAgent } });
  afterEach(() => {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  });

  test('the page sends it a message every 20 s, without a port', async () => {
    browse(FIREFOX);
    const container = await openPage();
    const worker = container.control(new FakeServiceWorker2());
    await pass(19_990);
    assert.deepEqual(received(worker), []);
    await pass(10);
    assert.deepEqual(received(worker), [KEEP]);
    await pass(19_990);
    assert.deepEqual(received(worker), []);
    await pass(10);
    assert.deepEqual(received(worker), [KEEP]);
    assert.deepEqual(worker.hadPort, [false, false]);
  });

  test('the worker of the registration gets it, even while another one controls the page', async () => {
    browse(FIREFOX);
    const container = new FakeContainer();
    const foreign = new FakeServiceWorker2();
    foreign.scriptURL = 'https://app.example/other.js';
    container.controller = foreign;
    const own = container.activate(new FakeServiceWorker2());
    await openPage({}, container);
    await pass(40_000);
    assert.deepEqual([received(own), received(foreign)], [[KEEP, KEEP], []]);
  });

  test('a worker of version 1 gets none', async () => {
    browse(FIREFOX);
    const worker = (await openPage()).control(new FakeServiceWorker());
    await pass(40_000);
    assert.deepEqual(received(worker), []);
  });

  test('a page that is disabled sends none, until it registers again', async () => {
    browse(FIREFOX);
    const container = await openPage();
    const worker = container.control(new FakeServiceWorker2());
    await pass(20_000);
    assert.deepEqual(received(worker), [KEEP]);
    await openPage({ isEnabled: false }, container);
    await pass(60_000);
    assert.deepEqual(received(worker), []);
    await openPage({}, container);
    await pass(20_000);
    assert.deepEqual(received(worker), [KEEP]);
  });

  test('other browsers are not stopped so, and the page sends none', async () => {
    browse(CHROMIUM);
    const worker = (await openPage()).control(new FakeServiceWorker2());
    await pass(60_000);
    assert.deepEqual(received(worker), []);
  });
});
