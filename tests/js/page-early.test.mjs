// The early responder as it is shipped, and the package that takes over from it.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, test } from 'node:test';
import { runInThisContext } from 'node:vm';
import { authorisedFetch } from '../../js/authorised/authorised-fetch.js';
import { registerAuthServiceWorker, syncTokenToServiceWorker } from '../../js/page/index.js';
import { TokenLog } from '../../js/page/token-log.js';
import {
  Ask,
  createCoreModule,
  FakeContainer,
  FakeServiceWorker,
  navigatorOf,
  jwt,
  pass,
  setClockBack,
  settled,
  stopTime,
  storageOf,
} from './page-platform.mjs';
import { importShipped, PACKAGE } from './package.mjs';
import { A, CAT, PENDING, REALM, remove, set, token } from './wire.mjs';

const { earlyScript } = await importShipped('files.js');
const script = readFileSync(new URL('early.js', PACKAGE), 'utf8');

/** @param {string} name @param {PropertyDescriptor} descriptor */
const define = (name, descriptor) => Object.defineProperty(globalThis, name, { configurable: true, ...descriptor });

/** @type {FakeContainer} */
let container;
/** @type {FakeServiceWorker} */
let worker;
beforeEach(() => {
  stopTime();
  container = new FakeContainer();
  worker = new FakeServiceWorker();
  container.controller = worker;
  define('navigator', { value: { serviceWorker: container } });
  define('location', { value: new URL('https://app.example/app/page') });
  dataset = {};
  define('document', { value: { currentScript: { dataset } } });
  define('localStorage', { value: storageOf(undefined) });
  for (const name of ['addEventListener', 'removeEventListener']) define(name, { value: () => {} });
  Reflect.deleteProperty(globalThis, 'authServiceWorkerEarly');
});

/** The attributes of the script in <head>. @type {Record<string, string>} */
let dataset;
/** That script runs. @param {object} [tokens] @param {string} [key] */
const load = (tokens, key) => {
  if (key) dataset.storageKey = key;
  if (tokens) define('localStorage', { value: storageOf(tokens, key) });
  runInThisContext(script);
};
/** The package is there. Its own elements are not, in Node. @param {import('./page-platform.mjs').Options} [options] */
const register = async (options) => {
  define('document', { value: undefined });
  const result = await registerAuthServiceWorker({ createCoreModule, ...options });
  await settled();
  return result;
};
const received = () => worker.received.splice(0);

test('is at most 1,450 bytes, and may stand in a script element', () => {
  assert.ok(script.length <= 1450, `${script.length} bytes`);
  assert.doesNotMatch(script, /[\r\n]$|<\/script|<!--/i);
});

test('a script with options of its own still reads its attributes', async () => {
  const { script: printed } = await earlyScript({ storageKey: 'tokens' });
  dataset.workerUrl = '/app/auth-service-worker.js';
  worker.scriptURL = 'https://app.example/app/auth-service-worker.js';
  define('localStorage', { value: storageOf({ [REALM]: A }, 'tokens') });
  runInThisContext(printed);
  assert.deepEqual(received(), [set(REALM, A)]);
});

describe('while the page is parsed', () => {
  test('it opens the queue of messages after it listens', () => {
    load();
    assert.deepEqual(container.calls, ['listen message', 'startMessages']);
  });

  test('tokens in storage go to the worker in control at once', () => {
    load({ [A]: 'a', [REALM]: 'stored' });
    assert.deepEqual(received(), [set(A, 'a'), set(REALM, 'stored')]);
  });

  test('nothing is said where there are none, or no worker', () => {
    load();
    container.controller = null;
    load({ [A]: 'a' });
    assert.deepEqual(received(), []);
  });

  test('a page with an <img name="prerendering"> is not prerendered', async () => {
    Object.assign(document, { prerendering: { localName: 'img' } });
    load({ [REALM]: 'stored' });
    assert.deepEqual(received(), [set(REALM, 'stored')]);
  });

  test('nothing is said by a page that is prerendered: it would be heard when the page is shown, and may be of before a logout', async () => {
    Object.assign(document, { prerendering: true });
    load({ [REALM]: 'stored' });
    const asked = await container.ask(CAT, { source: worker });
    assert.deepEqual(received(), []);
    assert.deepEqual(asked.replies, []);
  });

  test('an ask: pending, and the tokens; once for many asks', async () => {
    load({ [REALM]: 'stored' });
    await pass(100);
    received();
    const asked = [await container.ask(CAT, { source: worker }), await container.ask(`${A}1.png`, { source: worker })];
    assert.deepEqual(
      asked.map(({ replies }) => replies),
      [[PENDING], [PENDING]],
    );
    assert.deepEqual(received(), [set(REALM, 'stored')]);
    await pass(100);
    await container.ask(CAT, { source: worker });
    assert.deepEqual(received(), [set(REALM, 'stored')], 'a later one: the worker may have been stopped');
  });

  test('an ask without tokens: nothing yet', async () => {
    load();
    assert.deepEqual((await container.ask(CAT, { source: worker })).replies, []);
    assert.deepEqual(received(), []);
  });

  test('the worker is found beside the page, wherever a <base> leads', async () => {
    define('document', { value: { currentScript: { dataset }, baseURI: 'https://elsewhere.example/' } });
    load({ [REALM]: 'stored' });
    assert.deepEqual(received(), [set(REALM, 'stored')]);
  });

  test('tokens under the key of data-storage-key', async () => {
    load({ [REALM]: 'stored' }, 'mine');
    assert.deepEqual(received(), [set(REALM, 'stored')]);
  });

  test('an ask of another worker: nothing, even when it is in control', async () => {
    const other = (container.controller = Object.assign(new FakeServiceWorker(), {
      scriptURL: 'https://app.example/other.js',
    }));
    load({ [REALM]: 'stored' });
    assert.deepEqual((await container.ask(CAT, { source: other })).replies, []);
    assert.deepEqual(other.received, []);
  });

  test('the worker is the one of data-worker-url', async () => {
    dataset.workerUrl = 'worker.js?debug=true';
    worker.scriptURL = 'https://app.example/app/worker.js?debug=true';
    load({ [REALM]: 'stored' });
    assert.deepEqual(received(), [set(REALM, 'stored')]);
  });

  for (const [workerUrl, scriptURL] of /** @type {[string | undefined, string][]} */ ([
    [undefined, 'https://app.example/auth-service-worker.js?debug=true'],
    ['/worker.js?of=mine', 'https://app.example/worker.js?of=mine&debug=true'],
    ['/worker.js?debug=true', 'https://app.example/worker.js?credentials=include'],
  ])) {
    test(`the worker has its options in its URL, those of now or of before: ${scriptURL}`, async () => {
      if (workerUrl) dataset.workerUrl = workerUrl;
      worker.scriptURL = scriptURL;
      load({ [REALM]: 'stored' });
      assert.deepEqual(received(), [set(REALM, 'stored')]);
    });
  }

  test('a clock that is set back does not keep it from pushing', async () => {
    load({ [REALM]: 'stored' });
    await pass(100);
    received();
    setClockBack(86_400_000);
    await container.ask(CAT, { source: worker });
    assert.deepEqual(received(), [set(REALM, 'stored')]);
  });

  test('other messages are not its own', async () => {
    load({ [REALM]: 'stored' });
    received();
    container.dispatchEvent(Object.assign(new Event('message'), { data: null }));
    container.dispatchEvent(
      Object.assign(new Event('message'), { data: { type: 'other' }, source: worker, ports: [] }),
    );
    assert.deepEqual(received(), []);
    assert.deepEqual([...Reflect.get(globalThis, 'authServiceWorkerEarly')()], []);
  });
});

describe('an image that fails', () => {
  /** The listeners, by the type of their event. @type {Record<string, (event: object) => void>} */
  let hears;
  beforeEach(() => {
    hears = {};
    define('addEventListener', {
      value: (/** @type {string} */ type, /** @type {(event: object) => void} */ hear, isFirst = false) =>
        isFirst && (hears[type] = hear),
    });
    define('removeEventListener', { value: (/** @type {string} */ type) => delete hears[type] });
    container.controller = null;
  });
  /**
   * @param {string} currentSrc
   * @param {boolean} [isTrusted]
   * @param {object} [image]
   * @returns {{isHeard: boolean, failures: string[]}} what the app hears of it: now, and later
   */
  const fail = (currentSrc, isTrusted = true, image = new EventTarget()) => {
    const target = Object.assign(/** @type {EventTarget} */ (image), { currentSrc });
    const heard = { isHeard: true, failures: /** @type {string[]} */ ([]) };
    target.addEventListener('error', ({ type }) => heard.failures.push(type));
    hears.error?.({ target, isTrusted, stopImmediatePropagation: () => (heard.isHeard = false) });
    return heard;
  };

  test('is held back for 5 s: the package may not come', async () => {
    load({ [REALM]: 'stored' });
    const heard = fail(CAT);
    await pass(4999);
    assert.deepEqual(heard, { isHeard: false, failures: [] });
    await pass(1);
    assert.deepEqual(heard, { isHeard: false, failures: ['error'] });
    assert.equal(fail(CAT).isHeard, true);
  });

  test('is held back for the package, which decides', async () => {
    load({ [REALM]: 'stored' });
    const heard = fail(CAT);
    const early = /** @type {any} */ (globalThis).authServiceWorkerEarly();
    assert.deepEqual(
      early.failed.map((/** @type {HTMLImageElement} */ { currentSrc }) => currentSrc),
      [CAT],
    );
    assert.equal(early.wasControlled, false);
    await pass(5000);
    assert.deepEqual(heard.failures, []);
    assert.equal(fail(CAT).isHeard, true);
  });

  for (const [name, since] of /** @type {[string, object][]} */ ([
    ['shows by then', { naturalWidth: 64 }],
    ['has another URL by then', { currentSrc: 'https://cdn.example/fallback.png' }],
    ['is requested again by then', { complete: false }],
  ])) {
    test(`and ${name} has not failed`, async () => {
      load({ [REALM]: 'stored' });
      const images = [new EventTarget(), new EventTarget()];
      const heard = images.map((image) => fail(CAT, true, image));
      Object.assign(images[0], since);
      await pass(5000);
      assert.deepEqual(
        heard.map(({ failures }) => failures),
        [[], ['error']],
      );

      load({ [REALM]: 'stored' });
      for (const image of images) fail(CAT, true, image);
      Object.assign(images[0], since);
      assert.deepEqual(/** @type {any} */ (globalThis).authServiceWorkerEarly().failed, [images[1]]);
    });
  }

  test('is not held back without a token for it, nor where the app itself says that it has failed', () => {
    load({ [REALM]: 'stored' });
    assert.equal(fail(`${A}cat.png`).isHeard, true);
    assert.equal(fail(CAT, false).isHeard, true);
  });

  test('is not held back under the worker, unless that has asked: the reply may have come late', async () => {
    container.controller = worker;
    load({ [REALM]: 'stored' });
    assert.equal(fail(CAT).isHeard, true);
    await container.ask(CAT, { source: worker });
    assert.equal(fail(CAT).isHeard, false);
    assert.equal(/** @type {any} */ (globalThis).authServiceWorkerEarly().wasControlled, true);
  });
});

describe('never throws', () => {
  const boom = () => {
    throw new DOMException('', 'SecurityError');
  };
  for (const [name, spoil] of /** @type {[string, () => void][]} */ ([
    ['no navigator.serviceWorker', () => define('navigator', { value: {} })],
    [
      'a sandboxed frame',
      () =>
        define('navigator', {
          value: {
            get serviceWorker() {
              return boom();
            },
          },
        }),
    ],
    ['no script element', () => define('document', { value: { currentScript: null } })],
    ['storage forbidden', () => define('localStorage', { get: boom })],
    ['no JSON in storage', () => define('localStorage', { value: { getItem: () => '{' } })],
    ['null in storage', () => define('localStorage', { value: { getItem: () => 'null' } })],
    ['a worker that takes nothing', () => (worker.postMessage = boom)],
  ])) {
    test(name, async () => {
      define('localStorage', { value: storageOf({ [REALM]: 'stored' }) });
      spoil();
      load();
      /** @type {Error[]} */
      const errors = [];
      const noteError = (/** @type {Error} */ error) => errors.push(error);
      process.once('uncaughtException', noteError);
      const asked = new Ask();
      for (const ports of [asked.event.ports, []]) {
        container.dispatchEvent(Object.assign(new Event('message'), { ...asked.event, ports, source: worker }));
      }
      await settled();
      process.removeListener('uncaughtException', noteError);
      assert.deepEqual(errors, []);
    });
  }
});

describe('the package takes over', () => {
  test('each ask gets its one final reply, and one pending at most', async () => {
    load({ [A]: 'a', [REALM]: jwt(-1) });
    /** @type {string[]} */
    const refreshed = [];
    const asked = [
      await container.ask(CAT),
      await container.ask(`${A}1.png`),
      await container.ask('http://b.example/'),
    ];
    await register({
      realmOf: ({ href }) => (href.startsWith(REALM) ? REALM : undefined),
      reauthenticate: async (realmURL) => {
        refreshed.push(realmURL);
        return 'fresh';
      },
    });
    assert.deepEqual(
      asked.map(({ replies }) => replies),
      [
        [PENDING, token('fresh')],
        [PENDING, { realmURL: A, token: 'a' }],
        [PENDING, {}],
      ],
    );
    assert.deepEqual(refreshed, [REALM]);
  });

  test('asks it left without a word, too', async () => {
    load();
    const asked = await container.ask();
    define('localStorage', { value: storageOf({ [REALM]: 'stored' }) });
    await register();
    assert.deepEqual(asked.replies, [token('stored')]);
  });

  test("later asks are the package's alone", async () => {
    load({ [REALM]: 'stored' });
    await register();
    await pass(300); // It is of version 1: it replies to no hello.
    received();
    assert.deepEqual((await container.ask(CAT, { source: worker })).replies, [token('stored')]);
    assert.deepEqual(received(), []);
  });

  test('a token that it has told is taken back, once storage has lacked it for 5 s', async () => {
    load({ [REALM]: 'old' });
    define('localStorage', { value: storageOf(undefined) });
    await register();
    received();
    await pass(5000);
    assert.deepEqual(received(), [remove(REALM)]);
  });

  test('a token that it has told stays, if the app says it as well', async () => {
    load({ [REALM]: 'token' });
    define('localStorage', { value: storageOf(undefined) });
    await register();
    syncTokenToServiceWorker(REALM, 'token');
    received();
    await pass(20_000);
    assert.deepEqual(received(), []);
  });

  test('a page that is disabled gives its asks no token, and ends it', async () => {
    load({ [REALM]: 'alice' });
    const asked = await container.ask(CAT, { source: worker });
    await registerAuthServiceWorker({ isEnabled: false });
    await settled();
    assert.deepEqual(asked.replies, [PENDING, {}]);
    const late = await container.ask(CAT, { source: worker });
    assert.deepEqual(late.replies, []);
  });

  test('a token that it has told is of the user at load: it does not come back when the page registers again', async (t) => {
    load({ [REALM]: 'alice' });
    await register();
    await registerAuthServiceWorker({ isEnabled: false });
    define('localStorage', { value: storageOf(undefined) }); // Alice logs out.
    await register();
    const fetched = t.mock.method(globalThis, 'fetch', async () => new Response());
    await authorisedFetch(CAT);
    const [, { headers }] = /** @type {any[]} */ (fetched.mock.calls[0].arguments);
    assert.deepEqual([...headers], []);
  });

  test('what it has told is older than what the app has said before it registers', () => {
    const log = new TokenLog();
    log.add([[REALM, 'new']]);
    log.addEarly({ [REALM]: 'old', [A]: 'a' });
    assert.deepEqual(log.tokens(), { [REALM]: 'new', [A]: 'a' });
    log.add([], true);
    log.addEarly({ [REALM]: 'old' });
    assert.deepEqual(log.tokens(), {});
  });

  test('once, however often the page registers', async () => {
    load({ [REALM]: 'stored' });
    const asked = await container.ask();
    await register();
    await register();
    assert.deepEqual(asked.replies, [PENDING, token('stored')]);
  });

  test('where there is no responder, an <a id="authServiceWorkerEarly"> is none', async (t) => {
    define('authServiceWorkerEarly', { value: { localName: 'a' } });
    t.after(() => Reflect.deleteProperty(globalThis, 'authServiceWorkerEarly'));
    const { registered } = await register({ storage: storageOf({ [REALM]: 'stored' }) });
    assert.ok(registered);
    await pass(300); // The worker is of version 1: it replies to no hello.
    assert.deepEqual((await container.ask(CAT, { source: worker })).replies, [token('stored')]);
  });

  test('of another container it takes nothing', async () => {
    load({ [REALM]: 'stored' });
    const asked = await container.ask();
    await register({ navigator: navigatorOf(new FakeContainer()) });
    assert.deepEqual(asked.replies, [PENDING]);
  });
});

describe('earlyScript()', () => {
  for (const options of [{ tokenPath: 'access_token' }, { realm: REALM }]) {
    test(`with ${Object.keys(options)} alone: an error that says so`, async () => {
      await assert.rejects(earlyScript(options), /tokenPath and realm belong together/);
    });
  }

  test('of an early.js in which the place for the path is not found: an error that says so', async () => {
    const { earlyScript: earlyScriptOfSources } = await import('../../js/files.js');
    await assert.rejects(
      earlyScriptOfSources({ tokenPath: 'access_token', realm: REALM }),
      /early\.js is not of the version of files\.js/,
    );
  });
});
