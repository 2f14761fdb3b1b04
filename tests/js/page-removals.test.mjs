// A token that is gone from the app's token source is soon gone from the worker, whatever happens meanwhile. Tests page.js
// as it is shipped.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import {
  brought,
  createCoreModule,
  FakeContainer,
  FakeServiceWorker2,
  later,
  navigatorOf,
  never,
  openWindow,
  OtherTabs,
  pass,
  received,
  settled,
  stopTime,
} from './page-platform.mjs';
import { importShipped } from './package.mjs';
import { A, CAT, REALM, remove } from './wire.mjs';

const { registerAuthServiceWorker, syncTokenToServiceWorker } = await importShipped('page.js');

/** @type {EventTarget} */
let view;
beforeEach(() => {
  stopTime();
  view = openWindow();
});

/** The app's token source, as it is now. @type {() => any} */
let read = () => ({});

/** A page with a worker of version 2 in control, which has these tokens. @param {Record<string, string>} tokens */
async function openPage(tokens) {
  read = () => tokens;
  const container = new FakeContainer();
  const worker = new FakeServiceWorker2();
  container.control(worker);
  await registerAuthServiceWorker({ navigator: navigatorOf(container), createCoreModule, tokens: () => read() });
  await pass(1000);
  heard(worker);
  return { container, worker };
}

/** All that the worker has heard of tokens, in whatever message. @param {FakeServiceWorker2} worker */
const heard = (worker) => [...received(worker), ...brought(worker)];

const fail = () => {
  throw new Error('no network');
};
async function changeStorage() {
  view.dispatchEvent(Object.assign(new Event('storage'), { key: 'x' }));
  await settled();
}
const returnFromCache = () => view.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));

describe('the source fails when another tab removes a token', () => {
  test('it throws: it is read again after 5 s, then after 10 s', async () => {
    const { worker } = await openPage({ [A]: 'a' });
    read = fail;
    await changeStorage();
    await pass(5000);
    read = () => ({});
    await pass(9990);
    assert.deepEqual(heard(worker), []);
    await pass(10 + 5000);
    assert.deepEqual(heard(worker), [remove(A)]);
    await pass(600_000);
    assert.deepEqual(heard(worker), [], 'said once');
  });

  test('it hangs: it is read again 5 s after it is given up', async () => {
    const { worker } = await openPage({ [A]: 'a' });
    read = never;
    await changeStorage();
    await pass(6000);
    read = async () => ({});
    await pass(600_000);
    assert.deepEqual(heard(worker), [remove(A)]);
  });

  test('it throws when a new worker comes, too', async () => {
    const { container } = await openPage({ [A]: 'a' });
    read = fail;
    const next = new FakeServiceWorker2();
    container.control(next);
    await pass(1000);
    read = () => ({});
    await pass(600_000);
    assert.deepEqual(heard(next), [remove(A)]);
  });

  test('it is not read again while no token may be gone', async () => {
    let reads = 0;
    await openPage({});
    read = () => {
      reads++;
      return fail();
    };
    await changeStorage();
    await pass(600_000);
    assert.equal(reads, 1);
  });

  test('also if this tab has given the token back to the worker after a logout in the other one', async () => {
    const { container, worker } = await openPage({ [REALM]: 'alice' });
    read = async () => ({ [REALM]: 'alice' });
    const asked = await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
    await pass(100);
    assert.deepEqual(asked.replies.at(-1)?.tokens, { [REALM]: 'alice' });
    read = async () => fail();
    await OtherTabs.say({ type: 'epoch-began' });
    await pass(1000);
    read = async () => ({});
    await pass(600_000);
    assert.deepEqual(heard(worker), [remove(REALM)]);
  });
});

test('a source that brings a Map by mistake counts as one that fails', async () => {
  const { worker } = await openPage({ [A]: 'a' });
  read = () => new Map([[A, 'a']]);
  await changeStorage();
  await pass(600_000);
  assert.deepEqual(heard(worker), []);
});

test('a page that is disabled within 5 s of the removal tells it at once', async () => {
  const { container, worker } = await openPage({ [A]: 'a' });
  read = () => ({});
  await changeStorage();
  await pass(2000);
  assert.deepEqual(heard(worker), []);
  await registerAuthServiceWorker({ navigator: navigatorOf(container), isEnabled: false });
  assert.deepEqual(heard(worker), [remove(A)]);
});

describe('a token is removed', () => {
  test('while the page is disabled: it counts as removed 5 s after the page is enabled again', async () => {
    const { container, worker } = await openPage({ [A]: 'a', [REALM]: 'r' });
    await registerAuthServiceWorker({ navigator: navigatorOf(container), isEnabled: false });
    await pass(1000);
    assert.deepEqual(heard(worker), []);
    read = () => ({ [A]: 'a' });
    await registerAuthServiceWorker({ navigator: navigatorOf(container), createCoreModule, tokens: () => read() });
    await pass(10_000);
    assert.deepEqual(heard(worker), [remove(REALM), { [A]: 'a' }]);
  });

  test('while the page is in the back/forward cache: it counts as removed 5 s after the return', async () => {
    const { worker } = await openPage({ [A]: 'a' });
    read = () => ({});
    returnFromCache();
    await pass(4990);
    assert.deepEqual(heard(worker), []);
    await pass(10);
    assert.deepEqual(heard(worker), [remove(A)]);
  });

  test('less than 5 s before the page goes into the back/forward cache', async () => {
    const { worker } = await openPage({ [A]: 'a' });
    read = () => ({});
    await changeStorage();
    await pass(2000);
    returnFromCache();
    await pass(600_000);
    assert.deepEqual(heard(worker), [remove(A)]);
  });
});

describe('a read that began before the removal, and ends after it, brings the token', () => {
  test('to no reply', async () => {
    const { container, worker } = await openPage({});
    read = later(2000, { [REALM]: 'old' });
    const asked = await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
    await pass(300);
    read = async () => ({});
    await changeStorage();
    await pass(600_000);
    assert.doesNotMatch(JSON.stringify([asked.replies, heard(worker)]), /old/);
  });

  test('to no reply to an older worker, when a refresh ends first', async () => {
    const { container, worker } = await openPage({});
    await registerAuthServiceWorker({
      navigator: navigatorOf(container),
      createCoreModule,
      tokens: () => read(),
      realmOf: () => REALM,
      reauthenticate: later(100, 'fresh'),
    });
    read = later(1550, { [A]: 'old' });
    const asked = await container.ask(CAT, { source: worker, reason: 'missing' });
    await pass(700);
    syncTokenToServiceWorker(A, undefined);
    read = never;
    await pass(5000);
    assert.match(JSON.stringify(asked.replies), /fresh/);
    assert.doesNotMatch(JSON.stringify(asked.replies), /old/);
  });

  test('to no worker, when it ends after the reply', async () => {
    const { container, worker } = await openPage({});
    read = later(20_000, { [REALM]: 'old' });
    await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
    await pass(300);
    read = async () => ({});
    await changeStorage();
    await pass(600_000);
    assert.doesNotMatch(JSON.stringify(heard(worker)), /old/);
  });

  test('to no new worker', async () => {
    const { container } = await openPage({});
    read = later(2000, { [REALM]: 'old' });
    const next = new FakeServiceWorker2();
    container.control(next);
    await pass(300);
    read = async () => ({});
    await changeStorage();
    await pass(600_000);
    assert.doesNotMatch(JSON.stringify(heard(next)), /old/);
  });

  test('to no worker, when the app has given other options meanwhile', async () => {
    const { container, worker } = await openPage({});
    read = later(4000, { [A]: 'former' });
    await container.ask(CAT, { source: worker, reason: 'missing', refresh: false });
    await registerAuthServiceWorker({ navigator: navigatorOf(container), createCoreModule, tokens: () => ({}) });
    await pass(600_000);
    assert.doesNotMatch(JSON.stringify(heard(worker)), /former/);
  });
});

test('many syncs in other tabs share their reads', async () => {
  const { worker } = await openPage({ [A]: 'a' });
  let reads = 0;
  let running = 0;
  let most = 0;
  read = async () => {
    reads++;
    most = Math.max(most, ++running);
    await later(1000, undefined)();
    running--;
    return { [A]: 'a' };
  };
  for (let i = 0; i < 200; i++) await OtherTabs.say({ type: 'epoch-began' });
  await pass(5000);
  assert.deepEqual([reads, most, heard(worker)], [2, 1, []]);
});

test('a token that is gone from the source when a new worker comes is not brought back by the hello', async () => {
  const { container, worker } = await openPage({});
  worker.isDeaf = true;
  await OtherTabs.say({ type: 'epoch-began' });
  read = () => ({ [REALM]: 'old' });
  syncTokenToServiceWorker(REALM, 'old');
  await pass(100);
  read = () => ({});
  const next = new FakeServiceWorker2();
  /** @type {string[]} */
  const texts = [];
  next.reply = (type, _port, fields) => void texts.push(JSON.stringify({ type, ...fields }));
  container.control(next);
  await pass(1000);
  const isNews = (/** @type {string} */ text) => text.includes('remove-realm-token') || text.includes('old');
  assert.match(texts.filter(isNews).at(-1) ?? '', /remove-realm-token/, texts.join('\n'));
});
