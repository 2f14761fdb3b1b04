// The messages of the wire, and realm URLs in them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as protocol from '../../js/protocol.js';
import { serialisedRealmURL } from '../../js/realm-url.js';

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

test('version 2, literally', () => {
  const range = { minProtocol: 1, maxProtocol: 2, build: 'source' };
  assert.deepEqual(protocol.hello(['https://h'], true), {
    type: 'hello',
    ...range,
    origins: ['https://h'],
    complete: true,
  });
  assert.deepEqual(protocol.helloReply(), { type: 'hello', ...range, asksToRefresh: true });
  assert.deepEqual(protocol.claim(), { type: 'claim' });
  assert.deepEqual(protocol.stats(), { type: 'stats' });
  assert.deepEqual(protocol.ack(), { type: 'ack' });
  assert.deepEqual(protocol.epochBegan(), { type: 'epoch-began' });
  assert.deepEqual(protocol.epochBegan('https://app.example/a/'), {
    type: 'epoch-began',
    scope: 'https://app.example/a/',
  });
  assert.deepEqual(protocol.requestRealmTokenBecause('u', 'expired'), {
    type: 'request-realm-token',
    requestURL: 'u',
    protocol: 2,
    reason: 'expired',
    refresh: false,
  });
  assert.deepEqual(protocol.requestRealmTokenBecause('u', 'expired', true, 'r'), {
    type: 'request-realm-token',
    requestURL: 'u',
    protocol: 2,
    reason: 'expired',
    refresh: true,
    realmURL: 'r',
  });
  assert.deepEqual(protocol.refreshableReply(), { refresh: true });
  const reply = { realmURL: 'r', token: 't', tokens: { r: 't' } };
  assert.deepEqual(protocol.withAllTokens(protocol.tokenReply('r', 't'), { r: 't' }, false), reply);
  assert.deepEqual(protocol.withAllTokens(protocol.tokenReply('r', 't'), { r: 't' }, true), {
    ...reply,
    complete: true,
  });
});

test('who speaks version 2', () => {
  assert.ok(protocol.speaksVersion2(protocol.helloReply()));
  assert.ok(protocol.speaksVersion2({ type: 'hello', minProtocol: 2, maxProtocol: 9 }));
  for (const not of [
    null,
    undefined,
    'hello',
    {},
    { type: 'hello' },
    { type: 'hello', minProtocol: 3, maxProtocol: 4 },
    { type: 'hello', minProtocol: 1, maxProtocol: 1 },
    { type: 'ack', minProtocol: 1, maxProtocol: 2 },
  ]) {
    assert.ok(!protocol.speaksVersion2(not), JSON.stringify(not));
  }
});

describe('serialisedRealmURL', () => {
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
    test(`${JSON.stringify(given)} → ${JSON.stringify(normal)}`, () => assert.equal(serialisedRealmURL(given), normal));
  }
});
