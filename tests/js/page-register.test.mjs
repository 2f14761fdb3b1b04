// Registration of the worker.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import {
  clearServiceWorkerTokens,
  registerAuthServiceWorker,
  support,
  syncAllTokensToServiceWorker,
  syncTokenToServiceWorker,
  whenControlled,
} from '../../js/page/index.js';
import { addressOf, registerWorker } from '../../js/page/own-workers.js';
import {
  brought,
  createCoreModule,
  FakeContainer,
  FakeServiceWorker,
  FakeServiceWorker2,
  later,
  navigatorOf,
  openWindow,
  pass,
  received,
  settled,
  stopTime,
  storageOf,
  warningsOf,
} from './page-platform.mjs';
import { A, B, CAT, clear, REALM, remove, set, sync } from './wire.mjs';

beforeEach(stopTime);

/** @typedef {import('./page-platform.mjs').Options} Options */

/** @param {FakeContainer} container @param {Options} [options] */
const optionsFor = (container, options) => ({
  navigator: navigatorOf(container),
  createCoreModule,
  storage: storageOf({ [REALM]: 'stored' }),
  ...options,
});

describe('registers', () => {
  test('the worker, and says so', async () => {
    const container = new FakeContainer();
    const result = await registerAuthServiceWorker(optionsFor(container));
    assert.deepEqual(result, { registered: true, registration: container.registration });
    assert.ok(container.calls.includes('register /auth-service-worker.js /'));
  });

  test('another file for another scope', async () => {
    const container = new FakeContainer();
    await registerAuthServiceWorker(optionsFor(container, { workerURL: '/app/worker.js', scope: '/app/' }));
    assert.ok(container.calls.includes('register /app/worker.js /app/'));
  });

  for (const [path, expected] of /** @type {[string, RegExp[]][]} */ ([
    ['/app', [/the page at \/app\/\. Or set the option scope to '\/app', and send Service-Worker-Allowed: \/app/]],
    ['/app/', []],
    ['/login', []],
  ]))
    test(`for a scope that lacks only the page's missing slash, a warning: ${path}`, async (t) => {
      Object.assign(globalThis, { location: new URL(path, 'https://app.example') });
      t.after(() => Reflect.deleteProperty(globalThis, 'location'));
      const warnings = warningsOf(t);
      const container = new FakeContainer();
      container.registration.scope = 'https://app.example/app/';
      await registerAuthServiceWorker(optionsFor(container, { scope: '/app/' }));
      for (let i = 0; i < 20; i++) await settled();
      assert.equal(warnings.texts.length, expected.length);
      expected.forEach((text) => assert.match(warnings.texts[0], text));
    });

  test('no worker that the HTML of a user names: <a id="AUTH_SERVICE_WORKER_BASE" href="/uploads/mallory/">', async (t) => {
    const AUTH_SERVICE_WORKER_BASE = { toString: () => 'https://app.example/uploads/mallory/' };
    Object.assign(globalThis, { AUTH_SERVICE_WORKER_BASE });
    t.after(() => Reflect.deleteProperty(globalThis, 'AUTH_SERVICE_WORKER_BASE'));
    // A module of its own: the name is read when the module loads.
    const anew = '../../js/page/own-workers.js?with-the-html-of-a-user';
    const container = new FakeContainer();
    await (await import(anew)).registerWorker(container, {}, {});
    assert.deepEqual(container.calls, ['register /auth-service-worker.js /']);
  });

  test('the worker of a bundler, whose base replaces the name', async (t) => {
    Object.assign(globalThis, { AUTH_SERVICE_WORKER_BASE: '/shop/' });
    t.after(() => Reflect.deleteProperty(globalThis, 'AUTH_SERVICE_WORKER_BASE'));
    const anew = '../../js/page/own-workers.js?with-the-base-of-a-bundler';
    const container = new FakeContainer();
    await (await import(anew)).registerWorker(container, {}, {});
    assert.deepEqual(container.calls, ['register /shop/auth-service-worker.js /shop/']);
  });

  test('with the options of the worker in the query of its URL', async () => {
    const container = new FakeContainer();
    await registerAuthServiceWorker(optionsFor(container, { worker: { debug: true, credentials: 'include' } }));
    await registerAuthServiceWorker(optionsFor(container, { workerURL: '/worker.js?v=2', worker: { debug: true } }));
    const registered = container.calls.filter((call) => call.startsWith('register'));
    assert.deepEqual(registered, [
      'register /auth-service-worker.js?debug=true&credentials=include /',
      'register /worker.js?v=2&debug=true /',
    ]);
  });

  test('relative to where the page is, not to a <base>; and what it imports is never taken from the cache', async (t) => {
    Object.assign(globalThis, { location: new URL('https://app.example/shop/page') });
    t.after(() => Reflect.deleteProperty(globalThis, 'location'));
    const container = new FakeContainer();
    await registerAuthServiceWorker(optionsFor(container, { workerURL: 'worker.js', scope: './' }));
    assert.ok(container.calls.includes('register https://app.example/shop/worker.js https://app.example/shop/'));
    assert.equal(container.updateViaCache, 'none');
    Object.assign(globalThis, { document: { baseURI: 'https://elsewhere.example/' } });
    t.after(() => Reflect.deleteProperty(globalThis, 'document'));
    assert.equal(addressOf('worker.js'), 'https://app.example/shop/worker.js');
  });

  test('as a trusted script URL where there is such a thing, by a policy made once', async (t) => {
    /** @type {string[]} */
    const made = [];
    const trustedTypes = {
      /** @param {string} name @param {{createScriptURL: (url: string) => string}} rules */
      createPolicy(name, { createScriptURL }) {
        made.push(name);
        return {
          createScriptURL: (/** @type {string} */ url) => ({ toString: () => `trusted ${createScriptURL(url)}` }),
        };
      },
    };
    Object.assign(globalThis, { trustedTypes });
    t.after(() => Reflect.deleteProperty(globalThis, 'trustedTypes'));
    const container = new FakeContainer();
    const keeper = {};
    await registerWorker(navigatorOf(container).serviceWorker, {}, keeper);
    await registerWorker(navigatorOf(container).serviceWorker, {}, keeper);
    assert.deepEqual(container.calls, Array(2).fill('register trusted /auth-service-worker.js /'));
    assert.deepEqual(made, ['auth-service-worker']);
  });

  test('as it is where the policy cannot be made: another copy has made it, or none is required', async (t) => {
    const createPolicy = () => {
      throw new TypeError('A policy with this name has been made.');
    };
    Object.assign(globalThis, { trustedTypes: { createPolicy } });
    t.after(() => Reflect.deleteProperty(globalThis, 'trustedTypes'));
    const container = new FakeContainer();
    await registerAuthServiceWorker(optionsFor(container));
    assert.deepEqual(
      container.calls.filter((call) => call.startsWith('register')),
      ['register /auth-service-worker.js /'],
    );
  });

  test('not with isEnabled: false, nor does anything get a reply', async () => {
    const container = new FakeContainer();
    const result = await registerAuthServiceWorker(optionsFor(container, { isEnabled: false }));
    assert.deepEqual(result, { registered: false, reason: 'disabled' });
    assert.deepEqual(container.calls, []);
  });

  test('isEnabled: false ends the replies of an earlier call, until the next one', async () => {
    const container = new FakeContainer();
    let reads = 0;
    const options = optionsFor(container, { tokens: () => (reads++, { [REALM]: 'token' }) });
    const repliesOf = async () => (await container.ask()).replies;
    await registerAuthServiceWorker(options);
    assert.deepEqual(await repliesOf(), [{ realmURL: REALM, token: 'token' }]);
    await registerAuthServiceWorker(optionsFor(container, { isEnabled: false }));
    reads = 0;
    assert.deepEqual(await repliesOf(), []);
    container.control();
    await settled();
    assert.equal(reads, 0);
    await registerAuthServiceWorker(options);
    assert.deepEqual(await repliesOf(), [{ realmURL: REALM, token: 'token' }]);
  });

  for (const [
    name,
    options,
  ] of /** @type {[string, () => import('../../js/page/index.js').AuthServiceWorkerOptions][]} */ ([
    ['isEnabled: false', () => ({ isEnabled: false })],
    [
      'an option that says what to register cannot be read',
      () => ({
        get workerURL() {
          throw new Error('boom');
        },
      }),
    ],
  ])) {
    test(`whenControlled() does not wait where ${name}`, async (t) => {
      warningsOf(t);
      const container = new FakeContainer();
      const optionsWithNavigator = Object.defineProperties(
        optionsFor(container),
        Object.getOwnPropertyDescriptors(options()),
      );
      await registerAuthServiceWorker(optionsWithNavigator);
      /** @type {boolean | undefined} */
      let outcome;
      void whenControlled().then((value) => (outcome = value));
      await settled();
      assert.equal(outcome, false);
      await registerAuthServiceWorker(optionsFor(container));
      container.control();
      assert.equal(await whenControlled(), true);
    });
  }

  test('after it listens and has opened the queue of messages', async () => {
    const container = new FakeContainer();
    await registerAuthServiceWorker(optionsFor(container));
    const order = ['listen message', 'startMessages', 'register /auth-service-worker.js /'];
    assert.deepEqual(
      container.calls.filter((call) => order.includes(call)),
      order,
    );
    assert.ok(container.calls.indexOf('listen controllerchange') < container.calls.indexOf(order[2]));
  });

  test('before it reads or hears of storage, for which the browser takes its time', async (t) => {
    const container = new FakeContainer();
    Object.assign(globalThis, {
      addEventListener: (/** @type {string} */ type) => void container.calls.push(`hear ${type}`),
    });
    t.after(() => Reflect.deleteProperty(globalThis, 'addEventListener'));
    const storage = { getItem: () => (container.calls.push('read'), null) };
    await registerAuthServiceWorker(optionsFor(container, { storage }));
    const order = ['register /auth-service-worker.js /', 'hear storage', 'read'];
    assert.deepEqual(
      container.calls.filter((call) => order.includes(call)),
      order,
    );
  });
});

describe('registers, tells its tokens and replies', () => {
  /**
   * What comes of a page that registers with these options, is told of a changed storage, and is asked.
   * @param {import('node:test').TestContext} t @param {PropertyDescriptorMap} wrong
   */
  async function resultOf(t, wrong) {
    const view = openWindow();
    const warnings = warningsOf(t);
    /** @type {unknown[]} */
    const rejections = [];
    const hear = (/** @type {unknown} */ reason) => void rejections.push(reason);
    process.on('unhandledRejection', hear);
    t.after(() => process.off('unhandledRejection', hear));
    const container = new FakeContainer();
    const worker = new FakeServiceWorker2();
    container.control(worker);
    const options = Object.defineProperties({ ...optionsFor(container), publicRealms: [A], realms: [REALM] }, wrong);
    // The second time ends what the options of the first time wanted.
    await registerAuthServiceWorker({ ...optionsFor(container), refreshesBeforeExpiry: true });
    await settled();
    const { registered } = await registerAuthServiceWorker(/** @type {Options} */ (options));
    view.dispatchEvent(Object.assign(new Event('storage'), { key: 'boxel-session' }));
    const { replies } = await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
    await settled();
    const { origins, publicRealms, tokens } = worker.hellos[worker.hellos.length - 1];
    return { registered, origins, publicRealms, tokens, replies, rejections, warnings: warnings.texts };
  }

  const [stored, origin] = [{ [REALM]: 'stored' }, new URL(REALM).origin];
  const right = {
    registered: true,
    origins: [origin],
    publicRealms: [A],
    tokens: stored,
    rejections: [],
    warnings: [],
  };
  const asked = [{ tokens: stored, complete: true }];
  const get = () => {
    throw new Error('boom');
  };

  for (const name of ['realms', 'realmsComplete', 'refreshesBeforeExpiry', 'debug', 'isEnabled']) {
    test(`as if ${name}, whose getter throws, were not given`, async (t) => {
      assert.deepEqual(await resultOf(t, { [name]: { get } }), { ...right, replies: asked });
    });
  }

  for (const name of ['tokens', 'storage', 'storageKey']) {
    test(`no tokens, since the getter of ${name} throws`, async (t) => {
      const { warnings, ...result } = await resultOf(t, { [name]: { get } });
      assert.deepEqual({ ...result, warnings: [] }, { ...right, tokens: undefined, replies: [{}] });
      for (const text of warnings) assert.match(text, /tokens\(\) failed/);
    });
  }

  for (const [name, publicRealms] of /** @type {[string, PropertyDescriptor][]} */ ([
    ['a text', { value: A }],
    ['a set', { value: new Set([A]) }],
    ['a getter that throws', { get }],
  ])) {
    test(`no public realms, of which it warns, if they are ${name}`, async (t) => {
      assert.deepEqual(await resultOf(t, { publicRealms }), {
        ...right,
        publicRealms: undefined,
        replies: asked,
        warnings: ['auth-service-worker: publicRealms is not used: it must be a list of realm URLs.'],
      });
    });
  }
});

describe('isEnabled: false, or other options, end what an earlier call', () => {
  /** A page that is controlled by a worker which has not acknowledged anything yet. */
  const controlled = () => {
    openWindow();
    const container = new FakeContainer();
    const worker = new FakeServiceWorker2();
    worker.isDeaf = true;
    container.control(worker);
    return { container, worker };
  };
  /** A container whose registrations end when the test says so. */
  const slowContainer = () => {
    const container = new FakeContainer();
    /** @type {((end: 'fails' | object) => Promise<void>)[]} */
    const ends = [];
    container.register = () =>
      new Promise((resolve, reject) =>
        ends.push(async (end) => {
          if (end === 'fails') reject(new TypeError('no such file'));
          else resolve(/** @type {object} */ (end));
          await settled();
        }),
      );
    return { container, ends };
  };
  const registrationOf = (/** @type {string} */ scope) =>
    Object.assign(new EventTarget(), { scope, active: new FakeServiceWorker() });

  test('was reading', async () => {
    const { container, worker } = controlled();
    void registerAuthServiceWorker(optionsFor(container, { tokens: later(1000, { [REALM]: 'late' }) }));
    await settled();
    brought(worker);
    await registerAuthServiceWorker(optionsFor(container, { isEnabled: false }));
    await pass(2000);
    assert.deepEqual([brought(worker), received(worker)], [[], []]);
  });

  test('was repeating; but a logout reaches the worker', async () => {
    const { container, worker } = controlled();
    await registerAuthServiceWorker(optionsFor(container, { storage: storageOf() }));
    await settled();
    clearServiceWorkerTokens();
    syncTokenToServiceWorker(A, 'a');
    assert.deepEqual(received(worker), [clear, set(A, 'a')]);
    await registerAuthServiceWorker(optionsFor(container, { isEnabled: false }));
    worker.isDeaf = false;
    await pass(2000);
    assert.deepEqual(received(worker), [clear, clear]);
  });

  for (const { how, say, said } of [
    {
      how: 'that these were all tokens',
      say: () => syncAllTokensToServiceWorker({ [REALM]: 'token' }),
      said: [sync({ [REALM]: 'token' }), clear],
    },
    {
      how: 'that one was removed',
      say: () => syncTokenToServiceWorker(REALM, undefined),
      said: [remove(REALM), remove(REALM)],
    },
  ])
    test(`was telling ${how}: the tokens of the next call count more`, async () => {
      const { container, worker } = controlled();
      await registerAuthServiceWorker(optionsFor(container, { storage: storageOf() }));
      await settled();
      say();
      await registerAuthServiceWorker(optionsFor(container, { isEnabled: false }));
      assert.deepEqual(received(worker), said);
      await registerAuthServiceWorker(optionsFor(container, { storage: storageOf({ [REALM]: 'next' }) }));
      assert.deepEqual(received(worker), [said[1], set(REALM, 'next')]);
      assert.deepEqual(brought(worker), [{ [REALM]: 'next' }]);
      await pass(1000);
      const repeated = said[1] === clear ? sync({ [REALM]: 'next' }) : set(REALM, 'next');
      assert.deepEqual(received(worker), [repeated]);
    });

  test('and what the app says until the next call takes tokens away, and brings none', async () => {
    const { container, worker } = controlled();
    worker.isDeaf = false;
    await registerAuthServiceWorker(optionsFor(container, { isEnabled: false }));
    await settled();
    worker.hellos = [];
    syncTokenToServiceWorker(A, 'of-a-test');
    syncTokenToServiceWorker(REALM, undefined);
    assert.deepEqual(received(worker), [remove(REALM)]);
    syncAllTokensToServiceWorker({ [REALM]: 'of-a-test' });
    assert.deepEqual(received(worker), [clear]);
    container.control(worker);
    await pass(2000);
    assert.deepEqual([received(worker), worker.hellos], [[clear], []], 'a worker that takes over hears the same');
    await registerAuthServiceWorker(optionsFor(container, { storage: storageOf() }));
    await settled();
    assert.deepEqual(received(worker), [sync({ [REALM]: 'of-a-test' })], 'it counts once the package is enabled');
  });

  test('had realms to learn', async () => {
    const { container, worker } = controlled();
    void registerAuthServiceWorker(optionsFor(container, { realms: later(1000, [A]) }));
    await registerAuthServiceWorker(optionsFor(container, { isEnabled: false }));
    await settled();
    worker.hellos = [];
    await pass(2000);
    assert.deepEqual(worker.hellos, []);
  });

  test('was registering', async () => {
    const { container, ends } = slowContainer();
    const first = registerAuthServiceWorker(optionsFor(container));
    await registerAuthServiceWorker(optionsFor(container, { isEnabled: false }));
    const registration = registrationOf('https://app.example/');
    await ends[0](registration);
    assert.deepEqual(await first, { registered: true, registration });
    assert.deepEqual(registration.active.hellos, []);
  });

  for (const [what, options, count] of /** @type {[string, object, number][]} */ ([
    ['disabled', { isEnabled: false }, 0],
    ['registered with other options', { workerURL: '/next.js' }, 1],
  ]))
    test(`was looking whether its worker is still registered, and is ${what}`, async () => {
      const { container } = controlled();
      container.registration.scope = 'https://app.example/';
      /** @type {(found: undefined) => void} */
      let end = () => {};
      container.getRegistration = () => new Promise((resolve) => (end = resolve));
      await registerAuthServiceWorker(optionsFor(container, { storage: storageOf() }));
      syncTokenToServiceWorker(A, 'a');
      container.calls = [];
      await registerAuthServiceWorker(optionsFor(container, options));
      end(undefined);
      await pass(1000);
      const registered = container.calls.filter((call) => call.startsWith('register '));
      assert.equal(registered.length, count, registered.join());
    });

  test('was registering for another scope', async () => {
    const { container, ends } = slowContainer();
    void registerAuthServiceWorker(optionsFor(container, { scope: '/old/' }));
    void registerAuthServiceWorker(optionsFor(container, { scope: '/new/' }));
    const [older, newer] = [registrationOf('https://app.example/old/'), registrationOf('https://app.example/new/')];
    await ends[1](newer);
    await ends[0](older);
    assert.deepEqual([brought(newer.active), brought(older.active)], [[{ [REALM]: 'stored' }], []]);
  });

  test('was registering, and fails: a worker is waited for', async (t) => {
    warningsOf(t);
    const { container, ends } = slowContainer();
    void registerAuthServiceWorker(optionsFor(container, { workerURL: '/old.js' }));
    void registerAuthServiceWorker(optionsFor(container));
    /** @type {boolean | undefined} */
    let outcome;
    void whenControlled().then((value) => (outcome = value));
    await ends[0]('fails');
    assert.equal(outcome, undefined);
    container.control();
    await settled();
    assert.equal(outcome, true);
  });

  test('began to read when the storage changed', async () => {
    const view = openWindow();
    const container = new FakeContainer();
    const worker = container.control(new FakeServiceWorker2());
    let stored = {};
    await registerAuthServiceWorker(optionsFor(container, { tokens: () => later(1000, stored)() }));
    await pass(1000);
    stored = { [B]: 'replaced' };
    view.dispatchEvent(Object.assign(new Event('storage'), { key: null }));
    await registerAuthServiceWorker(optionsFor(container, { tokens: () => ({ [A]: 'a' }) }));
    await pass(2000);
    assert.deepEqual([brought(worker), received(worker)], [[{ [A]: 'a' }], []]);
  });

  test('watches with `debug: true`', async (t) => {
    const container = new FakeContainer();
    container.getRegistration = async () => undefined;
    const place = { configurable: true, value: navigatorOf(container) };
    const { navigator } = globalThis;
    Object.defineProperty(globalThis, 'navigator', place);
    t.after(() => Object.defineProperty(globalThis, 'navigator', { ...place, value: navigator }));
    /** @type {Set<object>} */
    const listening = new Set();
    t.mock.method(container, 'addEventListener', (/** @type {string} */ type, /** @type {object} */ listener) => {
      if (type === 'controllerchange') listening.add(listener);
    });
    t.mock.method(container, 'removeEventListener', (/** @type {string} */ _, /** @type {object} */ listener) =>
      listening.delete(listener),
    );
    const countWith = async (/** @type {Options} */ options) => {
      await registerAuthServiceWorker(optionsFor(container, options));
      await import('../../js/inspect/index.js');
      await settled();
      return listening.size;
    };
    const own = await countWith({});
    assert.equal(await countWith({ debug: true }), own + 1);
    assert.equal(await countWith({ debug: true, scope: '/' }), own + 1);
    assert.equal(await countWith({ isEnabled: false }), own);
    assert.equal(await countWith({ debug: true }), own + 1);
    assert.equal(await countWith({}), own);
  });
});

test('support() says whether there can be a worker', () => {
  assert.deepEqual(support(navigatorOf(new FakeContainer())), { supported: true });
  assert.deepEqual(support(/** @type {any} */ ({})), { supported: false, reason: 'unsupported' });
});

describe('replies to asks', () => {
  test('from before register() settles', async () => {
    const container = new FakeContainer();
    container.register = () => new Promise(() => {});
    void registerAuthServiceWorker(optionsFor(container));
    const { replies } = await container.ask();
    assert.deepEqual(replies, [{ realmURL: REALM, token: 'stored' }]);
  });

  test('once, however often it is called; the last options count', async () => {
    const container = new FakeContainer();
    await registerAuthServiceWorker(optionsFor(container));
    await registerAuthServiceWorker(optionsFor(container, { storage: storageOf({ [REALM]: 'other' }) }));
    const { replies } = await container.ask();
    assert.deepEqual(replies, [{ realmURL: REALM, token: 'other' }]);
    assert.equal(container.calls.filter((call) => call === 'listen message').length, 1);
  });

  test('of the worker that was registered with other options, until another replaces it', async (t) => {
    Object.assign(globalThis, { location: new URL('https://app.example/app/page') });
    t.after(() => Reflect.deleteProperty(globalThis, 'location'));
    const container = new FakeContainer();
    container.register = () => new Promise(() => {});
    void registerAuthServiceWorker(optionsFor(container, { worker: { debug: true } }));
    const source = Object.assign(new FakeServiceWorker(), {
      scriptURL: 'https://app.example/auth-service-worker.js?credentials=include',
    });
    assert.deepEqual((await container.ask(CAT, { source })).replies, [{ realmURL: REALM, token: 'stored' }]);
    const other = Object.assign(new FakeServiceWorker(), { scriptURL: 'https://app.example/other.js?debug=true' });
    assert.deepEqual((await container.ask(CAT, { source: other })).replies, []);
  });

  test('where registration failed, too: an older worker may be there', async (t) => {
    warningsOf(t);
    const container = new FakeContainer();
    container.register = async () => {
      throw new TypeError('no such file');
    };
    await registerAuthServiceWorker(optionsFor(container));
    assert.deepEqual((await container.ask()).replies, [{ realmURL: REALM, token: 'stored' }]);
  });
});

describe('never rejects, warns once, says why', () => {
  /** @param {import('node:test').TestContext} t @param {any} options also wrong ones */
  const failure = async (t, options) => {
    const warnings = warningsOf(t);
    const result = await registerAuthServiceWorker(options);
    assert.ok(!result.registered);
    await settled();
    assert.equal(warnings.texts.length, 1);
    return { ...result, warning: warnings.texts[0] };
  };

  test('on a server', async (t) => {
    const { reason, warning } = await failure(t, { navigator: {} });
    assert.equal(reason, 'unsupported');
    assert.match(warning, /Call this function in the browser, not on a server\./);
  });

  test('no service workers', async (t) => {
    Object.assign(globalThis, { document: {} });
    t.after(() => Reflect.deleteProperty(globalThis, 'document'));
    const { registered, reason, warning } = await failure(t, { navigator: {} });
    assert.deepEqual({ registered, reason }, { registered: false, reason: 'unsupported' });
    assert.match(warning, /showWithoutWorker\(\) of auth-service-worker\/authorised shows images/);
  });

  test('a navigator that the app gives counts, also in a document without an origin, as in jsdom', async (t) => {
    Object.assign(globalThis, { origin: 'null' });
    t.after(() => Reflect.deleteProperty(globalThis, 'origin'));
    const container = new FakeContainer();
    await registerAuthServiceWorker({ navigator: navigatorOf(container), storage: storageOf(undefined) });
    assert.ok(container.calls.some((call) => call.startsWith('register')));
  });

  test('a sandboxed frame', async (t) => {
    const navigator = {
      /** @returns {ServiceWorkerContainer} */
      get serviceWorker() {
        throw new DOMException('', 'SecurityError');
      },
    };
    Object.assign(globalThis, { origin: 'null' });
    t.after(() => Reflect.deleteProperty(globalThis, 'origin'));
    const { reason, warning } = await failure(t, { navigator });
    assert.equal(reason, 'sandboxed');
    assert.match(warning, /allow-same-origin/);
    assert.deepEqual(support(navigator), { supported: false, reason: 'sandboxed' });
  });

  test('a policy that does not name ours', async (t) => {
    const trustedTypes = {
      createPolicy() {
        throw new TypeError('not allowed');
      },
    };
    Object.assign(globalThis, { trustedTypes });
    t.after(() => Reflect.deleteProperty(globalThis, 'trustedTypes'));
    const container = new FakeContainer();
    container.register = async () => {
      throw new TypeError('This document requires TrustedScriptURL assignment.');
    };
    assert.match(
      (await failure(t, optionsFor(container))).warning,
      /the policy "auth-service-worker" in trusted-types/,
    );
  });

  test('an insecure page', async (t) => {
    Object.assign(globalThis, { isSecureContext: false });
    t.after(() => Reflect.deleteProperty(globalThis, 'isSecureContext'));
    const { reason, warning } = await failure(t, { navigator: {} });
    assert.equal(reason, 'insecure-context');
    assert.match(warning, /https/);
  });

  const error = new Error('boom');
  for (const [name, spoil] of /** @type {[string, (container: FakeContainer) => void][]} */ ([
    [
      'register() rejects',
      (container) =>
        (container.register = async () => {
          throw error;
        }),
    ],
    [
      'register() throws',
      (container) =>
        (container.register = () => {
          throw error;
        }),
    ],
    [
      'startMessages() throws',
      (container) =>
        (container.startMessages = () => {
          throw error;
        }),
    ],
  ])) {
    test(name, async (t) => {
      const container = new FakeContainer();
      spoil(container);
      const { registered, reason, error: why, warning } = await failure(t, optionsFor(container));
      assert.deepEqual({ registered, reason, why }, { registered: false, reason: 'registration-failed', why: error });
      assert.match(warning, /auth-service-worker\.js/);
    });
  }

  test('options whose getters throw', async (t) => {
    const options = {
      navigator: navigatorOf(new FakeContainer()),
      get workerURL() {
        throw error;
      },
    };
    const { reason, warning } = await failure(t, options);
    assert.equal(reason, 'registration-failed');
    assert.match(warning, /a getter of workerURL, scope or worker throws/);
  });

  test('options of the worker that are null', async (t) => {
    const { warning } = await failure(t, { navigator: navigatorOf(new FakeContainer()), worker: null });
    assert.match(warning, /`worker` is null/);
  });

  test('options whose getters throw once the worker is being registered', async (t) => {
    const options = {
      navigator: navigatorOf(new FakeContainer()),
      get registration() {
        throw error;
      },
    };
    const result = await failure(t, options);
    assert.deepEqual([result.reason, result.error], ['registration-failed', error]);
  });

  for (const options of [undefined, null, {}]) {
    test(`options ${JSON.stringify(options)}`, async (t) => {
      assert.equal((await failure(t, options)).registered, false);
    });
  }
});
