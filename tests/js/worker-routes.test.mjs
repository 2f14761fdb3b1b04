// What the shipped worker tells the browser to send past it, and that this may fail.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authorizations, settled, startWorker, trappingIn } from './service-worker.mjs';
import { CAT, REALM, set } from './wire.mjs';

describe('at its install the worker', () => {
  test('routes past it what has another method than GET and HEAD', () => {
    /** @type {object[]} */
    const rules = [];
    startWorker().listeners.install({ addRoutes: async (/** @type {object} */ rule) => void rules.push(rule) });
    // The route comes from the worker's own JavaScript realm, which has other prototypes.
    assert.deepEqual(structuredClone(rules), [
      { condition: { not: { or: [{ requestMethod: 'GET' }, { requestMethod: 'HEAD' }] } }, source: 'network' },
    ]);
  });

  for (const [how, event] of Object.entries({
    'has no routes': {},
    'refuses this one': { addRoutes: () => Promise.reject(new TypeError('unknown condition')) },
    'throws at it': {
      addRoutes() {
        throw new TypeError('unknown condition');
      },
    },
  })) {
    test(`is installed by a browser that ${how}, too`, async () => {
      const worker = startWorker();
      worker.listeners.install(event);
      await settled();
      assert.deepEqual(worker.warnings, []);
      assert.equal(worker.request('https://realm.example/cat.png', { method: 'POST' }), 'left alone');
    });
  }
});

test('after a first core that failed, a GET is a GET and a POST is not', async () => {
  let fails = true;
  const worker = startWorker({
    wrapCore: trappingIn('names', () => fails),
  });
  assert.equal(worker.request(CAT), 'left alone');
  fails = false;
  worker.post(set(REALM, 'jwt-1'));
  assert.equal(worker.request(CAT, { method: 'POST', mode: 'cors', destination: '' }), 'left alone');
  assert.equal((await worker.heldRequest(CAT).response).status, 200);
  assert.deepEqual(authorizations(worker), ['Bearer jwt-1']);
});
