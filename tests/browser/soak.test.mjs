import assert from 'node:assert/strict';
import { test } from 'node:test';
import { despiteDriver } from './driver-fault.mjs';
import { engineOfRun } from './launcher.mjs';
import { soak } from './soak.mjs';
import { soakUsers } from './users-soak.mjs';

const SECONDS = 12;
const USERS_SECONDS = 8;
const SEED = 1;
const TRIES = 3;

test(`${SECONDS} seconds of random life: no token at a wrong place, no broken image, nothing left`, async (t) => {
  const { faults, ...counts } = await despiteDriver(
    TRIES,
    () => soak(engineOfRun, SECONDS, SEED),
    (fault) => t.diagnostic(String(fault)),
  );
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual(faults, []);
  assert.ok(counts.images > 50 && counts.requests > 50, 'much was tried');
});

// So many stops that WebKit may come to run its workers in a tab: webkit-worker-hosts.mjs.
test(`${USERS_SECONDS} seconds of users who come and go: each sees the images that are theirs, and no others`, {
  skip: engineOfRun === 'webkit',
}, async (t) => {
  const { faults, ...counts } = await despiteDriver(
    TRIES,
    () => soakUsers(engineOfRun, USERS_SECONDS, SEED),
    (fault) => t.diagnostic(String(fault)),
  );
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual(faults, []);
  assert.ok(counts.images > 10 && counts.changes > 1, 'much was tried');
  // Firefox may open pages while a version of the worker replaces another. They bypass it: see users-soak.mjs.
  if (engineOfRun === 'firefox') assert.ok(counts.bypassed < counts.images / 2, 'most pages have the worker');
  else assert.equal(counts.bypassed, 0);
});
