// What the core is told of messages and replies, whatever was posted.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { syncTokens } from '../../js/protocol.js';
import { wireText } from '../../js/worker/wire-text.js';

const read = (/** @type {unknown} */ message) => JSON.parse(wireText(message));

test('the realm of a message or reply', () => {
  const message = { type: 'x', realmURL: 'HTTP://H', token: 'HTTP://T' };
  assert.deepEqual(read(message), { ...message, realmURL: 'http://h/' });
});

test('the keys of tokens; the later of two that become one wins', () => {
  const tokens = { 'HTTP://H': '1', 'http://h/': '2' };
  const message = syncTokens({ ...tokens });
  assert.deepEqual(read(message), syncTokens({ 'http://h/': '2' }));
  assert.deepEqual(message, syncTokens(tokens), 'the original stays');
});

test('what the parser of URLs refuses is no realm', () => {
  for (const url of ['no url', '/path', 'https://h:99999/', 'https://']) {
    assert.deepEqual(read({ realmURL: url, origins: [url], tokens: { [url]: 't' } }), {
      realmURL: true,
      tokens: { '': 't' },
      origins: [true],
    });
  }
  assert.deepEqual(read({ realmURL: '' }), { realmURL: '' }, 'an empty field is none');
});

test('a host is at most as long as host names are: 253 characters, in labels of 63', () => {
  const name = `${`${'a'.repeat(63)}.`.repeat(3)}${'b'.repeat(61)}`;
  const japanese = '\u65e5\u672c\u8a9e'.repeat(4);
  for (const [url, told] of [
    [`https://user:${'p'.repeat(300)}@${name}.:65535/r/`, undefined],
    [`https://${name}/${'p'.repeat(1000)}`, undefined],
    [`https://${encodeURI(japanese)}.example/`, 'https://xn--wgvaaa64nbabb4772fcacc.example/'],
    [`https://${name}a.a/`, true],
    [`https://${'a'.repeat(64)}/`, true],
    [`\u0000 HT\nTPS:\\/${'\u65e5\t'.repeat(64)}?query`, true],
    [`https://user@${encodeURI(japanese.repeat(6))}:443`, true],
  ])
    assert.equal(read({ realmURL: url }).realmURL, told ?? url);
});

test('the entries of origins', () => {
  assert.deepEqual(read({ type: 'hello', origins: ['HTTP://H', 7, {}] }), {
    type: 'hello',
    origins: ['http://h/', 7, true],
  });
});

test('__proto__ is a name like any other', () => {
  assert.deepEqual(Object.keys(read(JSON.parse('{"tokens":{"__proto__":"x","http://h/":"x"}}')).tokens), [
    '',
    'http://h/',
  ]);
  assert.deepEqual(read(JSON.parse('{"__proto__":{"realmURL":"x"}}')), {});
});

test('nothing that is not on the wire', () => {
  const fields = { type: 'x', token: 7, complete: false, minProtocol: 1, maxProtocol: '2' };
  assert.deepEqual(read({ ...fields, build: '1', tooLarge: true, bytes: new Uint8Array(8) }), fields);
});

test('what is no message has none', () => {
  const odd = [
    null,
    undefined,
    7,
    7n,
    'text',
    Symbol('s'),
    [],
    ['tokens'],
    () => {},
    new Date(),
    new Map(),
    new Uint8Array(8),
    new String('x'),
  ];
  for (const data of odd) assert.equal(wireText(data), '');
  for (const data of [{}, Object.create(null)]) assert.equal(wireText(data), '{}');
});

describe('one bad entry spoils itself only', () => {
  /** @type {{self?: object}} */
  const cyclic = {};
  cyclic.self = cyclic;
  /** @type {unknown} */
  let deep = 'deep';
  for (let i = 0; i < 70; i++) deep = [deep];
  for (const [what, bad, told] of /** @type {[string, any, any][]} */ ([
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['a BigInt', 7n, true],
    ['a cycle', cyclic, true],
    ['a value nested 70 deep', deep, true],
    ['a function', () => {}, true],
    ['a symbol', Symbol('s'), true],
    ['a boxed string', new String('x'), true],
  ])) {
    test(what, () => {
      assert.deepEqual(
        read(syncTokens({ 'http://a/': bad, 'http://b/': 'B' })),
        syncTokens({ 'http://a/': told, 'http://b/': 'B' }),
      );
      assert.deepEqual(read({ type: 'set-realm-token', realmURL: 'http://a/', token: bad }).token, told);
    });
  }

  test('a realm with a lone surrogate', () => {
    const { tokens } = read(syncTokens({ 'http://a/\udc00': 'A', 'http://b/': 'B' }));
    assert.deepEqual(tokens, { 'http://a/%EF%BF%BD': 'A', 'http://b/': 'B' });
  });

  test('a realm or a token that is too long, which is cut where that shows', () => {
    const long = `http://a/${'\ud83d\ude00'.repeat(8192)}`;
    const { tokens } = read(syncTokens({ [long]: 'A', 'http://b/': 'x'.repeat(1e6), 'http://c/': 'C' }));
    assert.deepEqual(
      Object.entries(tokens).map(([realm, token]) => [realm.length, token.length]),
      [
        [8193, 1],
        [9, 16385],
        [9, 1],
      ],
    );
    assert.doesNotMatch(JSON.stringify(tokens), /\\ud/);
  });
});

describe('what is too large loses its lists and is marked', () => {
  const mark = { type: 'sync-tokens', tooLarge: true };
  const many = (/** @type {number} */ count, /** @type {string} */ token) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`http://h/${i}/`, token]));
  const longTexts = Array.from({ length: 550 }, (_, i) => `${i}`.padEnd(8000, 'x'));
  for (const [what, message, told] of /** @type {[string, object, object][]} */ ([
    ['100,001 tokens', { tokens: many(100_001, 't') }, mark],
    // More than a string may have.
    ['100,000 tokens of 16 KiB', { tokens: many(100_000, 'x'.repeat(16384)) }, mark],
    ['300 tokens of 16 KiB', { tokens: many(300, 'x'.repeat(16384)) }, mark],
    ['1.5 million characters of three bytes each', { tokens: many(100, '\u20ac'.repeat(15_000)) }, mark],
    ['a million control characters', { tokens: many(100, '\u0001'.repeat(10_000)) }, mark],
    ['10,001 origins', { origins: Array(10_001).fill('http://h/') }, mark],
    ['550 keys of 8 kB that do not parse', { tokens: Object.fromEntries(longTexts.map((text) => [text, 't'])) }, mark],
    ['550 origins of 8 kB', { origins: longTexts }, mark],
    [
      'two lists that are too large together',
      { origins: longTexts.slice(0, 300), publicRealms: longTexts.slice(0, 300) },
      mark,
    ],
    ['an array of no end', { origins: Object.assign([], { length: 4_294_967_295 }) }, mark],
  ])) {
    test(what, () => assert.deepEqual(read({ ...message, type: 'sync-tokens' }), told));
  }

  test('300 tokens of 13 kB are not', () =>
    assert.equal(Object.keys(read({ tokens: many(300, 'x'.repeat(13_000)) }).tokens).length, 300));
});

test('what is no list of tokens is not looked into: a typed array of a million entries takes no time', () => {
  const start = performance.now();
  for (const tokens of [
    new Uint8Array(1e6),
    new Array(1e6).fill(1),
    new String('x'.repeat(1e6)),
    new Map(),
    'text',
    7,
  ]) {
    assert.ok(read({ tokens }).tokens === true);
  }
  assert.ok(performance.now() - start < 1000);
});

test('hosts that the parser takes long for are not parsed', () => {
  const letters = Array.from({ length: 990 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))).join('');
  const urls = Array.from({ length: 300 }, (_, i) => `https://${i}${`${letters}.`.repeat(8)}1/`);
  const start = performance.now();
  for (const message of [{ tokens: Object.fromEntries(urls.map((url) => [url, 't'])) }, { origins: urls }])
    read(message);
  assert.ok(performance.now() - start < 1000);
});
