// What the shipped worker keeps from one life to the next: when it is read and written, and by whom.
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clearTokens, setRealmToken } from '../../js/protocol.js';
import { Page, resultOf, settled, startWorker, trappingIn } from './service-worker.mjs';
import { CAT, REALM } from './wire.mjs';

/** A life of the worker of this scope. */
const life = (/** @type {object} */ indexedDB, scope = 'https://app.example/', globals = {}) =>
  startWorker({ globals: { indexedDB, registration: { scope }, ...globals } });

/** Every state that is kept, by key. @param {IDBFactory} indexedDB */
async function kept(indexedDB) {
  const database = await resultOf(indexedDB.open('auth-service-worker'));
  const store = database.transaction('state').objectStore('state');
  const [keys, values] = [await resultOf(store.getAllKeys()), await resultOf(store.getAll())];
  return Object.fromEntries(keys.map((key, i) => [key, values[i]]));
}

/** @typedef {import('./service-worker.mjs').Worker} Worker */

const written = (/** @type {Worker} */ worker) => Promise.all(worker.lifetimes);

/**
 * Posts a message with a port and tells whether it has been acknowledged: `acked` is set then. An open port keeps Node alive.
 * @param {Worker} worker
 * @param {object} message
 */
function post(worker, message) {
  const { port1, port2 } = new MessageChannel();
  let end = () => {};
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => (end = resolve));
  const posted = { acked: false, ended, giveUp: () => port1.close() };
  port1.onmessage = () => {
    posted.acked = true;
    port1.close();
    end();
  };
  worker.post(message, null, [port2]);
  return posted;
}

test('two registrations of one origin keep a state each', async () => {
  const indexedDB = new IDBFactory();
  for (const [scope, realm] of [
    ['https://app.example/a/', 'https://a.example/'],
    ['https://app.example/b/', 'https://b.example/'],
  ]) {
    const worker = life(indexedDB, scope);
    worker.post(setRealmToken(realm, 'jwt-1'));
    await written(worker);
  }
  const states = await kept(indexedDB);
  assert.deepEqual(Object.keys(states), [
    'https://app.example/a/',
    'https://app.example/a/#spare',
    'https://app.example/b/',
    'https://app.example/b/#spare',
  ]);
  assert.match(states['https://app.example/a/'], /a\.example/);
  assert.doesNotMatch(states['https://app.example/a/'], /b\.example/);
});

describe('a message that changes what is kept', () => {
  test('is acknowledged once it is written, for which the worker is kept alive', async () => {
    const indexedDB = new IDBFactory();
    const worker = life(indexedDB);
    const posted = post(worker, setRealmToken(REALM, 'jwt-1'));
    assert.ok(worker.lifetimes.length > 0);
    await posted.ended;
    assert.match((await kept(indexedDB))['https://app.example/'], /localhost:4201/);
  });

  test('keeps the worker alive without a port as well', async () => {
    const indexedDB = new IDBFactory();
    const worker = life(indexedDB);
    worker.post(setRealmToken(REALM, 'jwt-1'));
    await written(worker);
    assert.match((await kept(indexedDB))['https://app.example/'], /localhost:4201/);
  });

  test('is acknowledged after a second in any case', async () => {
    const worker = life({ open: () => ({}) });
    const posted = post(worker, setRealmToken(REALM, 'jwt-1'));
    await worker.clock.to(999);
    assert.equal(posted.acked, false);
    await worker.clock.to(1000);
    await posted.ended;
  });

  test('a hundred of them are two writes, of which the last has all', async () => {
    const indexedDB = new IDBFactory();
    let writes = 0;
    const { open } = indexedDB;
    indexedDB.open = (...names) => {
      const request = open.apply(indexedDB, names);
      request.addEventListener('success', () => {
        const database = request.result;
        const { transaction } = database;
        database.transaction = (store, mode) => {
          if (mode === 'readwrite') writes++;
          return transaction.call(database, store, mode);
        };
      });
      return request;
    };
    const worker = life(indexedDB);
    // What is heard before the state is read is written afterwards, all at once.
    worker.post({});
    await written(worker);
    for (let i = 0; i < 100; i++) {
      worker.post(setRealmToken(`https://h${i}.example/`, 'jwt-1'));
      // The first write begins.
      await null;
    }
    await written(worker);
    assert.equal(writes, 2);
    assert.match((await kept(indexedDB))['https://app.example/'], /h99\.example/);
  });
});

test('a worker whose data were deleted knows of no user, so nothing revalidates: the cache must be deleted with them', async () => {
  const before = life(new IDBFactory());
  before.post(setRealmToken(REALM, 'alice-1'));
  before.post(clearTokens());
  await written(before);
  const next = life(new IDBFactory());
  next.post(setRealmToken(REALM, 'bob-1'));
  await written(next);
  await next.heldRequest(CAT).response;
  assert.equal(next.sent[0].cache, 'default');
});

test('an app that deletes all databases at its logout need not wait for the worker, which keeps what it hears afterwards', async () => {
  const indexedDB = new IDBFactory();
  /** @type {IDBDatabase[]} */
  const opened = [];
  const open = (/** @type {[string]} */ ...names) => {
    const request = indexedDB.open(...names);
    request.addEventListener('success', () => opened.push(request.result));
    return request;
  };
  const worker = life({ open });
  worker.post(setRealmToken(REALM, 'alice-1'));
  await written(worker);
  const deletion = indexedDB.deleteDatabase('auth-service-worker');
  let isBlocked = false;
  deletion.onblocked = () => {
    isBlocked = true;
    // Otherwise the deletion waits for ever, and so does this test.
    opened.forEach((database) => database.close());
  };
  await resultOf(deletion);
  assert.deepEqual([isBlocked, await indexedDB.databases()], [false, []]);

  worker.post(clearTokens());
  worker.post(setRealmToken('https://photos.example/', 'bob-1'));
  await written(worker);
  assert.match((await kept(indexedDB))['https://app.example/'], /photos\.example/);
});

test('a state that cannot be read is not known: every first fetch revalidates', async () => {
  const failing = {
    open: () => {
      throw new Error('storage is off');
    },
  };
  const worker = life(failing);
  worker.post(setRealmToken(REALM, 'jwt-1'));
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  await worker.heldRequest(CAT).response;
  assert.equal(worker.sent[0].cache, 'no-cache');
});

for (const failing of ['readonly', 'readwrite']) {
  test(`a logout is not acknowledged while storage fails (${failing}): the page repeats it, and the next life knows of it`, async () => {
    const indexedDB = new IDBFactory();
    const before = life(indexedDB);
    before.post(setRealmToken(REALM, 'alice-1'));
    await written(before);

    let fails = true;
    const worker = life({
      open: (/** @type {[string]} */ ...names) => {
        const request = indexedDB.open(...names);
        request.addEventListener('success', () => {
          const database = request.result;
          const { transaction } = database;
          database.transaction = (store, mode = 'readonly') => {
            if (fails && mode === failing) throw new Error('storage is out of reach');
            return transaction.call(database, store, mode);
          };
        });
        return request;
      },
    });
    const logout = post(worker, clearTokens());
    await settled();
    await written(worker);
    await settled();
    assert.equal(logout.acked, false);
    logout.giveUp();
    fails = false;
    const repeated = post(worker, clearTokens());
    await written(worker);
    await settled();
    repeated.giveUp();
    assert.equal(repeated.acked, true);

    const next = life(indexedDB);
    next.post(setRealmToken(REALM, 'bob-1'));
    await written(next);
    await next.heldRequest(CAT).response;
    assert.equal(next.sent[0].cache, 'no-cache');
  });
}

for (const [room, takes] of /** @type {[string, (text: string) => boolean][]} */ ([
  ['a short text', (text) => text.length === 1],
  ['nothing but a delete', () => false],
])) {
  test(`Bob comes and goes while storage has room for ${room}: Alice is not shown what his token fetched`, async (t) => {
    const indexedDB = new IDBFactory();
    const session = async (/** @type {string} */ token) => {
      const worker = life(indexedDB);
      worker.post(setRealmToken(REALM, token));
      await written(worker);
      await worker.heldRequest(CAT).response;
      worker.post(clearTokens());
      await written(worker);
      return worker.sent[0].cache;
    };
    assert.equal(await session(`e30.${btoa('{"sub":"alice"}')}.1`), 'default');
    const { put } = IDBObjectStore.prototype;
    /** @this {IDBObjectStore} @param {[string, string]} entry */
    function putIfRoom(...entry) {
      if (!takes(entry[0])) throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, entry);
    }
    const full = t.mock.method(IDBObjectStore.prototype, 'put', putIfRoom);
    assert.equal(await session(`e30.${btoa('{"sub":"bob"}')}.1`), 'no-cache');
    full.mock.restore();
    assert.equal(await session(`e30.${btoa('{"sub":"alice"}')}.2`), 'no-cache');
  });
}

test('a version that waited reads what the one before it has written meanwhile', async () => {
  const indexedDB = new IDBFactory();
  const before = life(indexedDB);
  before.post(setRealmToken(REALM, 'alice-1'));
  await written(before);

  const registration = { scope: 'https://app.example/', active: {} };
  const next = life(indexedDB, undefined, { registration, serviceWorker: { state: 'installed' } });
  next.listeners.install({});
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));

  // The last user logs out while it waits.
  before.post(clearTokens());
  await written(before);

  next.listeners.activate({ waitUntil() {} });
  next.post(setRealmToken(REALM, 'bob-1'));
  await written(next);
  await next.heldRequest(CAT).response;
  assert.equal(next.sent[0].cache, 'no-cache');
});

test('a message is not acknowledged when its core dies before what it changed is written: the page repeats it', async () => {
  const indexedDB = new IDBFactory();
  let dies = false;
  const worker = startWorker({ globals: { indexedDB }, wrapCore: trappingIn('message', () => dies) });
  worker.post(setRealmToken(REALM, 'alice-1'));
  await written(worker);
  const logout = post(worker, clearTokens());
  dies = true;
  worker.post({});
  dies = false;
  await written(worker);
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(logout.acked, false);
  logout.giveUp();
  const repeated = post(worker, clearTokens());
  await repeated.ended;
  assert.match((await kept(indexedDB))['https://app.example/'], /\?"/);
});

test('also inside another worker, in a browser that does not tell a worker that it waits', async () => {
  const indexedDB = new IDBFactory();
  const before = life(indexedDB);
  before.post(setRealmToken(REALM, 'alice-1'));
  await written(before);

  const registration = { scope: 'https://app.example/', active: {} };
  const next = life(indexedDB, undefined, { registration, authServiceWorkerOptions: { standalone: false } });
  next.listeners.install?.({});
  next.post({ type: 'SKIP_WAITING' });
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));

  before.post(clearTokens());
  await written(before);

  next.listeners.activate?.({ waitUntil() {} });
  next.post(setRealmToken(REALM, 'bob-1'));
  await written(next);
  await next.heldRequest(CAT).response;
  assert.equal(next.sent[0].cache, 'no-cache');
});

test('also one that was stopped while it waited', async () => {
  const indexedDB = new IDBFactory();
  const before = life(indexedDB);
  before.post(setRealmToken(REALM, 'alice-1'));
  await written(before);

  const registration = { scope: 'https://app.example/', active: {} };
  const next = life(indexedDB, undefined, { registration });
  next.post({ type: 'SKIP_WAITING' });
  await written(next);

  before.post(clearTokens());
  await written(before);

  next.listeners.activate({ waitUntil() {} });
  next.post(setRealmToken(REALM, 'bob-1'));
  await written(next);
  await next.heldRequest(CAT).response;
  assert.equal(next.sent[0].cache, 'no-cache');
});

test('who has spoken in an earlier life is asked for what the app boots from', async () => {
  const indexedDB = new IDBFactory();
  const realm = 'https://app.example/';
  const before = life(indexedDB);
  before.post(setRealmToken(realm, 'jwt-1'), new Page('tab'));
  await written(before);
  assert.match((await kept(indexedDB))[realm], /\ntab$/);
  const tab = new Page('tab', (_url, post) => post({ realmURL: realm, token: 'jwt-2' }));
  const after = startWorker({ pages: [tab], globals: { indexedDB, registration: { scope: realm } } });
  await after.heldRequest('https://app.example/late.js', { destination: 'script' }).response;
  assert.equal(after.sent[0].headers.get('Authorization'), 'Bearer jwt-2');
});

test('the number of a client whose requests are left alone does not stay', async () => {
  /** @type {import('../../js/core.js').CoreModule[]} */
  const modules = [];
  const worker = startWorker({
    wrapCore: (createCoreModule) => () => {
      modules.push(createCoreModule());
      return modules[0];
    },
  });
  worker.post(setRealmToken(REALM, 'jwt-1'));
  await settled();
  /** @type {number[]} */
  const numbers = [];
  const { prototype } = modules[0].AuthCore;
  const { request } = prototype;
  prototype.request = function (id, client, ...rest) {
    numbers.push(client);
    return request.call(this, id, client, ...rest);
  };
  for (let i = 0; i < 3; i++)
    assert.equal(
      worker.request(new URL('/code.js', REALM).href, { client: 'frame', destination: 'script' }),
      'left alone',
    );
  assert.equal(new Set(numbers).size, 3, 'it has a new one each time');
});
