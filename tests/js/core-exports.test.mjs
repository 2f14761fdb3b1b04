// What the module exports, pinned.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import createAuthCore from '../../build/wasm/package/core.js';

test('createAuthCore() returns the module itself, synchronously', () => {
  assert.equal(typeof createAuthCore().Core, 'function');
});

test('one class of twelve methods, one plain function, four lists of names', () => {
  const module = createAuthCore();
  const own = (object) => Object.getOwnPropertyNames(object).filter((name) => name !== 'constructor');
  assert.deepEqual(own(module.Core.prototype).sort(), [
    'clientGone', 'clientsFound', 'hosts', 'hostsLoaded', 'message', 'realmToken', 'reply', 'request', 'response', 'scratch', 'stats', 'tick',
  ]);
  assert.match(module.orderNames, /^leaveAlone,hold,fetch,/);
  assert.match(module.destinationNames, /^,audio,/);
  assert.equal(module.reasonNames, ',missing,expired,rejected');
  assert.match(module.warningNames, /^realmRefused,/);
});

test('of the functions that wasm exports, one is ours', () => {
  // What Emscripten and embind need for themselves, in the versions we build with.
  const runtime = [
    '___wasm_call_ctors', '_malloc', '_free', '___getTypeName', '___embind_register_native_and_builtin_types',
    '__embind_initialize_bindings', 'dynCall_iij',
  ];
  const isExport = (name) => name.startsWith('_') || name.startsWith('dynCall');
  const names = Object.keys(createAuthCore()).filter(isExport);
  assert.deepEqual(names.filter((name) => !runtime.includes(name)), ['_decide']);
});

test('two cores share nothing', () => {
  const module = createAuthCore();
  const [a, b] = [new module.Core('{}'), new module.Core('{}')];
  a.message(1, 0, '{"type":"set-realm-token","realmURL":"http://h/","token":"x"}', 0);
  assert.equal(JSON.parse(a.stats()).realms, 1);
  assert.equal(JSON.parse(b.stats()).realms, 0);
});
