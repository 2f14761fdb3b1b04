// Where the shipped worker's tokens never are: in logs, stats and errors, at rest, and, if the site
// says so, behind redirects.
import { IDBFactory } from 'fake-indexeddb';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clearTokens, hello, setRealmToken, syncTokens } from '../../js/protocol.js';
import { authorizations, Page, resultOf, settled, startWorker, trappingIn } from './service-worker.mjs';
import { CAT, REALM } from './wire.mjs';

/** In every token below, in the good and in the rejected ones. */
const SECRET = 'SECRET';

describe('no token leaves the worker but in an Authorization header', () => {
  test('whatever goes wrong', async () => {
    let calls = 0;
    const page = new Page('tab', (_url, post) => {
      post({ type: 'pending' });
      post({
        realmURL: 'https://elsewhere.example/',
        token: `${SECRET}-for-elsewhere`,
        tokens: { [REALM]: `${SECRET} spaced` },
      });
      post({ realmURL: REALM, token: `${SECRET}-late` });
    });
    const indexedDB = new IDBFactory();
    const worker = startWorker({
      pages: [page],
      wrapCore: trappingIn('reply', () => ++calls === 3),
      network: (request) => {
        if (request.url.endsWith('error')) throw new TypeError('Failed to fetch');
        return new Response('', { status: request.url.endsWith('rejected') ? 401 : 200 });
      },
      globals: { authServiceWorkerOptions: { debug: true }, indexedDB },
    });
    const warned = [];
    for (const message of [
      hello([REALM, `not a url ${SECRET}`], false),
      setRealmToken(`https://user:${SECRET}@localhost/`, 'x'),
      setRealmToken(REALM, `${SECRET} with spaces`),
      setRealmToken(REALM, `${SECRET}-${'x'.repeat(20_000)}`),
      { type: 'set-realm-token', realmURL: REALM, token: { [SECRET]: 1 } },
      { type: `unknown-${SECRET}`, token: SECRET },
      syncTokens({ [REALM]: `${SECRET}-1`, 'https://attic.example/': `${SECRET}-2` }),
    ]) {
      worker.post(message, page);
      warned.push(await worker.stats());
    }
    for (const path of ['cat.png', 'error', 'rejected']) worker.request(REALM + path);
    await worker.clock.to(5_000);
    worker.post(clearTokens(), page);
    worker.request(CAT);
    await worker.clock.to(20_000);
    await new Promise((resolve) => setTimeout(resolve, 50)); // fake-indexeddb's own pace

    assert.ok(
      authorizations(worker).some((header) => header?.includes(SECRET)),
      'the tokens were in use',
    );
    assert.ok(worker.warnings.length >= 3, 'much was warned of');
    assert.doesNotMatch(worker.warnings.join('\n'), new RegExp(SECRET));
    assert.doesNotMatch(JSON.stringify(warned), new RegExp(SECRET));
    assert.doesNotMatch(JSON.stringify(page.asked), new RegExp(SECRET));
    for (const { url } of worker.sent) assert.doesNotMatch(url, new RegExp(SECRET));
    const [{ name }] = await indexedDB.databases();
    assert.doesNotMatch(JSON.stringify(await everything(indexedDB, name)), new RegExp(SECRET));
  });
});

describe('redirects', () => {
  /** @param {object} globals @param {import('./service-worker.mjs').RequestOfPage} [init] */
  const sentFor = async (globals, init) => {
    const worker = startWorker({ globals });
    worker.post(setRealmToken(REALM, 'jwt-1'));
    await worker.heldRequest(CAT, init).response;
    return worker.sent.map(({ redirect }) => redirect);
  };

  test('are followed by default, as the browser does', async () => {
    assert.deepEqual(await sentFor({}), ['follow']);
  });

  test('refusesRedirects: one is a network error', async () => {
    const globals = { authServiceWorkerOptions: { refusesRedirects: true } };
    assert.deepEqual(await sentFor(globals), ['error']);
    assert.deepEqual(await sentFor(globals, { redirect: 'manual', mode: 'cors', destination: '' }), ['manual']);
  });

  test('and what the browser may show without a token goes out without', async () => {
    const worker = startWorker({
      globals: { authServiceWorkerOptions: { refusesRedirects: true } },
      network: ({ redirect }) =>
        redirect === 'error' ? Promise.reject(new TypeError('redirect')) : new Response('ok'),
    });
    worker.post(setRealmToken(REALM, 'jwt-1'));
    await worker.heldRequest(CAT).response;
    await settled();
    assert.deepEqual(authorizations(worker), ['Bearer jwt-1', null]);
  });
});

/** Everything in every store of the database. @param {IDBFactory} indexedDB @param {string} [name] */
async function everything(indexedDB, name = '') {
  const database = await resultOf(indexedDB.open(name));
  return Promise.all(
    [...database.objectStoreNames].map((store) => resultOf(database.transaction(store).objectStore(store).getAll())),
  );
}
