// What the shipped worker tells the browser to send past it, and that this may fail.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { infoReader } from '../../js/worker/request-info.js';
import { settled, startWorker } from './service-worker.mjs';

describe('at its install the worker', () => {
  test('routes past it what has another method than GET and HEAD', () => {
    /** @type {object[]} */
    const rules = [];
    startWorker().listeners.install({ addRoutes: async (/** @type {object} */ rule) => void rules.push(rule) });
    // From the worker's own realm, whose prototypes are others.
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

test('while no core tells its methods every request is of another; later GET is GET and POST is not', () => {
  /** @type {string[] | undefined} */
  let methods;
  /** @type {any} */
  const core = { destinations: () => undefined, methods: () => methods };
  const read = infoReader(core, ['Authorization']);
  const methodOf = (/** @type {string} */ method) => read(new Request('https://realm.example/', { method })) & 3;
  assert.deepEqual(['GET', 'POST'].map(methodOf), [2, 2]);
  methods = ['GET', 'HEAD'];
  assert.deepEqual(['GET', 'HEAD', 'POST'].map(methodOf), [0, 1, 2]);
});
