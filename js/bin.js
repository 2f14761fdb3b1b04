#!/usr/bin/env node
// npx auth-service-worker …: what an app needs of this package outside of its bundle.
import { createHash } from 'node:crypto';
import { copyFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const USAGE = `npx auth-service-worker init FOLDER [--split]
    Copies the worker to FOLDER, from where your site serves its root: one file for all, and one for
    sites that forbid WebAssembly. --split: the core and the shim as files of their own.
npx auth-service-worker early [--hash]
    Prints the early responder, for a <script> in <head>. --hash: its source for a
    Content-Security-Policy.
`;

/** What a worker needs, and what it loads only where WebAssembly is forbidden. */
const WORKER = ['auth-service-worker.js', 'auth-core-without-wasm.js'];
const SPLIT_WORKER = ['auth-service-worker.js', 'auth-core.js', 'auth-worker.js', 'auth-core-without-wasm.js'];

const packaged = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/** What a user can do something about. */
class Mistake extends Error {}

/** @param {string} folder @param {boolean} isSplit */
async function init(folder, isSplit) {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new Mistake(`${folder} is no folder. Name the one your site serves its root from.`);
  const files = isSplit ? SPLIT_WORKER : WORKER;
  for (const name of files) {
    try {
      await copyFile(packaged(isSplit ? `split/${name}` : name), join(folder, name));
    } catch (error) {
      throw new Mistake(`could not write ${join(folder, name)}: ${/** @type {Error} */ (error).message}`);
    }
  }
  console.log(`Copied to ${folder}: ${files.join(', ')}`);
  console.log(`Next, in your page:

    import { registerAuthServiceWorker } from 'auth-service-worker';
    registerAuthServiceWorker();

and serve the files as /auth-service-worker.js and beside it. Copy them again when you update the package.`);
}

/** @param {boolean} isHash */
async function early(isHash) {
  const script = await readFile(packaged('early.js'), 'utf8');
  const hash = `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
  // No line end after the script: between <script> and </script> it would count for the hash.
  process.stdout.write(isHash ? `${hash}\n` : script);
}

/** @param {string[]} words */
async function run([command, ...words]) {
  const flags = words.filter((word) => word.startsWith('-'));
  const [folder, ...rest] = words.filter((word) => !word.startsWith('-'));
  const knows = (/** @type {string} */ flag) => flags.every((given) => given === flag);
  if (command === 'init' && folder !== undefined && rest.length === 0 && knows('--split')) return init(folder, flags.length > 0);
  if (command === 'early' && folder === undefined && knows('--hash')) return early(flags.length > 0);
  if (command === '--help' || command === '-h') return void process.stdout.write(USAGE);
  throw new Mistake(command === 'init' && folder === undefined ? `init needs a folder.\n\n${USAGE}` : USAGE);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Mistake)) throw error;
  process.stderr.write(`${error.message.trimEnd()}\n`);
  process.exitCode = 1;
}
