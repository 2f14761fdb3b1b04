// Boxel's own tests, by what they expect: the seven of its page, through the shim of the guide, and the 21 of its
// worker, for each destination.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { authorizations, Page, settled, startWorker } from './service-worker.mjs';
import { CAT, clear, PENDING, REALM, remove, set, sync, token } from './wire.mjs';

const page = new URL('../../build/wasm/package/page.js', import.meta.url).href;

describe("Boxel's page, through the shim of web/guide/boxel.md", () => {
  /** Of ember-window-mock. @type {Map<string, string>} */
  const items = new Map();
  let shim;

  before(async () => {
    const guide = readFileSync(new URL('../../web/guide/boxel.md', import.meta.url), 'utf8');
    const [, source] = /^```js shim\n(.*?)^```$/ms.exec(guide);
    globalThis.mockedWindow = { localStorage: { getItem: (key) => items.get(key) ?? null } };
    const modules = {
      '@embroider/macros': 'export const isTesting = () => true;',
      'ember-window-mock': 'export default globalThis.mockedWindow;',
    };
    const {
      outputFiles: [{ text }],
    } = await build({
      stdin: { contents: source },
      bundle: true,
      format: 'esm',
      write: false,
      logLevel: 'error',
      plugins: [
        {
          name: 'modules of Boxel',
          setup(building) {
            building.onResolve({ filter: /^auth-service-worker$/ }, () => ({ path: page, external: true }));
            building.onResolve({ filter: /^(@embroider|ember)/ }, ({ path }) => ({ path, namespace: 'boxel' }));
            building.onLoad({ filter: /./, namespace: 'boxel' }, ({ path }) => ({ contents: modules[path] }));
          },
        },
      ],
    });
    shim = await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
  });

  /** What is posted to the port, and the realms that were refreshed, by the app's services. */
  const answerTo = async (
    data,
    { isLoggedIn = true, realmOf = () => REALM, reauthenticate = async () => undefined, stored } = {},
  ) => {
    items.clear();
    if (stored) items.set('boxel-session', JSON.stringify(stored));
    const posted = [];
    const refreshed = [];
    const handler = shim.createTokenRequestHandler({
      matrixService: { isLoggedIn },
      realmService: {
        realmOf,
        reauthenticate: async (realmURL) => (refreshed.push(realmURL), reauthenticate(realmURL)),
      },
    });
    await handler({ data, ports: [{ postMessage: (message) => void posted.push(message) }] });
    return { posted, refreshed };
  };
  const asked = { type: 'request-realm-token', requestURL: CAT };

  for (const [name, data, services, posted, refreshed] of [
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
  ])
    test(name, async () => assert.deepEqual(await answerTo(data, services), { posted, refreshed }));

  test('and registers nothing while it is tested', async () => {
    assert.deepEqual(await shim.registerAuthServiceWorker({}), { registered: false, reason: 'disabled' });
  });
});

/** Those that a worker without any saved state asks about. Of the others, an app boots. */
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
    const answering = (_url, post) => post({ realmURL: REALM, token: 'late' });
    /** A worker that a page has told tokens. */
    const told = async (answer, ...messages) => {
      const page = new Page('tab', answer);
      const worker = startWorker({ pages: [page] });
      for (const message of messages) worker.post(message, page);
      // With the core comes what earlier lives saved: nothing.
      await settled();
      const send = (url, init) => worker.request(url, { destination, ...init });
      return { page, worker, send };
    };
    const seed = set(OTHER, 'other');

    for (const [name, messages, sent] of [
      ['set-realm-token', [set(REALM, 'a')], 'Bearer a'],
      ['remove-realm-token', [set(REALM, 'a'), remove(REALM)], null],
      ['clear-tokens', [set(REALM, 'a'), clear], null],
      ['sync-tokens', [set(OTHER, 'old'), sync({ [REALM]: 'b' })], 'Bearer b'],
      ['messages without a type', [set(REALM, 'a'), {}, null, { realmURL: REALM, token: 'x' }], 'Bearer a'],
      ['the longest prefix', [set('http://localhost:4201/', 'server'), set(REALM, 'a')], 'Bearer a'],
    ])
      test(name, async () => {
        const { worker, send } = await told((_url, post) => post({}), ...messages);
        const { answer } = send(CAT);
        await answer;
        assert.deepEqual(authorizations(worker), [sent]);
      });

    test('a host that is no realm’s is left alone, and nobody is asked', async () => {
      const { page, send } = await told(answering, seed);
      assert.equal(send('https://cdn.example.com/image.png'), 'left alone');
      assert.deepEqual(page.asked, []);
    });

    test('POST and requests with an Authorization are left alone', async () => {
      const { send } = await told(answering, set(REALM, 'a'));
      assert.equal(send(CAT, { method: 'POST', mode: 'cors' }), 'left alone');
      assert.equal(send(CAT, { headers: { Authorization: 'Bearer own' }, mode: 'cors' }), 'left alone');
    });

    test('HEAD; mode and credentials', async () => {
      const { worker, send } = await told(answering, set(REALM, 'a'));
      await send(CAT, { method: 'HEAD' }).answer;
      const [{ method, mode, credentials }] = worker.sent;
      assert.deepEqual([method, mode, credentials], ['HEAD', 'cors', 'same-origin']);
    });

    test('a known host without a token: asked once for all, and the token is kept', async () => {
      const { page, worker, send } = await told(answering, seed);
      await Promise.all([send(CAT).answer, send(CAT).answer]);
      await send(CAT).answer;
      assert.deepEqual(page.asked, [{ type: 'request-realm-token', requestURL: CAT }]);
      assert.deepEqual(authorizations(worker), ['Bearer late', 'Bearer late', 'Bearer late']);
    });

    test('a page without a token, one that never answers, and one that only says pending: out as it was, in time', async () => {
      for (const [answer, at] of [
        [(_url, post) => post({}), 0],
        [() => {}, 200],
        [(_url, post) => post(PENDING), 3000],
      ]) {
        const { worker, send } = await told(answer, seed);
        const { request } = send(CAT);
        await worker.clock.to(Math.max(0, at - 1));
        assert.equal(worker.sent.length, at ? 0 : 1);
        await worker.clock.to(at);
        assert.equal(worker.sent[0], request);
      }
    });

    test('pending, and the token after 800 ms', async () => {
      let post;
      const { worker, send } = await told((_url, reply) => (post = reply)(PENDING), seed);
      send(CAT);
      await worker.clock.to(800);
      assert.deepEqual(worker.sent, []);
      post({ realmURL: REALM, token: 'late' });
      await settled();
      assert.deepEqual(authorizations(worker), ['Bearer late']);
    });

    test(`cold: ${isAskedWhenCold ? 'the page is asked' : 'left alone, unlike Boxel’s, since an app boots from it'}; without a page it goes out as it was`, async () => {
      const page = new Page('tab', answering);
      const cold = startWorker({ pages: [page] });
      cold.post({});
      await settled();
      const { answer } = cold.request(CAT, { destination });
      await answer;
      assert.deepEqual([page.asked.length, authorizations(cold)], isAskedWhenCold ? [1, ['Bearer late']] : [0, []]);

      const alone = startWorker();
      alone.post({});
      await settled();
      const held = alone.request(CAT, { destination });
      await held.answer;
      assert.deepEqual(authorizations(alone), held === 'left alone' ? [] : [null]);
    });
  });
}
