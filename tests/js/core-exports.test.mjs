// What the module exports, pinned: the rest of the world is two dozen lines of glue away from it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import createAuthCore from '../../build/wasm/package/core.js';

test('createAuthCore() returns the module itself, synchronously', () => {
  assert.equal(typeof createAuthCore().Core, 'function');
});

test('one class of ten methods, one plain function, three lists of names', () => {
  const module = createAuthCore();
  const own = (object) => Object.getOwnPropertyNames(object).filter((name) => name !== 'constructor');
  assert.deepEqual(own(module.Core.prototype).sort(), [
    'clientGone', 'clientsFound', 'message', 'realmToken', 'reply', 'request', 'response', 'scratch', 'stats', 'tick',
  ]);
  assert.equal(module._decide.length, 4);
  assert.match(module.orderNames, /^leaveAlone,hold,fetch,/);
  assert.match(module.destinationNames, /^,audio,/);
  assert.match(module.warningNames, /^realmRefused,/);
});

test("the module's own exports", () => {
  const names = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (module, imports) {
    names.push(...WebAssembly.Module.exports(module).map(({ name, kind }) => `${kind} ${name}`));
    return new Instance(module, imports);
  };
  try {
    createAuthCore();
  } finally {
    WebAssembly.Instance = Instance;
  }
  assert.ok(names.length > 0);
  assert.deepEqual(names.filter((name) => name.startsWith('memory')).length, 1);
  assert.ok(names.length <= 12, names.join());
});

test('two cores share nothing', () => {
  const module = createAuthCore();
  const [a, b] = [new module.Core('{}'), new module.Core('{}')];
  a.message(1, 0, '{"type":"set-realm-token","realmURL":"http://h/","token":"x"}', 0);
  assert.equal(JSON.parse(a.stats()).realms, 1);
  assert.equal(JSON.parse(b.stats()).realms, 0);
});
