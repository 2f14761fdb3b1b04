import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownScriptURL } from '../../js/worker/own-script.js';

const location = new URL('https://app.example:8443/sw.js?v=1');
const url = 'https://app.example:8443/vendor/@1.2/auth-service-worker.js';

for (const [engine, stack, expected] of [
  ['Chromium, imported', `Error\n    at ${url}?v=2:1:14\n    at ${location}:1:18`, url],
  ['Chromium, in a function', `Error\n    at ownScriptURL (${url}:3:70)\n    at ${location}:1:18`, url],
  ['Firefox, imported', `@${url}:1:14\n@${location}:1:31\n`, url],
  ['Firefox, in a function', `ownScriptURL@${url}:1:14\n@${location}:1:31\n`, url],
  ['Firefox, from its store', `ownScriptURL@/vendor/@1.2/auth-service-worker.js?v=2:1:14\n@${location}:1:31\n`, url],
  [
    'WebKit, imported',
    `ownScriptURL@${url}:1:14\nglobal code@${url}:1:20\nimportScripts@[native code]\nglobal code@${location}:1:14`,
    url,
  ],
  ['any, registered', `ownScriptURL@${location}:1:14`, 'https://app.example:8443/sw.js'],
  ['one that tells something else', 'Error', 'https://app.example:8443/sw.js'],
]) {
  test(engine, () => assert.equal(ownScriptURL({ location }, stack), expected));
}
