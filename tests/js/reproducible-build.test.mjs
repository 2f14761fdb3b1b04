// The same sources and tools give the same package, byte for byte, wherever they lie.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = ['CMakeLists.txt', 'CMakePresets.json', 'LICENSE', 'README.md', 'cpp', 'js', 'tests', 'web'];
const BUILT = ['node_modules', 'build'];

test('a build in another folder gives the same bytes', async (t) => {
  const copy = await mkdtemp(join(tmpdir(), 'auth-service-worker-'));
  t.after(() => rm(copy, { recursive: true, force: true }));
  for (const name of SOURCES) {
    await cp(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !BUILT.includes(basename(path)),
    });
  }
  await symlink(join(root, 'js/node_modules'), join(copy, 'js/node_modules'));
  const cmake = (/** @type {string[]} */ ...args) =>
    execFileSync('cmake', args, { cwd: copy, stdio: ['ignore', 'ignore', 'inherit'] });
  cmake('--preset', 'wasm');
  cmake('--build', '--preset', 'wasm', '--target', 'package-folder');

  const [ours, theirs] = [join(root, 'build/wasm/package'), join(copy, 'build/wasm/package')];
  const names = (await readdir(ours, { recursive: true })).sort();
  assert.ok(names.length > 10);
  assert.deepEqual((await readdir(theirs, { recursive: true })).sort(), names);
  for (const name of names) {
    if ((await stat(join(ours, name))).isDirectory()) continue;
    const [our, their] = await Promise.all([readFile(join(ours, name)), readFile(join(theirs, name))]);
    assert.ok(our.equals(their), `${name} differs: is the package built from these sources?`);
  }
});
