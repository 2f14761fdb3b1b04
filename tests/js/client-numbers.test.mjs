import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientNumbers } from '../../js/worker/client-numbers.js';

test('numbers of clients that are gone are forgotten, however many come, and those of the others stay', async () => {
  const living = [{ id: 'tab', type: 'worker' }];
  const numbers = new ClientNumbers({ matchAll: async () => living });
  const tab = numbers.numberOfId('tab');
  for (let i = 0; i < 10_000; i++) {
    numbers.numberOfId(`frame ${i}`);
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(numbers.size < 1000, `${numbers.size}`);
  assert.equal(numbers.numberOfId('tab'), tab);
});
