// The page's module as it is published, with the core beside it.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as source from '../../js/page/index.js';
import { ask, settled, storageOf } from './page-platform.mjs';
import { REALM } from './wire.mjs';
import { importShipped } from './package.mjs';

const published = await importShipped('page.js');

test('exports what the source does', () => {
  assert.deepEqual(Object.keys(published), Object.keys(source));
});

test('finds its own core', async () => {
  const handler = published.createTokenRequestHandler({ storage: storageOf({ [REALM]: 'stored' }) });
  const asked = await ask(handler);
  await asked.done;
  await settled();
  assert.deepEqual(asked.replies, [{ realmURL: REALM, token: 'stored' }]);
});
