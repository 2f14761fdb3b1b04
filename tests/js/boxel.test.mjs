// Boxel's own tests, by what they expect: the seven of its page, through the shim of the guide, and the 21 of its
// worker, for each destination.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { PACKAGE } from './package.mjs';
import { authorizations, Page, settled, startWorker } from './service-worker.mjs';
import { CAT, clear, PENDING, REALM, remove, set, sync, token } from './wire.mjs';

/** @typedef {import('./service-worker.mjs').Reply} Reply */
/** @typedef {import('./service-worker.mjs').RequestOfPage} RequestOfPage */

const page = new URL('page.js', PACKAGE).href;

describe("Boxel's page, through the shim of web/guide/boxel.md", () => {
  /** The storage of ember-window-mock. @type {Map<string, string>} */
  const items = new Map();
  /** @type {Pick<typeof import('../../js/page/index.js'), 'createTokenRequestHandler' | 'isServiceWorkerSupported'> & {registerAuthServiceWorker: (services: object) => Promise<void>}} */
  let shim;

  before(async () => {
    const guide = readFileSync(new URL('../../web/guide/boxel.md', import.meta.url), 'utf8');
    const [, source] = /^```ts shim\n(.*?)^```$/ms.exec(guide) ?? assert.fail('no shim');
    const localStorage = { getItem: (/** @type {string} */ key) => items.get(key) ?? null };
    Object.assign(globalThis, { mockedWindow: { localStorage } });
    /** @type {Record<string, string>} */
    const modules = {
      '@embroider/macros': 'export const isTesting = () => true;',
      'ember-window-mock': 'export default globalThis.mockedWindow;',
      './local-storage-keys': `export const SessionLocalStorageKey = 'boxel-session';`,
    };
    const { outputFiles } = await build({
      stdin: { contents: source, loader: 'ts' },
      bundle: true,
      format: 'esm',
      write: false,
      logLevel: 'error',
      plugins: [
        {
          name: 'modules of Boxel',
          setup(building) {
            building.onResolve({ filter: /^auth-service-worker$/ }, () => ({ path: page, external: true }));
            building.onResolve({ filter: /^(@embroider|ember|[.]\/local)/ }, ({ path }) => ({
              path,
              namespace: 'boxel',
            }));
            building.onLoad({ filter: /./, namespace: 'boxel' }, ({ path }) => ({ contents: modules[path] }));
          },
        },
      ],
    });
    shim = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  });

  /**
   * @typedef {object} AppServices
   * @property {boolean} [isLoggedIn]
   * @property {() => string | undefined} [realmOf]
   * @property {(realmURL: string) => Promise<string | undefined>} [reauthenticate]
   * @property {Record<string, string>} [stored]
   * @property {ReadonlyMap<string, {token: string}>} [realms]
   */
  /**
   * What is posted to the port, and the realms that were refreshed, by the app's services.
   * @param {unknown} data
   * @param {AppServices} services
   */
  const repliesTo = async (
    data,
    { isLoggedIn = true, realmOf = () => REALM, reauthenticate = async () => undefined, stored, realms } = {},
  ) => {
    items.clear();
    if (stored) items.set('boxel-session', JSON.stringify(stored));
    /** @type {unknown[]} */
    const posted = [];
    /** @type {string[]} */
    const refreshed = [];
    const handler = shim.createTokenRequestHandler({
      matrixService: { isLoggedIn },
      realmService: {
        ...(realms && { realms }),
        realmOf,
        reauthenticate: async (/** @type {string} */ realmURL) => (refreshed.push(realmURL), reauthenticate(realmURL)),
      },
    });
    await handler({ data, ports: [{ postMessage: (/** @type {unknown} */ message) => void posted.push(message) }] });
    return { posted, refreshed };
  };
  const asked = { type: 'request-realm-token', requestURL: CAT };

  for (const [
    name,
    data,
    services,
    posted,
    refreshed,
  ] of /** @type {[string, object, AppServices, object[], string[]][]} */ ([
    ['a token in storage is posted', asked, { stored: { [REALM]: 'stored' } }, [token('stored')], []],
    [
      'without one, a realm is refreshed',
      asked,
      { reauthenticate: async () => 'fresh' },
      [PENDING, token('fresh')],
      [REALM],
    ],
    ['not where nobody is logged in', asked, { isLoggedIn: false }, [{}], []],
    ['nor where the realm is unknown', asked, { realmOf: () => undefined }, [{}], []],
    ['a refresh that brings nothing', asked, {}, [PENDING, {}], [REALM]],
    ['a refresh that throws', asked, { reauthenticate: () => Promise.reject(new Error('no')) }, [PENDING, {}], [REALM]],
    ['another message', { type: 'something-else' }, {}, [], []],
  ]))
    test(name, async () => assert.deepEqual(await repliesTo(data, services), { posted, refreshed }));

  test('a token that the refresh of another realm has removed from storage comes from the service', async () => {
    const realms = new Map([[REALM, { token: 'in-memory' }]]);
    const stored = { 'http://localhost:4201/other/': 'other' };
    assert.deepEqual((await repliesTo(asked, { stored, realms })).posted, [token('in-memory')]);
    assert.deepEqual((await repliesTo(asked, { realms, isLoggedIn: false })).posted, [{}], 'after a logout');
  });

  test('a server that cannot be reached is no reason to log out and in again', async () => {
    const services = { stored: { [REALM]: 'stored' }, reauthenticate: async () => 'fresh' };
    const ask = { ...asked, protocol: 2, refresh: true };
    const refreshing = { ...PENDING, realmURL: REALM };
    const tokens = services.stored;
    assert.deepEqual(await repliesTo({ ...ask, reason: 'unreachable' }, services), {
      posted: [refreshing, { realmURL: REALM, tokens }],
      refreshed: [],
    });
    assert.deepEqual((await repliesTo({ ...ask, reason: 'rejected' }, services)).refreshed, [REALM]);
  });

  test('and registers nothing while it is tested', async () => {
    assert.equal(await shim.registerAuthServiceWorker({}), undefined);
    assert.equal(shim.isServiceWorkerSupported(), false);
  });
});

/** The destinations that a worker without any saved state asks about. An app boots from the others. */
const DESTINATIONS = {
  image: true,
  audio: true,
  video: true,
  track: true,
  '': true,
  font: false,
  style: false,
  script: false,
};

for (const [destination, isAskedWhenCold] of Object.entries(DESTINATIONS)) {
  describe(`Boxel's worker, destination "${destination}"`, () => {
    const OTHER = 'http://localhost:4201/other/';
    /** @type {Reply} */
    const replying = (_url, post) => post({ realmURL: REALM, token: 'late' });
    /** A worker that a page has told tokens. @param {Reply} reply @param {unknown[]} messages */
    const told = async (reply, ...messages) => {
      const page = new Page('tab', reply);
      const worker = startWorker({ pages: [page] });
      for (const message of messages) worker.post(message, page);
      // With the core comes what earlier lives saved: nothing.
      await settled();
      /** @param {string} url @param {RequestOfPage} [init] */
      const send = (url, init) => worker.request(url, { destination, ...init });
      /** @param {string} url @param {RequestOfPage} [init] */
      const hold = (url, init) => worker.heldRequest(url, { destination, ...init });
      return { page, worker, send, hold };
    };
    const seed = set(OTHER, 'other');

    for (const [name, messages, sent] of /** @type {[string, unknown[], string | null][]} */ ([
      ['set-realm-token', [set(REALM, 'a')], 'Bearer a'],
      ['remove-realm-token', [set(REALM, 'a'), remove(REALM)], null],
      ['clear-tokens', [set(REALM, 'a'), clear], null],
      ['sync-tokens', [set(OTHER, 'old'), sync({ [REALM]: 'b' })], 'Bearer b'],
      ['messages without a type', [set(REALM, 'a'), {}, null, { realmURL: REALM, token: 'x' }], 'Bearer a'],
      ['the longest prefix', [set('http://localhost:4201/', 'server'), set(REALM, 'a')], 'Bearer a'],
    ]))
      test(name, async () => {
        const { worker, hold } = await told((_url, post) => post({}), ...messages);
        const { response } = hold(CAT);
        await response;
        assert.deepEqual(authorizations(worker), [sent]);
      });

    test('a host that is no realm’s is left alone, and nobody is asked', async () => {
      const { page, send } = await told(replying, seed);
      assert.equal(send('https://cdn.example.com/image.png'), 'left alone');
      assert.deepEqual(page.asked, []);
    });

    test('POST and requests with an Authorization are left alone', async () => {
      const { send } = await told(replying, set(REALM, 'a'));
      assert.equal(send(CAT, { method: 'POST', mode: 'cors' }), 'left alone');
      assert.equal(send(CAT, { headers: { Authorization: 'Bearer own' }, mode: 'cors' }), 'left alone');
    });

    test('HEAD; mode and credentials', async () => {
      const { worker, hold } = await told(replying, set(REALM, 'a'));
      await hold(CAT, { method: 'HEAD' }).response;
      const [{ method, mode, credentials }] = worker.sent;
      assert.deepEqual([method, mode, credentials], ['HEAD', 'cors', 'same-origin']);
    });

    test('a known host without a token: asked once for all, and the token is kept', async () => {
      const { page, worker, hold } = await told(replying, seed);
      await Promise.all([hold(CAT).response, hold(CAT).response]);
      await hold(CAT).response;
      assert.deepEqual(page.asked, [{ type: 'request-realm-token', requestURL: CAT }]);
      assert.deepEqual(authorizations(worker), ['Bearer late', 'Bearer late', 'Bearer late']);
    });

    test('a page without a token, one that never replies, and one that only says pending: out as it was, in time', async () => {
      for (const [reply, at] of /** @type {[Reply, number][]} */ ([
        [(_url, post) => post({}), 0],
        [() => {}, 200],
        [(_url, post) => post(PENDING), 3000],
      ])) {
        const { worker, hold } = await told(reply, seed);
        const { request } = hold(CAT);
        await worker.clock.to(Math.max(0, at - 1));
        assert.equal(worker.sent.length, at ? 0 : 1);
        await worker.clock.to(at);
        assert.equal(worker.sent[0], request);
      }
    });

    test('pending, and the token after 800 ms', async () => {
      /** @type {Parameters<Reply>[1]} */
      let post = () => {};
      const { worker, send } = await told((_url, reply) => (post = reply)(PENDING), seed);
      send(CAT);
      await worker.clock.to(800);
      assert.deepEqual(worker.sent, []);
      post({ realmURL: REALM, token: 'late' });
      await settled();
      assert.deepEqual(authorizations(worker), ['Bearer late']);
    });

    test(`cold: ${isAskedWhenCold ? 'the page is asked' : 'left alone, unlike Boxel’s, since an app boots from it'}; without a page it goes out as it was`, async () => {
      const page = new Page('tab', replying);
      const cold = startWorker({ pages: [page] });
      cold.post({});
      await settled();
      const asks = cold.request(CAT, { destination });
      if (asks !== 'left alone') await asks.response;
      assert.deepEqual([page.asked.length, authorizations(cold)], isAskedWhenCold ? [1, ['Bearer late']] : [0, []]);

      const alone = startWorker();
      alone.post({});
      await settled();
      const asksNobody = alone.request(CAT, { destination });
      if (asksNobody !== 'left alone') await asksNobody.response;
      assert.deepEqual(authorizations(alone), isAskedWhenCold ? [null] : []);
    });
  });
}
