// How the page replies to the worker's asks.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { createTokenRequestHandler } from '../../js/page/index.js';
import {
  app,
  Ask,
  ask,
  createCoreModule,
  FakeContainer,
  FakeServiceWorker,
  navigatorOf,
  jwt,
  never,
  pass,
  settled,
  stopTime,
  storageOf,
  useLocks,
} from './page-platform.mjs';
import { PENDING, REALM, token } from './wire.mjs';

beforeEach(stopTime);

describe("the behaviours of Boxel's page, with Boxel's services", () => {
  /**
   * @param {object} [services]
   * @param {boolean} [services.isLoggedIn]
   * @param {() => string | undefined} [services.realmOf]
   * @param {(realmURL: string) => Promise<string | undefined>} [services.reauthenticate]
   * @param {Record<string, string>} [services.stored]
   */
  function boxel({ isLoggedIn = true, realmOf = () => REALM, reauthenticate = async () => undefined, stored } = {}) {
    /** @type {string[]} */
    const refreshed = [];
    const handler = createTokenRequestHandler({
      createCoreModule,
      storage: storageOf(stored),
      matrixService: { isLoggedIn },
      realmService: {
        realmOf,
        async reauthenticate(realmURL) {
          refreshed.push(realmURL);
          return reauthenticate(realmURL);
        },
      },
    });
    return { handler, refreshed };
  }

  test('storage hit', async () => {
    const { handler, refreshed } = boxel({ stored: { [REALM]: 'stored' } });
    assert.deepEqual((await ask(handler)).replies, [token('stored')]);
    assert.deepEqual(refreshed, []);
  });

  test('miss, logged in, known realm: pending, then the new token', async () => {
    const { handler, refreshed } = boxel({ reauthenticate: async () => 'fresh' });
    assert.deepEqual((await ask(handler)).replies, [PENDING, token('fresh')]);
    assert.deepEqual(refreshed, [REALM]);
  });

  test('logged out', async () => {
    const { handler, refreshed } = boxel({ isLoggedIn: false });
    assert.deepEqual((await ask(handler)).replies, [{}]);
    assert.deepEqual(refreshed, []);
  });

  test('unknown realm', async () => {
    const { handler, refreshed } = boxel({ realmOf: () => undefined });
    assert.deepEqual((await ask(handler, 'https://cdn.example.com/cat.png')).replies, [{}]);
    assert.deepEqual(refreshed, []);
  });

  test('refresh empty', async () => {
    const { handler } = boxel();
    assert.deepEqual((await ask(handler)).replies, [PENDING, {}]);
  });

  test('refresh throwing', async () => {
    const { handler } = boxel({
      reauthenticate: () => {
        throw new Error('matrix down');
      },
    });
    assert.deepEqual((await ask(handler)).replies, [PENDING, {}]);
  });

  test('foreign message', async () => {
    const { handler, refreshed } = boxel();
    const { event, replies } = new Ask();
    await handler({ ...event, data: { type: 'some-other-message' } });
    await settled();
    assert.deepEqual(replies, []);
    assert.deepEqual(refreshed, []);
  });

  test('the services are called as methods, and their getters read at each ask', async () => {
    class RealmService {
      #realm = REALM;
      realmOf() {
        return this.#realm;
      }
      async reauthenticate() {
        return `fresh ${this.#realm}`.slice(0, 5);
      }
    }
    let isLoggedIn = false;
    const matrixService = {
      get isLoggedIn() {
        return isLoggedIn;
      },
    };
    const realmService = new RealmService();
    const handler = createTokenRequestHandler({ createCoreModule, storage: storageOf(), realmService, matrixService });
    assert.deepEqual((await ask(handler)).replies, [{}]);
    isLoggedIn = true;
    assert.deepEqual((await ask(handler)).replies, [PENDING, token('fresh')]);
  });
});

describe('which token', () => {
  test('of the longest realm, by whole path segments and origins', async () => {
    const { handler } = app({
      realmOf: () => undefined,
      storage: storageOf({
        'http://localhost:4201/user/': 'short',
        [REALM]: 'long',
        'http://localhost:4201/user/real': 'half a segment',
        'http://localhost:420': 'half a port',
      }),
    });
    assert.deepEqual((await ask(handler)).replies, [token('long')]);
    assert.deepEqual((await ask(handler, 'http://localhost:4201/else')).replies, [{}]);
  });

  test('realm URLs are normalised', async () => {
    const { handler } = app({ storage: storageOf({ 'HTTP://LOCALHOST:4201/user/../user/realm/': 'stored' }) });
    assert.deepEqual((await ask(handler)).replies, [token('stored')]);
  });

  test('an expired one is a miss', async () => {
    const { handler } = app({ storage: storageOf({ [REALM]: jwt(-1) }) });
    assert.deepEqual((await ask(handler)).replies, [PENDING, token('fresh')]);
  });

  test('one that expires between two asks is a miss for the second', async () => {
    const { handler } = app({ storage: storageOf({ [REALM]: jwt(60) }) });
    assert.deepEqual((await ask(handler)).replies, [token(jwt(60))]);
    await pass(60_000);
    assert.deepEqual((await ask(handler)).replies, [PENDING, token('fresh')]);
  });

  test('the stored tokens of this moment', async () => {
    /** @type {Record<string, string>} */
    const stored = { [REALM]: 'first' };
    const { handler } = app({ realmOf: () => undefined, tokens: () => stored });
    assert.deepEqual((await ask(handler)).replies, [token('first')]);
    stored[REALM] = 'second';
    assert.deepEqual((await ask(handler)).replies, [token('second')]);
    delete stored[REALM];
    assert.deepEqual((await ask(handler)).replies, [{}]);
  });

  test('from any key, or any sync or async function', async () => {
    const stored = { [REALM]: 'stored' };
    for (const options of [
      { storage: storageOf(stored, 'mine'), storageKey: 'mine' },
      { tokens: () => stored },
      { tokens: async () => stored },
    ]) {
      assert.deepEqual((await ask(app(options).handler)).replies, [token('stored')]);
    }
  });

  test('what is no text is passed over', async () => {
    /** @type {() => any} */
    const tokens = () => ({ 'http://localhost:4201/': 7, [REALM]: 'stored', 'http://h/': 1n, 'http://i/': null });
    const { handler } = app({ tokens });
    assert.deepEqual((await ask(handler)).replies, [token('stored')]);
  });
});

describe('refreshes', () => {
  test('asks of one realm share one', async () => {
    /** @type {(token: string) => void} */
    let give = () => {};
    const { handler, refreshed } = app({ reauthenticate: () => new Promise((resolve) => (give = resolve)) });
    const asked = [await ask(handler, `${REALM}1.png`), await ask(handler, `${REALM}2.png`)];
    assert.deepEqual(refreshed, [REALM]);
    give('fresh');
    await settled();
    for (const { replies } of asked) assert.deepEqual(replies, [PENDING, token('fresh')]);
    await ask(handler);
    assert.equal(refreshed.length, 2);
  });

  test('of two realms are apart', async () => {
    const { handler, refreshed } = app({ realmOf: ({ origin }) => `${origin}/`, reauthenticate: never });
    await ask(handler, 'http://a.example/1');
    await ask(handler, 'http://b.example/1');
    assert.deepEqual(refreshed, ['http://a.example/', 'http://b.example/']);
  });

  describe('of several tabs come one after the other', () => {
    test('a tab that never ends its turn delays the next one by a minute', async (t) => {
      useLocks(t);
      void navigator.locks.request(`auth-service-worker ${REALM}`, never);
      const { handler, refreshed } = app({ reauthenticate: async () => 'fresh' });
      const asked = await ask(handler);
      await pass(59_990);
      assert.deepEqual([asked.replies, refreshed], [[PENDING, {}], []]);
      await pass(10);
      assert.deepEqual(refreshed, [REALM]);
    });

    test('so that one login serves all', async (t) => {
      const names = useLocks(t);
      /** @type {Record<string, string>} */
      let stored = { [REALM]: jwt(-1) };
      const login = async () => {
        stored = {};
        await new Promise((resolve) => setTimeout(resolve, 600));
        stored = { [REALM]: 'fresh' };
        return 'fresh';
      };
      const tabs = [1, 2].map(() => app({ tokens: () => stored, reauthenticate: login }));
      const asked = [await ask(tabs[0].handler), await ask(tabs[1].handler)];
      await pass(700);
      assert.deepEqual(
        asked.map(({ replies }) => replies),
        Array(2).fill([PENDING, token('fresh')]),
      );
      assert.deepEqual(
        tabs.map(({ refreshed }) => refreshed.length),
        [1, 0],
      );
      assert.deepEqual(names, Array(2).fill(`auth-service-worker ${REALM}`));
    });

    test('and one that fails or hangs does not keep the others from it', async (t) => {
      useLocks(t);
      for (const reauthenticate of [async () => undefined, never]) {
        const tabs = [app({ reauthenticate }), app()];
        await ask(tabs[0].handler);
        await pass(2900);
        const { replies } = await ask(tabs[1].handler);
        await settled();
        assert.deepEqual(replies, [PENDING, token('fresh')]);
      }
    });
  });

  test('a realm may be given as a URL', async () => {
    const { handler, refreshed } = app({ realmOf: () => new URL(REALM) });
    assert.deepEqual((await ask(handler)).replies, [PENDING, token('fresh')]);
    assert.deepEqual(refreshed, [REALM]);
  });
});

describe('who may ask', () => {
  const hit = () => app({ storage: storageOf({ [REALM]: 'stored' }) }).handler;

  for (const [name, event] of /** @type {[string, object][]} */ ([
    ['no data', { data: null }],
    ['data that is no object', { data: 'request-realm-token' }],
    ['no port', { ports: [] }],
    ['no ports', { ports: undefined }],
    ['a window', { source: { postMessage() {} } }],
    [
      'a window of another origin',
      {
        source: new Proxy(
          {},
          {
            get() {
              throw new DOMException('', 'SecurityError');
            },
          },
        ),
      },
    ],
  ])) {
    test(`${name}: ignored`, async () => {
      const asked = new Ask();
      await hit()({ ...asked.event, ...event });
      await settled();
      assert.deepEqual(asked.replies, []);
    });
  }

  test('the worker the page registers; none of another part of the site, or of another site, not even in control', async (t) => {
    Object.assign(globalThis, { location: new URL('https://app.example/shop/') });
    t.after(() => Reflect.deleteProperty(globalThis, 'location'));
    const container = new FakeContainer();
    container.controller = Object.assign(new FakeServiceWorker(), { scriptURL: 'https://app.example/old-worker.js' });
    for (const [scriptURL, workerURL, replies] of /** @type {[string, string | undefined, object[]][]} */ ([
      ['https://app.example/auth-service-worker.js', undefined, [token('stored')]],
      ['https://app.example/auth-service-worker.js?debug=true', undefined, [token('stored')]],
      ['https://app.example/shop/worker.js', 'worker.js', [token('stored')]],
      ['https://app.example/old-worker.js', undefined, []],
      ['https://app.example/forum/worker.js', undefined, []],
      ['https://other.example/auth-service-worker.js', undefined, []],
    ])) {
      const asked = new Ask();
      const options = { storage: storageOf({ [REALM]: 'stored' }), navigator: navigatorOf(container), workerURL };
      await app(options).handler({ ...asked.event, source: Object.assign(new FakeServiceWorker(), { scriptURL }) });
      await settled();
      assert.deepEqual(asked.replies, replies, scriptURL);
    }
  });

  test('a frame without a place of its own: the worker of the path that it registers', async (t) => {
    Object.assign(globalThis, { location: new URL('about:srcdoc') });
    t.after(() => Reflect.deleteProperty(globalThis, 'location'));
    for (const [scriptURL, replies] of /** @type {[string, object[]][]} */ ([
      ['https://app.example/auth-service-worker.js?debug=true', [token('stored')]],
      ['https://app.example/forum/auth-service-worker.js', []],
    ])) {
      const asked = new Ask();
      const { handler } = app({
        storage: storageOf({ [REALM]: 'stored' }),
        navigator: navigatorOf(new FakeContainer()),
      });
      await handler({ ...asked.event, source: Object.assign(new FakeServiceWorker(), { scriptURL }) });
      await settled();
      assert.deepEqual(asked.replies, replies, scriptURL);
    }
  });
});
