// What the page's console says of options that cannot work: once, with the realm and what to change, never with a token.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { createTokenRequestHandler } from '../../js/page/index.js';
import { ask, createCoreModule, pass, stopTime, storageOf, warningsOf } from './page-platform.mjs';
import { CAT, PENDING, REALM, token } from './wire.mjs';

beforeEach(stopTime);

/**
 * The replies to two asks about an image, and what the console says.
 * @param {import('node:test').TestContext} t
 * @param {object} options right or wrong
 */
async function askTwice(t, options, url = CAT) {
  const warnings = warningsOf(t);
  const handler = createTokenRequestHandler({ createCoreModule, storage: storageOf(), ...options });
  const [first] = [await ask(handler, url), await ask(handler, url)];
  await pass(4000);
  return { replies: first.replies, warnings: warnings.texts };
}

const SECRET = 'secret-token';
const EXPIRED = 'eyJhbGciOiJub25lIn0.eyJleHAiOjF9.x';

for (const [name, options, url, expected] of /** @type {[string, object, string, RegExp | undefined][]} */ ([
  [
    'tokens() throws',
    {
      tokens() {
        throw new Error('boom');
      },
    },
    CAT,
    /tokens\(\) failed/,
  ],
  [
    'tokens() rejects',
    {
      tokens: async () => {
        throw new Error('boom');
      },
    },
    'http://h/rejects',
    undefined,
  ],
  ['tokens() brings a list', { tokens: () => [SECRET] }, CAT, /tokens\(\) must bring an object/],
  [
    'the storage holds a text',
    { storage: { getItem: () => `"${SECRET}"` } },
    CAT,
    /boxel-session must bring an object/,
  ],
  [
    'a realm is a path',
    { tokens: () => ({ '/user/realm/': SECRET }) },
    CAT,
    /the realm "\/user\/realm\/" is not used: .* https:/,
  ],
  [
    'realm and token are interchanged',
    { tokens: () => ({ 'eyJhbGciOiJub25lIn0.secret.signature': REALM }) },
    CAT,
    /the realm "eyJhbGciOiJub25l…" is not used/,
  ],
  [
    'a realm has a password',
    { tokens: () => ({ 'http://alice:secret@localhost:4201/user/': 'a b' }) },
    CAT,
    /the token of http:\/\/localhost:4201\/user\/ is not used/,
  ],
  [
    'a token has a space',
    { tokens: () => ({ [REALM]: `Bearer ${SECRET}` }) },
    CAT,
    new RegExp(`the token of ${REALM} .*without "Bearer"`),
  ],
  [
    'a token is no text',
    { tokens: () => ({ [`${REALM}a/`]: { secret: SECRET } }) },
    CAT,
    new RegExp(`the token of ${REALM}a/ `),
  ],
  [
    'a token is for another port',
    { tokens: () => ({ 'http://localhost:4200/user/': SECRET }) },
    CAT,
    /realm http:\/\/localhost:4200\/user\/ is for another port/,
  ],
  [
    'a token is for a longer path',
    { tokens: () => ({ [`${REALM}images/large/`]: SECRET }) },
    CAT,
    /images\/large\/ is for another path/,
  ],
  [
    'reauthenticate() has no way to learn a realm',
    { reauthenticate: () => SECRET },
    CAT,
    /reauthenticate\(\) is not called: .*realmOf/,
  ],
  [
    'realmOf() returns another realm',
    { realmOf: () => 'http://other.example/', reauthenticate: () => 'fresh' },
    CAT,
    /realmOf\(\) returned http:\/\/other.example\//,
  ],
  [
    'realmOf() returns the whole URL of the image, with its query',
    { realmOf: (/** @type {URL} */ url) => url, reauthenticate: () => 'fresh' },
    `${CAT}?key=secret`,
    /realmOf\(\) returned http:\/\/localhost:4201\/user\/realm\/images\/cat\.png\?…/,
  ],
  [
    'a realm has a query',
    { tokens: () => ({ 'http://localhost:4201/user/?key=secret': 'a b' }) },
    CAT,
    /the token of http:\/\/localhost:4201\/user\/\?… is not used/,
  ],
  [
    'a token is for another port, and its realm has a query',
    { tokens: () => ({ 'http://localhost:4300/user/?key=secret': SECRET }) },
    CAT,
    /realm http:\/\/localhost:4300\/user\/\?… is for another port/,
  ],
  [
    'realmOf() writes the realm of a token in another way',
    {
      tokens: () => ({ 'http://h.example/%7Euser/': EXPIRED }),
      realmOf: () => 'http://h.example/~user/',
      reauthenticate: () => 'fresh',
    },
    'http://h.example/~user/cat.png',
    /realmOf\(\) returned http:\/\/h\.example\/~user\/, but the tokens name the same realm http:\/\/h\.example\/%7Euser\//,
  ],
])) {
  test(name, async (t) => {
    const { warnings } = await askTwice(t, options, url);
    if (!expected) return assert.deepEqual(warnings, [], 'told already');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], expected);
    assert.doesNotMatch(warnings[0], /secret/);
  });
}

for (const [name, options, url] of /** @type {[string, object, string][]} */ ([
  ['a token that serves', { tokens: () => ({ [REALM]: SECRET }) }, CAT],
  ['no tokens', { tokens: () => undefined }, CAT],
  [
    'realmOf() writes the realm in another way than the image',
    { realmOf: () => 'http://localhost:4201/us%65r/realm/', reauthenticate: () => 'fresh' },
    CAT,
  ],
  ['an image of another host', { tokens: () => ({ [REALM]: SECRET }) }, 'https://cdn.example/cat.png'],
  [
    "an image in the root of a realm's host",
    { tokens: () => ({ 'http://localhost:4201/quiet/realm/': SECRET }) },
    'http://localhost:4201/cat.png',
  ],
  [
    'a refresh that is not to be had',
    { tokens: () => ({}), reauthenticate: () => undefined, isLoggedIn: () => false },
    CAT,
  ],
])) {
  test(`${name}: nothing`, async (t) => {
    assert.deepEqual((await askTwice(t, options, url)).warnings, []);
  });
}

describe('reauthenticate() without realmOf() gets the longest realm that covers the URL', () => {
  for (const [name, options] of /** @type {[string, object][]} */ ([
    ['of `realms`', { realms: ['http://localhost:4201/', REALM, `${REALM}else/`, new URL('http://other.example/')] }],
    ['of `realms()`', { realms: async () => [REALM] }],
    ['of the tokens', { tokens: () => ({ [REALM]: EXPIRED, [`${REALM}image`]: 'x' }) }],
  ])) {
    test(name, async (t) => {
      /** @type {string[]} */
      const refreshed = [];
      const { replies } = await askTwice(t, {
        reauthenticate: (/** @type {string} */ realmURL) => {
          refreshed.push(realmURL);
          return 'fresh';
        },
        ...options,
      });
      assert.deepEqual(replies, [PENDING, token('fresh')]);
      assert.equal(refreshed[0], REALM);
    });
  }
});
