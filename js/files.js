// The files and the inline script of the package, for programs that build a site.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { WORKER_FILES } from './shipped-files.js';

/**
 * @typedef {object} EarlyOptions
 * @property {string | undefined} [storageKey] the key of localStorage that has the tokens; 'boxel-session' by default
 * @property {string | undefined} [tokenPath] where the token is in the JSON under that key: names with dots between
 *   them. Without it, the JSON is an object of tokens by realm URL
 * @property {string | undefined} [realm] the realm URL of that token
 * @property {string | undefined} [workerURL] '/auth-service-worker.js' by default
 */

/** The expressions for the script's options and for its tokens, as they are in the file. */
const DATASET = 'document.currentScript?.dataset';
const OPTIONS = `${DATASET}??{}`;
const TOKENS = /Object\.entries\((JSON\.parse\(localStorage\.getItem\(\w+\)\?\?""\))\)/;

/**
 * Returns the files that a site serves in its root: the worker, and what it loads where a policy forbids WebAssembly.
 * @returns {Promise<{name: string, source: string}[]>}
 */
export const workerFiles = () =>
  Promise.all(
    WORKER_FILES.map(async (name) => ({
      name,
      source: await readFile(fileURLToPath(new URL(name, import.meta.url)), 'utf8'),
    })),
  );

/**
 * Returns the early responder, for an inline script that is the first in `<head>`.
 * @param {EarlyOptions} [options]
 * @returns {Promise<{script: string, hash: string}>} the hash as a source for a Content-Security-Policy
 * @throws {Error} if only one of tokenPath and realm is given, or if early.js is of another version
 */
export async function earlyScript({ storageKey, tokenPath, realm, workerURL } = {}) {
  const file = await readFile(fileURLToPath(new URL('early.js', import.meta.url)), 'utf8');
  let script = file;
  if (!tokenPath !== !realm)
    throw new Error(
      'auth-service-worker: tokenPath and realm belong together: where the token is, and which realm it is for.',
    );
  if (tokenPath && realm) {
    if (!TOKENS.test(file))
      throw new Error('auth-service-worker: early.js is not of the version of files.js. Install the package anew.');
    const members = tokenPath
      .split('.')
      .map((name) => `?.[${literal(name)}]`)
      .join('');
    script = script.replace(TOKENS, (_, json) => `(t=>t?[[${literal(realm)},t]]:[])(${json}${members})`);
  }
  const options = literal({ storageKey, workerUrl: workerURL });
  // The attributes of the script tag still win.
  if (options !== '{}') script = script.split(OPTIONS).join(`{...${options},...${DATASET}}`);
  return { script, hash: `'sha256-${createHash('sha256').update(script).digest('base64')}'` };
}

/**
 * Makes JSON, without undefined values. A `<` in it could end the script element, so it is escaped.
 * @param {unknown} value
 */
const literal = (value) => JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
