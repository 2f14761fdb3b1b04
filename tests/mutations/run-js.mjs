// Checks that the tests in Node notice mistakes. Makes each mutation of js-mutations.mjs in a copy of js/, builds the package
// of it, and runs the tests that have to notice it. Needs the build of the wasm preset.
//   node tests/mutations/run-js.mjs [--quick] [WORD in the mutation's name]
// With --quick it makes one mutation in sixteen. It always checks that each mutation still applies.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mutate } from './mutate.mjs';
import { mutations } from './js-mutations.mjs';

/** @typedef {import('./js-mutations.mjs').JSMutation} JSMutation */
/** @typedef {import('node:child_process').ExecFileException & {stdout?: string, stderr?: string}} Failure */

const run = promisify(execFile);
const ROOT = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const WASM = join(ROOT, 'build/wasm');
const WORK = join(ROOT, 'build/mutations', String(process.pid));

const words = process.argv.slice(2).filter((word) => word !== '--quick');
const isQuick = process.argv.includes('--quick');
const chosen = mutations.filter(({ name }, i) => words.every((word) => name.includes(word)) && !(isQuick && i % 16));

/** All that the tests read, except the package. */
const READ = ['js', 'tests/js', 'tests/fuzz/json.dict', 'cpp', 'web', 'LICENSE', 'README.md'];

/** @param {JSMutation} mutation @param {string} text the mutated file @param {string} folder @returns {Promise<string>} who notices */
async function noticedBy({ file, tests }, text, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'build/wasm'), { recursive: true });
  for (const path of READ) {
    cpSync(join(ROOT, path), join(folder, path), {
      recursive: true,
      filter: (source) => !source.includes('node_modules'),
    });
  }
  symlinkSync(join(ROOT, 'js/node_modules'), join(folder, 'js/node_modules'));
  symlinkSync(join(ROOT, 'js/node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'js', file), text);
  const cores = ['auth-core.js', 'auth-core-without-wasm.js'].map((name) => join(WASM, name));
  await run(process.execPath, [join(folder, 'js/build.mjs'), ...cores, join(folder, 'build/wasm/package')]);
  const files = tests.map((name) => join(folder, `tests/js/${name}.test.mjs`)).filter((path) => existsSync(path));
  if (files.length < tests.length) throw new Error('a test of it is gone');
  try {
    await run(process.execPath, ['--test', ...files], { cwd: folder, timeout: 120_000, maxBuffer: 1 << 28 });
    return '';
  } catch (error) {
    const { stdout = '', killed } = /** @type {Failure} */ (error);
    const failed = [...stdout.matchAll(/^ *(?:not ok \d+ -|✖) (.*)$/gm)].map(([, name]) => name);
    return killed
      ? 'hangs'
      : `${failed[0] ?? 'ends in failure'}${failed.length > 1 ? ` and ${failed.length - 1} more` : ''}`;
  }
}

/** @param {JSMutation} mutation @param {string} folder @returns {Promise<string>} what became of it, in words */
async function judge(mutation, folder) {
  const { text, problem } = mutate(join(ROOT, 'js'), mutation);
  if (text === undefined) return `✗ ${problem}`;
  try {
    return (await noticedBy(mutation, text, folder)) || '✗ SURVIVES';
  } catch (error) {
    const { stdout = '', message } = /** @type {Failure} */ (error);
    return `✗ cannot be built: ${stdout || message}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const start = Date.now();
const waiting = [...chosen];
let survivors = 0;
for (const mutation of mutations.filter((each) => !chosen.includes(each))) {
  const { problem } = mutate(join(ROOT, 'js'), mutation);
  if (!problem) continue;
  survivors++;
  console.log(`${mutation.name.padEnd(55)} ${problem}`);
}
await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, async (_, worker) => {
    for (let mutation; (mutation = waiting.shift()); ) {
      const judgement = await judge(mutation, join(WORK, String(worker)));
      if (judgement.startsWith('✗')) survivors++;
      console.log(`${mutation.name.padEnd(55)} ${judgement}`);
    }
  }),
);
rmSync(WORK, { recursive: true, force: true });
console.log(`${chosen.length} mutations, ${survivors} not caught, ${Math.round((Date.now() - start) / 1000)} s`);
process.exit(survivors || !chosen.length ? 1 : 0);
