// The messages of the wire, and realm URLs in them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as protocol from '../../js/protocol.js';
import { normaliseRealmURL } from '../../js/realm-url.js';

test('version 1, literally', () => {
  assert.deepEqual(protocol.setRealmToken('r', 't'), { type: 'set-realm-token', realmURL: 'r', token: 't' });
  assert.deepEqual(protocol.removeRealmToken('r'), { type: 'remove-realm-token', realmURL: 'r' });
  assert.deepEqual(protocol.clearTokens(), { type: 'clear-tokens' });
  assert.deepEqual(protocol.syncTokens({ r: 't' }), { type: 'sync-tokens', tokens: { r: 't' } });
  assert.deepEqual(protocol.requestRealmToken('u'), { type: 'request-realm-token', requestURL: 'u' });
  assert.deepEqual(protocol.tokenReply('r', 't'), { realmURL: 'r', token: 't' });
  assert.deepEqual(protocol.emptyReply(), {});
  assert.deepEqual(protocol.pendingReply(), { type: 'pending' });
});

describe('mapRealmURLs', () => {
  const map = (message) => protocol.mapRealmURLs(message, normaliseRealmURL);

  test('the realm of a message or reply', () => {
    const message = { type: 'x', realmURL: 'HTTP://H', token: 'HTTP://T' };
    assert.deepEqual(map(message), { ...message, realmURL: 'http://h/' });
  });

  test('the keys of tokens; the later of two that become one wins', () => {
    const tokens = { 'HTTP://H': '1', 'http://h/': '2', 'no url': '3' };
    const message = protocol.syncTokens({ ...tokens });
    assert.deepEqual(map(message), protocol.syncTokens({ 'http://h/': '2', 'no url': '3' }));
    assert.deepEqual(message, protocol.syncTokens(tokens), 'the original stays');
  });

  test('__proto__ is a name like any other', () => {
    const text = '{"tokens":{"__proto__":{"http://h/":"x"}},"__proto__":{"realmURL":"x"}}';
    assert.equal(JSON.stringify(map(JSON.parse(text))), text);
  });

  test('anything else is returned as it is', () => {
    const cyclic = {};
    cyclic.self = cyclic;
    const things = [[], ['tokens'], {}, cyclic, new Date(), () => {}, Object.create(null)];
    for (const odd of [null, undefined, 7, 7n, 'text', Symbol('s'), ...things]) assert.equal(map(odd), odd);
    for (const tokens of [null, 7, 'text', ['HTTP://H']]) assert.deepEqual(map({ tokens }), { tokens });
    const tokens = { 'HTTP://H': cyclic };
    assert.equal(map({ tokens, tokensToo: tokens }).tokens['http://h/'], cyclic);
    assert.deepEqual(map({ realmURL: { href: 'HTTP://H' } }), { realmURL: { href: 'HTTP://H' } });
  });
});

describe('normaliseRealmURL', () => {
  for (const [given, normal] of [
    ['HTTP://HOST:80/a/../r/', 'http://host/r/'],
    ['http://h/a b', 'http://h/a%20b'],
    ['https://h', 'https://h/'],
    ['https://user@h/?q#f', 'https://user@h/?q#f'],
    ['no url', 'no url'],
    ['/path', '/path'],
    ['', ''],
    [7, 7],
    [null, null],
    [undefined, undefined],
  ]) {
    test(`${JSON.stringify(given)} → ${JSON.stringify(normal)}`, () => assert.equal(normaliseRealmURL(given), normal));
  }
});
