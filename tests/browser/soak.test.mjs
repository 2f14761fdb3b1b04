import assert from 'node:assert/strict';
import { test } from 'node:test';
import { despiteDriver } from './driver-fault.mjs';
import { engineOfRun } from './launcher.mjs';
import { soak } from './soak.mjs';
import { soakUsers } from './users-soak.mjs';

const SECONDS = 20;
const SEED = 1;
const TRIES = 3;

test(`${SECONDS} seconds of random life: no token at a wrong place, no broken picture, nothing left`, async (t) => {
  const { faults, ...counts } = await despiteDriver(
    TRIES,
    () => soak(engineOfRun, SECONDS, SEED),
    (fault) => t.diagnostic(String(fault)),
  );
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual(faults, []);
  assert.ok(counts.images > 50 && counts.requests > 50, 'much was tried');
});

// So many stops that WebKit would come to run its workers in a tab: webkit-worker-hosts.mjs.
test(`${SECONDS} seconds of users who come and go: nobody sees the pictures of another, and most see their own`, {
  skip: engineOfRun === 'webkit',
}, async (t) => {
  const { faults, ...counts } = await soakUsers(engineOfRun, SECONDS, SEED);
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual(faults, []);
  assert.ok(counts.images > 20 && counts.changes > 3, 'much was tried');
  assert.ok(counts.broken < counts.images / 2, 'most pictures show');
});
