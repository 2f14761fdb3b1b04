// Options for login libraries; with the libraries themselves: tests/browser/examples.test.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importShipped } from './package.mjs';

const { fromGetter, fromUserManager, matrixMediaRealm } = await importShipped('adapters.js');

test('fromGetter: a token for each realm; a new one when the server has refused it', async () => {
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

test('fromGetter: one realm, nobody logged in', async () => {
  const { realms, tokens } = fromGetter('https://a.example/', async () => null);
  assert.deepEqual([realms, await tokens()], [['https://a.example/'], {}]);
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

test('matrixMediaRealm: the media of a homeserver that need a token', () => {
  assert.equal(matrixMediaRealm('https://matrix.example'), 'https://matrix.example/_matrix/client/v1/media/');
  assert.equal(
    matrixMediaRealm(new URL('https://matrix.example/base/')),
    'https://matrix.example/_matrix/client/v1/media/',
  );
});
