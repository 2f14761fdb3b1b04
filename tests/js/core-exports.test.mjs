// What the module exports, pinned.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoreMemory } from '../../js/core-memory.js';
import { ruleTexts } from '../../js/inspect/rule-texts.js';
import { normalURL } from '../../js/realm-url.js';
import { createEffects } from '../../js/worker/effects.js';
import { warningTexts } from '../../js/worker/warning-texts.js';
import { importShipped } from './package.mjs';

const { default: createCoreModule } = await importShipped('core.js');
const { default: createModuleWithoutWasm } = await importShipped('core-without-wasm.js');

function startedCore(create = createCoreModule) {
  const module = create();
  const memory = new CoreMemory(module);
  const core = new module.AuthCore(memory.putText('{}'));
  /** @param {string} url @param {number} [info] */
  const decide = (url, info = 0) => module._decide(core.address(), memory.putURL(url), info);
  return { core, decide, memory, module };
}

test('createCoreModule() returns the module itself, synchronously', () => {
  assert.equal(typeof createCoreModule().AuthCore, 'function');
});

/** @param {object} object */
const functionsOf = (object) =>
  Object.entries(Object.getOwnPropertyDescriptors(object))
    .filter(([, { value }]) => typeof value === 'function')
    .map(([name]) => name);
const isWasmExport = (/** @type {string} */ name) => name.startsWith('_') || name.startsWith('dynCall');

test('embind shows one class, and the memory through which long values cross', () => {
  // Emscripten and embind also export these, in the versions that we build with.
  const runtime = [
    'run',
    'BindingError',
    'InternalError',
    'UnboundTypeError',
    'count_emval_handles',
    'get_first_emval',
    'getInheritedInstanceCount',
    'getLiveInheritedInstances',
    'flushPendingDeletes',
    'setDelayFunction',
  ];
  const module = createCoreModule();
  const names = functionsOf(module).filter((name) => !isWasmExport(name) && !runtime.includes(name));
  assert.deepEqual(names.sort(), ['AuthCore', 'makeTextRoom', 'names', 'urlAddress']);
  assert.deepEqual(functionsOf(module.AuthCore.prototype).sort(), [
    'address',
    'clientBegan',
    'clientGone',
    'clientSpokeBefore',
    'clientState',
    'clientsFound',
    'constructor',
    'hostForbidden',
    'message',
    'places',
    'realmOf',
    'realmOfToken',
    'reply',
    'request',
    'response',
    'ruleOf',
    'state',
    'stateLoaded',
    'stateUnavailable',
    'stats',
    'textOfToken',
    'tick',
  ]);
});

test('six lists of names', () => {
  const { memory, module } = startedCore();
  const lines = memory.text(module.names()).split('\n');
  assert.match(lines[0], /^,audio,/);
  assert.match(lines[1], /^leaveAlone,hold,fetch,/);
  assert.equal(lines[2], ',missing,expired,rejected,unreachable,unknown');
  assert.deepEqual(lines[3].split(','), Object.keys(warningTexts));
  assert.equal(lines[4], 'GET,HEAD,OTHER');
  assert.deepEqual(lines[5].split(','), Object.keys(ruleTexts));
  assert.deepEqual(lines.slice(6), ['']);
});

test('one function for each order', () => {
  const { memory, module } = startedCore();
  const options = { abortsOldFetches: false, credentials: undefined, refusesRedirects: false };
  const effects = createEffects(/** @type {any} */ ({ options, messages: new Map() }));
  assert.deepEqual(Object.keys(effects).sort(), memory.text(module.names()).split('\n')[1].split(',').sort());
});

test('of the functions that wasm exports, one is ours', () => {
  // What Emscripten and embind need for themselves, in the versions we build with.
  const runtime = [
    '___wasm_call_ctors',
    '_malloc',
    '_free',
    '___getTypeName',
    '___embind_register_native_and_builtin_types',
    '__embind_initialize_bindings',
    'dynCall_iij',
  ];
  const names = functionsOf(createCoreModule()).filter(isWasmExport);
  assert.deepEqual(
    names.filter((name) => !runtime.includes(name)),
    ['_decide'],
  );
});

test('two cores of one module share nothing', () => {
  const a = startedCore();
  const b = { ...a, core: new a.module.AuthCore(a.memory.putText('{}')) };
  a.core.message(1, 0, a.memory.putText('{"type":"set-realm-token","realmURL":"http://h/","token":"x"}'), 0);
  assert.equal(JSON.parse(a.memory.text(a.core.stats())).realms, 1);
  assert.equal(JSON.parse(b.memory.text(b.core.stats())).realms, 0);
});

test('a step is its wake-up and its orders', () => {
  const { core, decide, memory, module } = startedCore();
  const image = memory.text(module.names()).split('\n')[0].split(',').indexOf('image') << 8;
  assert.equal(decide('http://h/cat.png', image), -1);
  const [wakeIn, ...orders] = memory.numbers(core.request(7, 3, memory.putURL('http://h/cat.png'), image, 1000));
  assert.equal(wakeIn, 200);
  assert.deepEqual(orders.slice(0, 2), [1, 7]); // hold the request
  assert.deepEqual(memory.numbers(core.tick(1000))[0], 200);
});

for (const [module, create] of /** @type {[string, typeof createCoreModule][]} */ ([
  ['wasm', createCoreModule],
  ['plain JavaScript', createModuleWithoutWasm],
])) {
  test(`${module}: a URL that is longer than its room is left alone, also in memory that grew`, () => {
    const { core, decide, memory, module } = startedCore(create);
    core.message(1, 0, memory.putText('{"type":"set-realm-token","realmURL":"http://h/","token":"x"}'), 0);
    const long = `http://h/${'a'.repeat(8183)}`;
    assert.equal(decide(long), 1);
    assert.equal(decide(`${long}a`), 0);
    const { buffer } = module.HEAPU8;
    memory.putText('x'.repeat(4 << 20));
    assert.notEqual(module.HEAPU8.buffer, buffer);
    assert.equal(decide('http://h/a'), 1);
    assert.equal(decide('http://evil/advert/pixel.png'), 0);
  });
}

test('the clock is read for tokens that expire, and for nothing else', () => {
  const { core, decide, memory, module } = startedCore();
  let readings = 0;
  module.clock = () => {
    readings++;
    return 2000;
  };
  const jwt = (/** @type {number} */ exp) => `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.s`;
  for (const [realmURL, token] of [
    ['http://h/a/', 'lasting'],
    ['http://h/b/', jwt(3)],
    ['http://h/c/', jwt(1)],
  ]) {
    core.message(1, 0, memory.putText(JSON.stringify({ type: 'set-realm-token', realmURL, token })), 0);
  }
  assert.equal(decide('http://h/a/x'), 1);
  assert.equal(decide('http://h/x'), -1);
  assert.equal(decide('http://stranger/x'), 0);
  assert.equal(readings, 0);
  assert.equal(decide('http://h/b/x'), 2);
  assert.equal(decide('http://h/c/x'), -1);
  assert.equal(readings, 2);
});

test('the page and the core write a URL in the same form', () => {
  const { core, memory } = startedCore();
  for (const [path, form] of [
    ['%7Ea%2fb', '~a%2Fb'],
    ['%41%c3%a9', 'A%C3%A9'],
    ['%2561', '%2561'],
    // Characters that would make an escape of the '%' before them.
    ['%2%35', '%2%35'],
    ['%%34%31', '%%341'],
    ['%%%341%31', '%%%3411'],
    ['%a%4a%4A', '%a%4AJ'],
  ]) {
    const url = `https://realm.example/${path}/`;
    const set = JSON.stringify({ type: 'set-realm-token', realmURL: url, token: 't' });
    core.message(1, 1, memory.putText(set), 0);
    assert.equal(memory.text(core.realmOf(memory.putURL(url))), `https://realm.example/${form}/`);
    assert.equal(normalURL(url), `https://realm.example/${form}/`);
  }
});
