// npx auth-service-worker, as it is shipped.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('../../build/wasm/package/', import.meta.url));
const { bin } = JSON.parse(await readFile(`${PACKAGE}package.json`, 'utf8'));

/** @returns {Promise<{code: number, out: string, err: string}>} */
const run = (...words) =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(PACKAGE, bin), ...words], (error, out, err) => resolve({ code: error?.code ?? 0, out, err }));
  });

let folder;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'auth-service-worker-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('init', () => {
  const sameAs = async (name, packaged) =>
    assert.ok((await readFile(join(folder, name))).equals(await readFile(join(PACKAGE, packaged))), name);

  test('copies the worker, and says what comes next', async () => {
    const { code, out, err } = await run('init', folder);
    assert.deepEqual([code, err], [0, '']);
    assert.deepEqual((await readdir(folder)).sort(), ['auth-core-without-wasm.js', 'auth-service-worker.js']);
    for (const name of await readdir(folder)) await sameAs(name, name);
    assert.match(out, /auth-service-worker\.js/);
    assert.match(out, /registerAuthServiceWorker\(\)/);
  });

  test('--split: all that the split worker loads', async () => {
    assert.equal((await run('init', '--split', folder)).code, 0);
    assert.deepEqual((await readdir(folder)).sort(), (await readdir(join(PACKAGE, 'split'))).sort());
    for (const name of await readdir(folder)) await sameAs(name, `split/${name}`);
  });

  test('over an older one', async () => {
    await writeFile(join(folder, 'auth-service-worker.js'), 'old');
    assert.equal((await run('init', folder)).code, 0);
    await sameAs('auth-service-worker.js', 'auth-service-worker.js');
  });

  for (const [name, words, error] of [
    ['no folder', ['init'], /needs a folder/],
    ['a folder that is not there', ['init', '/no/such/folder'], /^\/no\/such\/folder is no folder\./],
    ['a file', ['init', fileURLToPath(import.meta.url)], /is no folder\./],
    ['a folder that takes no files', ['init', '/proc'], /^could not write \/proc\/auth-service-worker\.js: /],
    ['two folders', ['init', '/tmp', '/tmp'], /init FOLDER/],
    ['an unknown flag', ['init', '/tmp', '--spilt'], /init FOLDER/],
  ]) {
    test(`${name}: an error that says so`, async () => {
      const { code, out, err } = await run(...words);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, error);
      assert.doesNotMatch(err, /^ +at /m);
    });
  }
});

describe('early', () => {
  test('prints the script, and nothing after it', async () => {
    assert.equal((await run('early')).out, await readFile(`${PACKAGE}early.js`, 'utf8'));
  });

  test('--hash: what a Content-Security-Policy wants of it', async () => {
    const { out } = await run('early');
    assert.equal((await run('early', '--hash')).out, `'sha256-${createHash('sha256').update(out).digest('base64')}'\n`);
  });
});

test('nothing, or something else: the usage', async () => {
  for (const words of [[], ['install']]) {
    const { code, err } = await run(...words);
    assert.equal(code, 1);
    assert.match(err, /init FOLDER .*early/s);
  }
  const { code, out } = await run('--help');
  assert.equal(code, 0);
  assert.match(out, /init FOLDER .*early/s);
});
