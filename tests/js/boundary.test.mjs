// What two sides both write down, compared: what JavaScript passes as bits, numbers or fields, C++ reads so; what the page
// takes for granted, the early responder does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as LIMITS from '../../js/limits.js';
import { PART_LENGTH } from '../../js/page/token-log.js';
import * as protocol from '../../js/protocol.js';
import { WORKER_FILES } from '../../js/shipped-files.js';
import { ClientNumbers } from '../../js/worker/client-numbers.js';
import { responseBits, infoOf, IS_ELSEWHERE, IS_RETRY } from '../../js/worker/request-info.js';
import { NAMES, shimOptions } from '../../js/worker/options.js';
import { routePast } from '../../js/worker/routes.js';
import { wireText } from '../../js/worker/wire-text.js';
import { fieldsOf } from './wire.mjs';

const source = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const step = source('cpp/base/step.h');
const messages = source('cpp/wire/messages.cpp');

/** The part of a text from a mark to the next end, without comments. @param {string} text @param {string} mark @param {string} end */
function part(text, mark, end) {
  const at = text.indexOf(mark);
  assert.notEqual(at, -1, `"${mark}" is not there`);
  const rest = text.slice(at + mark.length).replace(/\/\/.*/g, '');
  return rest.slice(0, rest.indexOf(end));
}

/** The names of a struct's members, in their order. @param {string} name */
const membersOf = (name) =>
  [...part(step, `struct ${name} {`, '\n}').matchAll(/^ {2}\S+ (\w+)( = \S+)?;/gm)].map(([, member]) => member);

/** Reads bits as C++ does, by its expressions: one for each of the members. @param {string[]} members @param {string} expressions */
function readerOf(members, expressions) {
  const values = expressions.replace(/static_cast<\w+>/g, '').split(',');
  assert.equal(values.length, members.length, String(members));
  const named = members.map((member, i) => `${member}: ${values[i]}`);
  return /** @type {(bits: number) => Record<string, number | boolean>} */ (new Function('bits', `return {${named}}`));
}

/** What the platform's Request shows of itself. @param {object} shown @returns {any} */
const request = (shown) => ({
  method: 'GET',
  mode: 'cors',
  cache: 'default',
  destination: '',
  headers: new Headers(),
  ...shown,
});

describe('the request info', () => {
  const read = readerOf(
    membersOf('RequestInfo'),
    part(step, 'RequestInfo fromBits(uint32_t bits) {\n    return {', '};'),
  );
  /** @type {import('../../js/worker/core-runner.js').Names} */
  const names = {
    destinations: ['', 'audio', 'other'],
    methods: ['GET', 'HEAD', 'OTHER'],
    orders: [],
    reasons: [],
    warnings: [],
    rules: [],
  };
  const infoOfShown = (/** @type {object} */ shown) =>
    read(infoOf(request(shown), names, ['Authorization', 'X-Api-Key']));
  const nothing = {
    method: 0,
    destination: 0,
    hasAuthorization: false,
    isNavigation: false,
    isOnlyIfCached: false,
    isNoCors: false,
    isRetry: false,
    isElsewhere: false,
    isFromApp: false,
  };
  const url = 'https://app.example/photos/cat.png';

  for (const [shown, told] of [
    [{}, {}],
    [{ method: 'HEAD' }, { method: 1 }],
    [{ method: 'PURGE' }, { method: 2 }],
    [{ destination: 'audio' }, { destination: 1 }],
    [{ destination: 'hologram' }, { destination: 2 }],
    [{ headers: new Headers({ 'X-Api-Key': 'k' }) }, { hasAuthorization: true }],
    [{ mode: 'navigate', url, referrer: '' }, { isNavigation: true }],
    [
      { mode: 'navigate', url, referrer: 'https://app.example/page', referrerPolicy: 'same-origin' },
      { isNavigation: true, isFromApp: true },
    ],
    [{ cache: 'only-if-cached' }, { isOnlyIfCached: true }],
    [{ mode: 'no-cors' }, { isNoCors: true }],
  ])
    test(JSON.stringify(told), () => assert.deepEqual(infoOfShown(shown), { ...nothing, ...told }));

  test('of one that has been sent before', () => {
    assert.deepEqual(read(IS_RETRY), { ...nothing, isRetry: true });
    assert.deepEqual(read(IS_ELSEWHERE), { ...nothing, isElsewhere: true });
  });
});

test('clients that were found', async () => {
  const read = readerOf(
    membersOf('FoundClient').slice(1),
    part(step, 'FoundClient fromBits(ClientId client, uint32_t bits) {\n    return {client, ', '};'),
  );
  const window = { type: 'window', frameType: 'nested', focused: false, visibilityState: 'hidden' };
  const found = [
    { type: 'worker' },
    window,
    { ...window, frameType: 'top-level' },
    { ...window, focused: true },
    { ...window, visibilityState: 'visible' },
  ].map((client, i) => ({ ...client, id: `client-${i}` }));
  /** @type {any} */
  const platform = { matchAll: async () => found };
  const numbers = await new ClientNumbers(platform).findAll();
  const nothing = { isWindow: true, isTopLevel: false, isFocused: false, isVisible: false };
  assert.deepEqual(numbers.filter((_, i) => i % 2).map(read), [
    { ...nothing, isWindow: false },
    nothing,
    { ...nothing, isTopLevel: true },
    { ...nothing, isFocused: true },
    { ...nothing, isVisible: true },
  ]);
});

test('responses', () => {
  const bits = part(source('cpp/bindings.cpp'), 'const auth::Response response{status, textOf(endedAtBytes), ', '};');
  const read = readerOf(membersOf('Response').slice(2), bits.replaceAll('responseBits', 'bits'));
  const told = (/** @type {RequestCache} */ cache, headers = {}) =>
    read(responseBits(cache, new Response('', { headers })));
  assert.deepEqual(told('default'), { isPastCache: false, isStorable: true });
  assert.deepEqual(told('no-cache'), { isPastCache: true, isStorable: true });
  assert.deepEqual(told('reload', { 'Cache-Control': 'no-store' }), { isPastCache: true, isStorable: false });
});

test('the methods of which a core hears are those that are not routed past it', () => {
  const methods = part(step, 'AUTH_NAMED_ENUM(Method, Capital, ', ', Other);').toUpperCase().split(', ');
  /** @type {object[]} */
  const rules = [];
  /** @type {any} */
  const event = { addRoutes: async (/** @type {object} */ rule) => void rules.push(rule) };
  void routePast(event);
  const or = methods.map((requestMethod) => ({ requestMethod }));
  assert.deepEqual(rules, [{ condition: { not: { or } }, source: 'network' }]);
});

test('what stands for no status', () => {
  const effects = source('js/worker/effects.js');
  for (const [inCpp, inJs] of [
    ['kNetworkError', 'NETWORK_ERROR'],
    ['kNoStatus', 'NO_STATUS'],
  ])
    assert.equal(part(step, `${inCpp} = `, ';'), part(effects, `const ${inJs} = `, ';'));
});

test('how many numbers an order has', () => {
  const runner = source('js/worker/core-runner.js');
  assert.equal(part(runner, 'const NUMBERS_PER_ORDER = ', ';'), '5');
  assert.match(
    source('cpp/bindings.cpp'),
    /1 \+ 5 \* step\.orders\.size\(\).*order\.kind\), order\.a, order\.b, order\.c, order\.d\}/s,
  );
});

test('the limits are those of cpp/base/size_limits.h', () => {
  const limits = source('cpp/base/size_limits.h');
  const bound = (/** @type {string} */ name) =>
    new Function(`return ${part(limits, `${name} =`, ';').replaceAll("'", '_')}`)();
  assert.deepEqual(
    { ...LIMITS },
    {
      url: bound('kMaxURLBytes'),
      token: bound('kMaxTokenBytes'),
      realms: bound('kMaxRealms'),
      hosts: bound('kMaxHosts'),
      message: bound('kMaxMessageBytes'),
    },
  );
  const longest = protocol.syncTokens({ 'http://h/': '\u20ac'.repeat(PART_LENGTH) });
  assert.ok(new TextEncoder().encode(JSON.stringify(longest)).length < LIMITS.message);
});

describe('the wire', () => {
  /** The fields that the worker looks up in what is posted to it. */
  const fieldsRead = () => {
    /** @type {string[]} */
    const names = [];
    wireText(new Proxy({}, { getOwnPropertyDescriptor: (_, name) => void names.push(String(name)) }));
    return names;
  };

  test('the fields', () => {
    assert.deepEqual([...fieldsRead(), 'tooLarge'].sort(), [...new Set(wantedIn(messages))].sort());
  });

  test('what a page sends is read', () => {
    // `build` is for those who look at messages, `decisions` and `keepMs` are for the shim.
    const read = [...fieldsRead(), 'build', 'decisions', 'keepMs'];
    const toPages = ['requestRealmToken', 'requestRealmTokenBecause', 'helloReply', 'statsReply', 'ack', 'epochBegan'];
    const makers = Object.entries(protocol).filter(([name]) => !toPages.includes(name));
    assert.deepEqual(
      makers.flatMap(([, make]) => fieldsOf(make)).filter((name) => !read.includes(name)),
      [],
    );
  });

  test('the dictionary of the fuzzer has each word', () => {
    const readers = ['realms/jwt', 'wire/messages', 'wire/options', 'wire/saved_state'];
    const sources = readers.map((name) => source(`cpp/${name}.cpp`)).join('\n');
    const words = [...wantedIn(sources), ...compared(sources, 'text')];
    const dictionary = source('tests/fuzz/json.dict');
    assert.ok(words.length > 40);
    assert.deepEqual(
      words.filter((word) => !dictionary.includes(`\\"${word}\\"`)),
      [],
    );
  });

  test('the types', () => {
    const toPages = [protocol.REQUEST_REALM_TOKEN, protocol.ACK, protocol.UNAUTHORISED, protocol.EPOCH_BEGAN];
    const noTypes = [protocol.BUILD, protocol.CHANNEL];
    const types = Object.values(protocol).filter((value) => typeof value === 'string');
    assert.deepEqual(
      types.filter((type) => ![...toPages, ...noTypes].includes(type)).sort(),
      [...compared(messages, 'type\\.text')].sort(),
    );
  });
});

describe('options', () => {
  const options = source('cpp/wire/options.cpp');
  const read = wantedIn(options);

  const typedef = part(source('js/worker/options.js'), '@typedef {object} Options\n', '*/');
  const ofSites = [...typedef.matchAll(/@property \{.*?\} \[(\w+)\]/gs)].map(([, name]) => name);

  test('each travels in the query of the worker’s URL, but the one for workers of a site’s own', () => {
    assert.deepEqual([...NAMES].sort(), ofSites.filter((name) => name !== 'answersRequests').sort());
  });

  test('the core checks or reads each that a site sets, but those that only the shim reads', () => {
    const ofShim = ['authorization', 'answersRequests'];
    const ofRunner = ['keepsState', 'isAfterFailure', 'scriptURL', 'hashKey'];
    assert.deepEqual(
      ofSites.filter((name) => !ofShim.includes(name)).sort(),
      read.filter((name) => !ofRunner.includes(name)).sort(),
    );
  });

  test('credentials may be the same texts on both sides', () => {
    const texts = compared(part(options, 'bool isCredentials', '\n}\n'), 'member\\.text');
    for (const credentials of /** @type {RequestCredentials[]} */ (texts))
      assert.equal(shimOptions({ credentials }).credentials, credentials);
    assert.equal(shimOptions({ credentials: /** @type {any} */ ('some') }).credentials, 'same-origin');
    assert.equal(texts.length, 3);
  });
});

test('the defaults of the page and of the early responder', () => {
  const early = source('js/early.js');
  const worker = part(early, "workerUrl = '/", "'");
  assert.equal(part(early, "storageKey = '", "'"), part(source('js/page/tokens.js'), "DEFAULT_KEY = '", "'"));
  assert.equal(worker, part(source('js/page/own-workers.js'), 'workerURL = `${BASE}', '`'));
  assert.equal(worker, WORKER_FILES[0]);
  assert.equal(part(early, 'LIMIT_MS = ', ';'), part(source('js/page/failures.js'), 'LIMIT_MS = ', ';'));
});

/** The members that calls of readObject want, in their order. @param {string} text */
function wantedIn(text) {
  return [...text.matchAll(/\{"(\w+)", \w/g)].map(([, name]) => name);
}

/** What C++ compares with. @param {string} text @param {string} what @returns {string[]} */
function compared(text, what) {
  const found = [...text.matchAll(new RegExp(`${what} == "([\\w-]+)"`, 'g'))].map(([, name]) => name);
  return [...new Set(found)].sort();
}
