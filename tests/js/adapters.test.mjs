// Options for login libraries; with the libraries themselves: tests/browser/examples.test.mjs
import './page-time.mjs';
import assert from 'node:assert/strict';
import { InMemoryWebStorage, User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { test } from 'node:test';
import {
  brought,
  createCoreModule,
  FakeContainer,
  FakeServiceWorker2,
  later,
  navigatorOf,
  openWindow,
  OtherTabs,
  pass,
  received,
  settled,
} from './page-platform.mjs';
import { importShipped } from './package.mjs';
import { A, B, clear, remove, set, sync } from './wire.mjs';

const { fromGetter, fromUserManager, matrixMediaRealm } = await importShipped('adapters.js');
const { clearServiceWorkerTokens, registerAuthServiceWorker, syncAllTokensToServiceWorker, syncTokenToServiceWorker } =
  await importShipped('page.js');

test('fromGetter: a token for each realm; a new one when the server has rejected it', async () => {
  /** @type {unknown[][]} */
  const asked = [];
  const { realms, tokens, reauthenticate } = fromGetter(
    ['https://a.example/', 'https://b.example/'],
    async (...words) => {
      asked.push(words);
      if (words[0].includes('b.example') && !words[1]) throw new Error('not logged in');
      return `token ${words[1]}`.replace(' ', '-');
    },
  );
  assert.deepEqual(realms, ['https://a.example/', 'https://b.example/']);
  assert.deepEqual(await tokens(), { 'https://a.example/': 'token-false' });
  assert.equal(await reauthenticate('https://b.example/'), 'token-true');
  assert.deepEqual(asked, [
    ['https://a.example/', false],
    ['https://b.example/', false],
    ['https://b.example/', true],
  ]);
});

test('fromGetter: a function that throws at once fails the realm that it was called for, and no other', async () => {
  const { tokens } = fromGetter(['https://a.example/', 'https://b.example/'], (realmURL) => {
    if (realmURL.includes('a.example')) throw new Error('not set up');
    return Promise.resolve('token');
  });
  assert.deepEqual(await tokens(), { 'https://b.example/': 'token' });
});

/** The container of the test's page. @param {import('node:test').TestContext} t */
function useContainer(t) {
  const { navigator } = globalThis;
  const container = new FakeContainer();
  const place = { configurable: true, value: navigatorOf(container) };
  Object.defineProperty(globalThis, 'navigator', place);
  t.after(() => Object.defineProperty(globalThis, 'navigator', { ...place, value: navigator }));
  return container;
}

/**
 * A page of an app with two realms; the getter of the second returns when the test says so.
 * @param {import('node:test').TestContext} t
 */
async function openGetterPage(t) {
  const container = useContainer(t);
  /** @type {((token: string) => void)[]} */
  const waiting = [];
  const options = fromGetter([A, B], async (realmURL) =>
    realmURL === A ? 'a-token' : new Promise((resolve) => waiting.push(resolve)),
  );
  const worker = container.control(new FakeServiceWorker2());
  await registerAuthServiceWorker({ createCoreModule, ...options });
  await pass(1000);
  return { worker, tokens: options.tokens, give: (/** @type {string} */ token) => waiting.shift()?.(token) };
}

test('fromGetter: a realm whose token takes long does not keep those of the others', async (t) => {
  const { worker, give } = await openGetterPage(t);
  assert.deepEqual(brought(worker), [{ [A]: 'a-token' }]);
  give('b-token');
  await settled();
  assert.deepEqual(received(worker), [set(B, 'b-token')]);
});

test('fromGetter: what the page knows of a realm counts while a new read of its token takes long', async (t) => {
  const { tokens, give } = await openGetterPage(t);
  give('b-token');
  await settled();
  const read = tokens();
  await pass(1000);
  assert.deepEqual(await read, { [A]: 'a-token', [B]: 'b-token' });
});

test('fromGetter: after a sync or a clear in another tab, what the page knows of a realm does not count', async (t) => {
  openWindow();
  const { tokens, give } = await openGetterPage(t);
  give('b-token');
  await settled();
  await OtherTabs.say({ type: 'epoch-began' });
  const read = tokens();
  await pass(1000);
  assert.deepEqual(await read, { [A]: 'a-token' });
});

test('fromGetter: after a sync or a clear in another tab, a token from syncTokenToServiceWorker() does not count', async (t) => {
  openWindow();
  const { tokens } = await openGetterPage(t);
  syncTokenToServiceWorker(B, 'b-said');
  await OtherTabs.say({ type: 'epoch-began' });
  const read = tokens();
  await pass(1000);
  assert.deepEqual(await read, { [A]: 'a-token' });
});

for (const [name, happen, after] of /** @type {[string, () => void, object[]][]} */ ([
  ['a logout', () => clearServiceWorkerTokens(), [clear]],
  ['all tokens anew', () => syncAllTokensToServiceWorker({ [A]: 'new' }), [sync({ [A]: 'new' })]],
  ['that it has none', () => syncTokenToServiceWorker(B, undefined), [remove(B)]],
  ['a newer one', () => syncTokenToServiceWorker(B, 'newer'), [set(B, 'newer')]],
])) {
  test(`fromGetter: a token that comes late does not come back after the app has said ${name}`, async (t) => {
    const { worker, give } = await openGetterPage(t);
    happen();
    give('b-token');
    await settled();
    assert.deepEqual(received(worker), after);
  });
}

test('fromGetter: no realm yet', async () => {
  assert.deepEqual(await fromGetter([], async () => 'token').tokens(), {});
});

test('fromGetter: one realm, nobody logged in', async () => {
  const { realms, tokens } = fromGetter('https://a.example/', async () => null);
  assert.deepEqual([realms, await tokens()], [['https://a.example/'], {}]);
});

/** oidc-client-ts, with its own storage, in a page that has registered. @param {import('node:test').TestContext} t @param {User} [stored] */
async function openOidcPage(t, stored) {
  const manager = new UserManager({
    authority: 'https://login.example',
    client_id: 'app',
    redirect_uri: 'https://app.example/callback',
    automaticSilentRenew: false,
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
  });
  if (stored) await manager.storeUser(stored);
  const container = useContainer(t);
  const worker = new FakeServiceWorker2();
  container.control(worker);
  await registerAuthServiceWorker({ createCoreModule, ...fromUserManager(A, manager) });
  await settled();
  /** What the worker is told when the library has got a user, at a login or a refresh. @param {User} user */
  const told = async (user) => {
    await manager.storeUser(user);
    await manager.events.load(user);
    await settled();
    return received(worker);
  };
  return { manager, worker, told };
}

/** A user of the library with an opaque token. @param {string} sub @param {string} access_token */
const userOf = (sub, access_token) =>
  new User({
    access_token,
    token_type: 'Bearer',
    profile: { sub, iss: 'https://login.example', aud: 'app', exp: 4e9, iat: 0 },
  });

test('fromUserManager: a new token of the same user is a refresh; that of another user follows a logout', async (t) => {
  const { told } = await openOidcPage(t);
  assert.deepEqual(await told(userOf('alice', 'alice-1')), [set(A, 'alice-1')]);
  assert.deepEqual(await told(userOf('alice', 'alice-2')), [set(A, 'alice-2')]);
  assert.deepEqual(await told(userOf('bob', 'bob-1')), [clear, set(A, 'bob-1')]);
  assert.deepEqual(await told(userOf('bob', 'bob-2')), [set(A, 'bob-2')]);
});

test('fromUserManager: the user before may be one whom the library has had since before the page', async (t) => {
  const { told } = await openOidcPage(t, userOf('alice', 'alice-1'));
  assert.deepEqual(await told(userOf('bob', 'bob-1')), [clear, set(A, 'bob-1')]);
});

test('fromUserManager: a user who is gone from storage, as another tab tells, counts as logged out after 5 s', async (t) => {
  const view = openWindow();
  const { manager, worker, told } = await openOidcPage(t);
  await told(userOf('alice', 'alice-1'));
  await manager.storeUser(null);
  view.dispatchEvent(Object.assign(new Event('storage'), { key: 'x' }));
  await pass(4990);
  assert.deepEqual(received(worker), []);
  await pass(10);
  assert.deepEqual(received(worker), [remove(A)]);
});

test('fromUserManager: a logout', async (t) => {
  const { manager, worker, told } = await openOidcPage(t);
  await told(userOf('alice', 'alice-1'));
  await manager.removeUser();
  await settled();
  assert.deepEqual(received(worker), [clear]);
});

test('no token for a realm that is not of the list, as a worker may know from another app of the origin', async () => {
  const manager = {
    getUser: async () => null,
    signinSilent: async () => ({ access_token: 'new' }),
    events: { addUserLoaded() {}, addUserUnloaded() {} },
  };
  for (const { reauthenticate } of [
    fromGetter('https://a.example', async () => 'new'),
    fromUserManager('https://a.example', manager),
  ]) {
    assert.equal(await reauthenticate('https://a.example/'), 'new');
    assert.equal(await reauthenticate('https://other.example/'), undefined);
  }
});

test('a realm is the same with escapes that it does not need, as a worker names it without', async () => {
  const { reauthenticate } = fromGetter(
    ['https://a.example/%7eme/', 'https://a.example/caf%c3%a9/'],
    async () => 'new',
  );
  for (const realmURL of ['https://a.example/~me/', 'https://a.example/%7Eme/', 'https://a.example/caf%C3%A9/'])
    assert.equal(await reauthenticate(realmURL), 'new');
  assert.equal(await reauthenticate('https://a.example/me/'), undefined);
});

test('a realm that is no URL fails no other', async () => {
  const { reauthenticate } = fromGetter(['photos/', 'https://a.example/'], async () => 'new');
  assert.equal(await reauthenticate('https://a.example/'), 'new');
});

test('matrixMediaRealm: the media of a homeserver that need a token', () => {
  assert.equal(matrixMediaRealm('https://matrix.example'), 'https://matrix.example/_matrix/client/v1/media/');
  assert.equal(
    matrixMediaRealm(new URL('https://matrix.example/base/')),
    'https://matrix.example/_matrix/client/v1/media/',
  );
});

test('fromGetter: a realm whose getter takes long and then fails loses its token', async (t) => {
  const view = openWindow();
  const container = useContainer(t);
  const worker = new FakeServiceWorker2();
  container.control(worker);
  let isLoggedIn = true;
  const options = fromGetter([A, B], async (realmURL) => {
    if (realmURL === A || isLoggedIn) return 'token';
    await later(2500, undefined)();
    throw new Error('not logged in');
  });
  await registerAuthServiceWorker({ createCoreModule, ...options });
  await pass(1000);
  assert.deepEqual(brought(worker), [{ [A]: 'token', [B]: 'token' }]);
  isLoggedIn = false;
  for (let i = 0; i < 3; i++) {
    view.dispatchEvent(Object.assign(new Event('storage'), { key: 'x' }));
    await pass(60_000);
  }
  assert.deepEqual(received(worker), [remove(B)]);
});
