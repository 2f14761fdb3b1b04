// Imports of js/ point one way, dynamic ones included, and so do the includes of cpp/.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../js', import.meta.url));
const folders = ['page', 'elements', 'refresh', 'authorised', 'inspect', 'panel', 'worker'];
const entries = folders.map((name) => `${name}/index.js`);
const { metafile } = await build({
  entryPoints: [...entries, 'refresh/matcher.js', 'worker/module.js', 'adapters.js', 'early.js'],
  absWorkingDir: folder,
  bundle: true,
  splitting: true,
  format: 'esm',
  write: false,
  outdir: 'none',
  metafile: true,
  // The core is built from C++, and other entries of the package are files beside it.
  external: ['*/core.js', '*/core-without-wasm.js'],
  preserveSymlinks: true,
});
/** file → the files that it imports, and how. @type {Map<string, {path: string, kind: string}[]>} */
const graph = new Map(
  Object.entries(metafile.inputs).map(([file, { imports }]) => [file, imports.filter(({ external }) => !external)]),
);

test('there is no circle', () => {
  /** @type {string[]} */
  const circles = [];
  const done = new Set();
  /** @param {string} file @param {string[]} path */
  const visit = (file, path) => {
    if (path.includes(file)) return circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file)) return;
    for (const { path: next } of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  assert.deepEqual(circles, []);
});

test('the folders of the core include one way', () => {
  const order = ['base', 'wire', 'realms', 'core'];
  const cpp = fileURLToPath(new URL('../../cpp', import.meta.url));
  /** @type {string[]} */
  const wrong = [];
  let includes = 0;
  for (const [rank, name] of order.entries()) {
    for (const file of readdirSync(`${cpp}/${name}`)) {
      for (const [, from] of readFileSync(`${cpp}/${name}/${file}`, 'utf8').matchAll(/^#include "(\w+)\//gm)) {
        includes++;
        if (!order.slice(0, rank + 1).includes(from)) wrong.push(`${name}/${file} includes ${from}/`);
      }
    }
  }
  assert.ok(includes > 100);
  assert.deepEqual(wrong, []);
});

test('the page loads what changes elements and what gets new tokens only when it needs them', () => {
  const others = /^(elements|refresh|authorised|inspect|panel)\//;
  for (const [file, imports] of graph) {
    if (!file.startsWith('page/')) continue;
    for (const { path, kind } of imports)
      assert.ok(!others.test(path) || kind === 'dynamic-import', `${file} imports ${path}`);
  }
});

test('elements know of the page no more than its realms and tokens', () => {
  const ofTokens = ['covering-realm', 'options', 'tokens'];
  const leaves = ['async', 'found-state', 'platform', 'warn', 'watch-frames', ...ofTokens].map(
    (name) => `page/${name}.js`,
  );
  for (const [file, imports] of graph) {
    if (!file.startsWith('elements/')) continue;
    // Loaded when something is wrong.
    const allowed = [...leaves, 'realm-url.js', 'inspect/index.js'];
    for (const { path } of imports)
      assert.ok(path.startsWith('elements/') || allowed.includes(path), `${file} imports ${path}`);
  }
});
