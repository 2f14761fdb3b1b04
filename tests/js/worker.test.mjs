// The behaviours of the shipped worker: those of Boxel's worker, and those that ours adds.
import { IDBFactory } from 'fake-indexeddb';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authorizations, isWithoutWasm, Page, settled, startWorker, trappingIn } from './service-worker.mjs';
import { CAT, REALM, set } from './wire.mjs';

/** @typedef {import('./service-worker.mjs').CreateCoreModule} CreateCoreModule */

describe('messages of pages', () => {
  test('set-realm-token: requests of the realm carry the token', async () => {
    const worker = startWorker();
    worker.post(set(REALM, 'jwt-1'));
    await worker.heldRequest(CAT).response;
    assert.deepEqual(authorizations(worker), ['Bearer jwt-1']);
  });

  test('remove-realm-token: they no longer do', async () => {
    const worker = startWorker();
    worker.post(set(REALM, 'jwt-1'));
    worker.post({ type: 'remove-realm-token', realmURL: REALM });
    await worker.heldRequest(CAT).response;
    assert.deepEqual(authorizations(worker), [null]);
  });

  test('clear-tokens: none does', async () => {
    const worker = startWorker();
    worker.post(set(REALM, 'jwt-1'));
    worker.post({ type: 'clear-tokens' });
    await worker.heldRequest(CAT).response;
    assert.deepEqual(authorizations(worker), [null]);
    assert.equal((await worker.stats()).realms, 0);
  });

  test('sync-tokens: replaces all; falsy tokens are skipped', async () => {
    const worker = startWorker();
    worker.post(set('http://localhost:4201/old/', 'old'));
    worker.post({
      type: 'sync-tokens',
      tokens: { 'http://localhost:4201/a/': 'A', 'http://localhost:4201/b/': 'B', 'http://localhost:4201/c/': '' },
    });
    await worker.heldRequest('http://localhost:4201/a/1.png').response;
    await worker.heldRequest('http://localhost:4201/b/1.png').response;
    await worker.heldRequest('http://localhost:4201/old/1.png').response;
    assert.deepEqual(authorizations(worker), ['Bearer A', 'Bearer B', null]);
    assert.equal((await worker.stats()).realms, 2);
  });

  test('sync-tokens without tokens means none', async () => {
    const worker = startWorker();
    worker.post(set(REALM, 'jwt-1'));
    worker.post({ type: 'sync-tokens' });
    assert.equal((await worker.stats()).realms, 0);
  });

  test('everything else is ignored and counted', async () => {
    const worker = startWorker();
    const cycle = {};
    cycle.self = cycle;
    const ignored = [
      {},
      null,
      undefined,
      7,
      'text',
      [],
      { realmURL: REALM, token: 'x' },
      { type: 'other' },
      set(REALM, ''),
      set('', 'x'),
      { type: 'remove-realm-token' },
      { ...cycle, type: 'set-realm-token' },
      { type: 'set-realm-token', n: 1n },
    ];
    for (const data of ignored) worker.post(data);
    const { memoryBytes, ...counts } = await worker.stats();
    assert.deepEqual(counts, {
      startedAt: 0,
      realms: 0,
      hosts: 0,
      clients: 0,
      waiters: 0,
      asks: 0,
      requests: 0,
      held: 0,
      asked: 0,
      ignored: ignored.length,
      sent: 0,
      retried: 0,
      refused: 0,
      failed: 0,
      unauthorised: 0,
      refreshes: 0,
      images: 0,
      imagesUnauthorised: 0,
      times: [0, 0, 0, 0, 0, 0, 0],
      build: '0.1.0',
      clientId: undefined,
    });
    assert.deepEqual(worker.warnings, []);
  });

  test('stats without a port, with which Firefox’s pages keep the worker, change no count and cause no warning', async () => {
    const worker = startWorker({ globals: { authServiceWorkerOptions: { debug: true } } });
    const before = await worker.stats();
    worker.post({ type: 'stats' });
    assert.deepEqual(await worker.stats(), before);
    assert.deepEqual(worker.warnings, []);
  });

  test('with debugging on, a kind of ignored input is warned about once', () => {
    const worker = startWorker({ globals: { authServiceWorkerOptions: { debug: true } } });
    worker.post({});
    worker.post({});
    assert.equal(worker.warnings.length, 1);
    assert.match(worker.warnings[0], /ignored a message/);
  });

  /** More than 4 MiB, in tokens each of which is none too long. */
  const tooMany = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${REALM}${i}/`, 'x'.repeat(16_000)]));

  for (const [what, tokens, warning] of /** @type {[string, object, RegExp][]} */ ([
    ['is too large', tooMany, /too large\. .*4 MiB/],
    ['has a list for its tokens', [[REALM, 'jwt-2']], /forgot all tokens.*must be an object/],
    ['has bytes for its tokens', new Uint8Array(1e6), /forgot all tokens.*must be an object/],
  ])) {
    test(`a sync-tokens that ${what} takes the tokens away that it was to replace, and warns`, async () => {
      const worker = startWorker();
      worker.post(set(REALM, 'jwt-1'));
      worker.post({ type: 'sync-tokens', tokens });
      assert.equal((await worker.stats()).realms, 0);
      assert.equal(worker.warnings.length, 1);
      assert.match(worker.warnings[0], warning);
    });
  }

  /** @type {{self?: object}} */
  const cyclic = {};
  cyclic.self = cyclic;
  for (const [what, bad] of Object.entries({
    'a lone surrogate': '\ud800',
    'a BigInt': 7n,
    'a cycle': cyclic,
    'a number': 7,
  })) {
    test(`a token that is ${what} spoils itself only, and leaves none of before`, async () => {
      const worker = startWorker();
      const other = 'http://localhost:4201/b/';
      worker.post(set(REALM, 'jwt-1'));
      worker.post({ type: 'sync-tokens', tokens: { [REALM]: bad, [other]: 'B' } });
      assert.equal((await worker.stats()).realms, 1);
      worker.post(set(other, /** @type {any} */ (bad)));
      assert.equal((await worker.stats()).realms, 0);
      assert.equal(worker.warnings.length, 1);
      assert.match(worker.warnings[0], /refused a token/);
    });
  }

  test("what is too large takes no more of the core's memory than what is just small enough", async () => {
    const worker = startWorker();
    const memoryAfter = async (/** @type {number} */ MiB) => {
      worker.post({ type: 'sync-tokens', tokens: { [REALM]: 'x'.repeat(MiB * 1024 * 1024) } });
      return (await worker.stats()).memoryBytes;
    };
    const justFits = await memoryAfter(3.99);
    assert.equal(await memoryAfter(64), justFits);
  });

  test('of what others post to the worker, nothing but the fields of the wire is read, however large it is', async () => {
    const worker = startWorker();
    const large = Object.assign(new Uint8Array(8), { toJSON: () => assert.fail('megabytes would be text now') });
    for (const data of [large, [large], { type: 'upload', bytes: large }]) worker.post(data);
    assert.equal((await worker.stats()).ignored, 3);
    worker.post({ ...set(REALM, 'jwt-1'), bytes: large });
    await worker.heldRequest(CAT).response;
    assert.deepEqual(authorizations(worker), ['Bearer jwt-1']);
  });

  for (const options of [null, 'debug', { debug: 1 }]) {
    test(`options that are none leave a worker that works: ${JSON.stringify(options)}`, async () => {
      const worker = startWorker({ globals: { authServiceWorkerOptions: options } });
      worker.post(set(REALM, 'jwt-1'));
      await worker.heldRequest(CAT).response;
      assert.deepEqual(authorizations(worker), ['Bearer jwt-1']);
      assert.deepEqual(
        worker.warnings.map((text) => /ignored an option of the wrong type/.test(text)),
        typeof options === 'object' && options ? [true] : [],
      );
    });
  }

  test('hosts are learned from tokens and survive clear-tokens', async () => {
    const worker = startWorker();
    worker.post(set(REALM, 'jwt-1'));
    worker.post({ type: 'sync-tokens', tokens: { 'https://app.boxel.ai/user/realm/': 't2' } });
    worker.post({ type: 'clear-tokens' });
    assert.equal((await worker.stats()).hosts, 2);
  });

  test('realm URLs are normalised by the platform', async () => {
    const worker = startWorker();
    worker.post(set('HTTP://LOCALHOST:4201/user/./my realm/', 'jwt-1'));
    worker.post({ type: 'sync-tokens', tokens: { 'HTTP://LOCALHOST:80/user/my realm/': 'jwt-2' } });
    await worker.heldRequest('http://localhost/user/my%20realm/cat.png').response;
    assert.deepEqual(authorizations(worker), ['Bearer jwt-2']);
  });

  test('what names no realm is refused with a warning that says what would', async () => {
    const worker = startWorker();
    for (const realmURL of [
      '/relative/',
      'https://user:pass@h/',
      'https://h/?q',
      'https://h/#f',
      'ftp://h/',
      'https://h:99999/',
    ])
      worker.post(set(realmURL, 'x'));
    assert.equal((await worker.stats()).realms, 0);
    assert.equal(worker.warnings.length, 1);
    assert.match(worker.warnings[0], /refused a realm URL: it must be/);
  });

  test('a token that no header can carry is refused with a warning', async () => {
    const worker = startWorker();
    worker.post(set(REALM, 'a\r\nX-Evil: 1'));
    worker.post(set(REALM, 'x'.repeat(16 * 1024 + 1)));
    assert.equal((await worker.stats()).realms, 0);
    assert.equal(worker.warnings.length, 1);
  });
});

describe('requests', () => {
  const withToken = (/** @type {import('./service-worker.mjs').WorkerOptions | undefined} */ options = undefined) => {
    const worker = startWorker(options);
    worker.post(set(REALM, 'jwt-1'));
    return worker;
  };

  test('strangers are left alone, and nobody is asked', async () => {
    const page = new Page('tab');
    const worker = withToken({ pages: [page] });
    await settled();
    assert.equal(worker.request('https://cdn.example.com/image.png'), 'left alone');
    await settled();
    assert.equal(page.asked.length, 0);
  });

  test('POST is left alone', () => {
    assert.equal(withToken().request(CAT, { method: 'POST', mode: 'cors' }), 'left alone');
  });

  test('a request with an Authorization header is left alone', () => {
    const headers = { Authorization: 'Bearer its-own' };
    assert.equal(withToken().request(CAT, { headers, mode: 'cors' }), 'left alone');
  });

  test('the longest realm wins', async () => {
    const worker = withToken();
    worker.post(set('http://localhost:4201/', 'server'));
    await worker.heldRequest(CAT).response;
    await worker.heldRequest('http://localhost:4201/elsewhere.png').response;
    assert.deepEqual(authorizations(worker), ['Bearer jwt-1', 'Bearer server']);
  });

  test('a realm ends at a boundary of path, port and host', async () => {
    const worker = startWorker();
    worker.post({});
    await settled();
    worker.post({
      type: 'sync-tokens',
      tokens: { 'http://h/r': 'r', 'http://localhost:420': 'port', 'https://a.com': 'a' },
    });
    await worker.heldRequest('http://h/r/1.png').response;
    for (const url of ['http://h/r-evil/1.png', 'http://localhost:4201/1.png', 'https://a.com.evil/1.png']) {
      const result = worker.request(url);
      if (result !== 'left alone') await result.response;
    }
    assert.deepEqual(authorizations(worker), ['Bearer r', null]);
  });

  test('HEAD is sent with the token, as HEAD', async () => {
    const worker = withToken();
    await worker.heldRequest(CAT, { method: 'HEAD' }).response;
    assert.equal(worker.sent[0].method, 'HEAD');
    assert.deepEqual(authorizations(worker), ['Bearer jwt-1']);
  });

  test('no-cors becomes cors, credentials same-origin; the rest stays', async () => {
    const worker = withToken();
    const abort = new AbortController();
    await worker.heldRequest(CAT, {
      credentials: 'include',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'origin',
      signal: abort.signal,
      destination: 'video',
    }).response;
    const [{ url, mode, credentials, cache, redirect, referrerPolicy, signal }] = worker.sent;
    assert.deepEqual(
      { url, mode, credentials, cache, redirect, referrerPolicy },
      {
        url: CAT,
        mode: 'cors',
        credentials: 'same-origin',
        cache: 'no-store',
        redirect: 'error',
        referrerPolicy: 'origin',
      },
    );
    abort.abort();
    assert.equal(signal.aborted, true);
  });

  test("an element's Accept and Range are passed on, what its media stack adds is not", async () => {
    const worker = withToken();
    const headers = { Accept: 'video/*', Range: 'bytes=5-', 'icy-metadata': '1' };
    await worker.heldRequest(CAT, { mode: 'cors', headers, destination: 'video' }).response;
    assert.deepEqual([...worker.sent[0].headers.keys()], ['accept', 'authorization', 'range']);
  });

  test("a fetch()'s own headers are passed on", async () => {
    const worker = withToken();
    await worker.heldRequest(CAT, { mode: 'cors', headers: { 'X-Own': '1' }, destination: '' }).response;
    assert.equal(worker.sent[0].headers.get('X-Own'), '1');
  });

  test('when the request with the token fails in the network, a no-cors one goes out once as it was', async () => {
    const worker = withToken({
      network: (request) => {
        if (request.mode === 'cors') throw new TypeError('CORS');
        return new Response('public');
      },
    });
    await settled();
    const { request, response } = worker.heldRequest(CAT);
    assert.equal(await (await response).text(), 'public');
    assert.equal(worker.sent.length, 2);
    assert.equal(worker.sent[1], request);
  });

  test('when a cors request fails in the network, so does ours', async () => {
    const worker = withToken({ network: () => Promise.reject(new TypeError('down')) });
    await assert.rejects(worker.heldRequest(CAT, { mode: 'cors' }).response, /down/);
    assert.equal(worker.sent.length, 1);
  });

  test('after a 401 the page is asked, and the request sent once more with another token', async () => {
    const network = (/** @type {Request} */ request) =>
      new Response('', { status: request.headers.get('Authorization') === 'Bearer good' ? 200 : 401 });
    const page = new Page('tab', (_url, post) => post({ realmURL: REALM, token: 'good' }));
    const worker = withToken({ network, pages: [page] });
    assert.equal((await worker.heldRequest(CAT).response).status, 200);
    assert.deepEqual(authorizations(worker), ['Bearer jwt-1', 'Bearer good']);
  });

  test('after a second 401 that is the response', async () => {
    const page = new Page('tab', (_url, post) => post({ realmURL: REALM, token: 'bad-too' }));
    const worker = withToken({ network: () => new Response('', { status: 401 }), pages: [page] });
    assert.equal((await worker.heldRequest(CAT).response).status, 401);
    assert.deepEqual(authorizations(worker), ['Bearer jwt-1', 'Bearer bad-too']);
    assert.equal(page.asked.length, 1);
  });

  test('a URL longer than 8 KiB is left alone', () => {
    assert.equal(withToken().request(REALM + 'x'.repeat(8192)), 'left alone');
  });
});

describe('a worker that has just been started', () => {
  const start = (/** @type {object | undefined} */ globals = undefined) => {
    /** @type {ReturnType<CreateCoreModule>[]} */
    const cores = [];
    const wrapCore = (/** @type {CreateCoreModule} */ createCoreModule) => () => {
      cores.push(createCoreModule());
      return cores[cores.length - 1];
    };
    return { cores, worker: startWorker({ wrapCore, globals }) };
  };

  test('leaves a navigation alone before it has a core, which it makes while the page is on its way', async () => {
    const { cores, worker } = start();
    assert.equal(worker.request('https://app.example/', { destination: 'document' }), 'left alone');
    assert.equal(cores.length, 0);
    await worker.clock.to(0);
    assert.equal(cores.length, 1);
    worker.post(set(REALM, 'jwt-1'));
    await worker.heldRequest(CAT).response;
    assert.deepEqual(authorizations(worker), ['Bearer jwt-1']);
    assert.equal(cores.length, 1);
  });

  test('asks its core about a navigation once there is one', async () => {
    const { worker } = start();
    worker.post(set(REALM, 'jwt-1'));
    /** @type {import('./service-worker.mjs').RequestOfPage} */
    const fromApp = {
      destination: 'document',
      referrerPolicy: 'strict-origin-when-cross-origin',
      referrer: 'http://localhost:4201/page',
    };
    await worker.heldRequest(CAT, fromApp).response;
    assert.deepEqual(authorizations(worker), ['Bearer jwt-1']);
  });

  for (const [what, init, isTaken] of /** @type {[string, RequestInit, boolean][]} */ ([
    ['another origin’s page', { referrer: 'http://localhost:42011/page' }, false],
    ['no page', {}, false],
    ['the root, or a redirect by another origin', { referrer: 'http://localhost:4201/' }, false],
    [
      'the root, or a redirect by another origin that sets the policy',
      { referrer: 'http://localhost:4201/', referrerPolicy: 'same-origin' },
      false,
    ],
    [
      'an app that names itself to everyone',
      { referrer: 'http://localhost:4201/page', referrerPolicy: 'unsafe-url' },
      false,
    ],
    ['an app that names its origin only', { referrer: 'http://localhost:4201/', referrerPolicy: 'origin' }, false],
    ['a page of the app', { referrer: 'http://localhost:4201/page' }, true],
  ])) {
    for (const authorizesNavigations of [false, true]) {
      test(`of a navigation from ${what}, authorizesNavigations: ${authorizesNavigations}`, () => {
        const worker = startWorker({ query: `?authorizesNavigations=${authorizesNavigations}` });
        worker.post(set(REALM, 'jwt-1'));
        const response = worker.request(CAT, {
          destination: 'document',
          referrerPolicy: 'strict-origin-when-cross-origin',
          ...init,
        });
        assert.equal(response !== 'left alone', isTaken || authorizesNavigations);
      });
    }
  }

  test('sends a token with a typed address, too, with authorizesNavigations', async () => {
    const realm = 'https://app.example/r/';
    const indexedDB = new IDBFactory();
    const tab = new Page('tab', (_url, post) => post({ realmURL: realm, token: 'jwt-1' }));
    const life = () => startWorker({ query: '?authorizesNavigations=true', pages: [tab], globals: { indexedDB } });
    const before = life();
    before.post(set(realm, 'jwt-1'), tab);
    await Promise.all(before.lifetimes);
    const worker = life();
    await worker.heldRequest(`${realm}cat.png`, { destination: 'document', client: '' }).response;
    assert.deepEqual(authorizations(worker), ['Bearer jwt-1']);
  });

  test('has a core at once for any other request', () => {
    const { cores, worker } = start();
    worker.request('https://cdn.example/app.js', { destination: 'script' });
    assert.equal(cores.length, 1);
  });

  test('takes over pages first, and then makes its core', { skip: isWithoutWasm }, async () => {
    /** @type {number[]} */
    const coresAtClaim = [];
    const { cores, worker } = start({ clients: { claim: async () => void coresAtClaim.push(cores.length) } });
    worker.listeners.install({});
    worker.listeners.activate({ waitUntil: () => {} });
    await settled();
    assert.deepEqual(coresAtClaim, [0]);
    assert.equal(cores.length, 1);
  });

  test('has one once it is installed where it must import another script for it, which is possible no later', () => {
    const { cores, worker } = start({ WebAssembly: undefined });
    assert.equal(cores.length, 0);
    worker.listeners.install({});
    assert.equal(cores.length, 1);
    assert.match(worker.warnings.join(), /WebAssembly is forbidden/);
  });
});

describe('failures end in the browser’s own request', () => {
  /** What our own code said; some versions of Emscripten say something too. @param {{warnings: string[]}} worker */
  const ours = (worker) => worker.warnings.filter((text) => text.startsWith('auth-service-worker:'));

  for (const [what, file] of [
    ['split', 'split/auth-service-worker.js'],
    ['self-contained', 'auth-service-worker.js'],
  ]) {
    test(`WebAssembly is forbidden, ${what}: the same core as plain JavaScript does the work`, async () => {
      const worker = startWorker({ file, globals: { WebAssembly: undefined } });
      worker.post(set(REALM, 'jwt-1'));
      await worker.heldRequest(CAT).response;
      assert.deepEqual(authorizations(worker), ['Bearer jwt-1']);
      assert.equal(ours(worker).length, 1);
      assert.match(ours(worker)[0], /WebAssembly is forbidden.*wasm-unsafe-eval/);
    });
  }

  test('and that is not served: everything is left alone, and the console says what to change', () => {
    const worker = startWorker({
      file: 'auth-service-worker.js',
      globals: {
        WebAssembly: undefined,
        importScripts: () => {
          throw new Error('404');
        },
      },
    });
    worker.post(set(REALM, 'jwt-1'));
    assert.equal(worker.request(CAT), 'left alone');
    assert.equal(worker.request(CAT), 'left alone');
    assert.equal(ours(worker).length, 1);
    assert.match(ours(worker)[0], /wasm-unsafe-eval.*auth-core-without-wasm\.js/);
  });

  test('the core traps: who waits is released, and the next event finds a fresh core', async () => {
    let sabotage = false;
    const wrapCore = trappingIn('reply', () => sabotage);
    const worker = startWorker({ pages: [new Page('tab', (_url, post) => post({}))], wrapCore });
    sabotage = true;
    await worker.heldRequest(CAT).response;
    const [{ url, mode, cache, headers }] = worker.sent;
    assert.deepEqual([url, mode, headers.has('Authorization')], [CAT, 'no-cors', false]);
    assert.equal(cache, 'no-cache', 'nobody knows who fetched what is cached');
    assert.match(worker.warnings.join(), /the core failed/);
    sabotage = false;
    worker.post(set(REALM, 'jwt-2'));
    await worker.heldRequest(CAT).response;
    assert.equal(worker.sent[1].headers.get('Authorization'), 'Bearer jwt-2');
  });

  test('the core traps: the next one hears nothing of requests on their way', async () => {
    let sabotage = false;
    let responses = 0;
    const counting = (/** @type {CreateCoreModule} */ createCoreModule) => () => {
      const module = createCoreModule();
      const { prototype } = module.AuthCore;
      const { response } = prototype;
      prototype.response = function (...args) {
        responses++;
        return response.apply(this, args);
      };
      return module;
    };
    /** @type {(response: Response) => void} */
    let arrive = () => {};
    /** @returns {Promise<Response>} */
    const network = () => new Promise((resolve) => (arrive = resolve));
    const wrapCore = (/** @type {CreateCoreModule} */ createCoreModule) =>
      counting(trappingIn('message', () => sabotage)(createCoreModule));
    const worker = startWorker({ network, wrapCore });
    worker.post(set(REALM, 'jwt-1'));
    const { response } = worker.heldRequest(CAT);
    await settled();
    sabotage = true;
    worker.post(set(REALM, 'jwt-2'));
    sabotage = false;
    arrive(new Response('', { status: 401 }));
    assert.equal((await response).status, 401);
    await settled();
    assert.equal(responses, 0);
  });

  test('a request that cannot be built goes out as it was', async () => {
    const worker = startWorker({
      globals: {
        Request: class {
          constructor() {
            throw new TypeError('no');
          }
        },
      },
    });
    worker.post(set(REALM, 'jwt-1'));
    const { request, response } = worker.heldRequest(CAT);
    await response;
    assert.deepEqual(worker.sent, [request]);
  });
});

test('the self-contained file behaves the same', async () => {
  const page = new Page('tab', (_url, post) => post({ realmURL: REALM, token: 'late' }));
  const worker = startWorker({ file: 'auth-service-worker.js', pages: [page] });
  await worker.heldRequest(CAT).response;
  assert.deepEqual(authorizations(worker), ['Bearer late']);
});
