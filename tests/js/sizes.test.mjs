// Every shipped script within its budget, size-budgets.json. The budgets are a little above what was reached, so
// that growth is a decision. The worker file may have 40 kB of brotli at most. Its budget has room for Emscripten
// 3.1.69, whose module is 400 bytes larger than that of 3.1.6.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { PACKAGE, shippedSizes, table } from './sizes.mjs';

const budgets = JSON.parse(await readFile(new URL('size-budgets.json', import.meta.url), 'utf8'));
const names = (await readdir(PACKAGE, { recursive: true })).filter((name) => name.endsWith('.js')).sort();

test('every script has a budget', () => {
  assert.deepEqual(names.filter((name) => !Object.hasOwn(budgets, name)), []);
});

test('every script is within it', async () => {
  const rows = [['bytes', 'raw', 'of', 'gzip', 'of', 'brotli', 'of']];
  const over = [];
  for (const name of names) {
    const { minified, ...budget } = budgets[name];
    const sizes = await shippedSizes(name, minified);
    rows.push([minified ? `${name}, minified` : name, ...Object.keys(budget).flatMap((way) => [sizes[way], budget[way]])]);
    over.push(...Object.keys(budget).filter((way) => !(sizes[way] <= budget[way])).map((way) => `${name} ${way}`));
  }
  console.log(table(rows));
  assert.deepEqual(over, []);
});
