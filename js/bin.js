#!/usr/bin/env node
// The command `npx auth-service-worker`: copies, prints and checks what a site needs besides its bundle.
import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkSite } from './check-site.js';
import { earlyScript } from './files.js';
import { describeScan, scanLog } from './scan-log.js';
import { PAGE_FILES, SPLIT_WORKER_FILES, WORKER_FILES } from './shipped-files.js';

const USAGE = `npx auth-service-worker init [FOLDER] [--split] [--page] [--save]
    Copies the worker to FOLDER, which your site serves as its root.
    --split   the worker as several files, which are readable
    --page    also the page's modules, for sites without a bundler: import from /page.js
    --save    stores folder and flags in package.json in this folder; then "init" alone does the same again
npx auth-service-worker init [FOLDER] [--split] [--page] --check
    Copies nothing. Fails when a file in FOLDER is not that of the installed package.
npx auth-service-worker early [--storage-key KEY] [--path PATH --realm URL] [--hash]
    Prints the early responder, for an inline <script> in <head>.
    --storage-key   the key of localStorage that has the tokens, as JSON
    --path          where the token is in that JSON: access_token, or user.token
    --realm         the realm URL of that token
    --hash          prints the script's source for a Content-Security-Policy instead
npx auth-service-worker check PAGE [--image URL] [--token TOKEN] [--worker PATH]
    Looks at a site from outside and says what to change. Fails when something is wrong.
    PAGE        the URL of a page of the site
    --image     the URL of a protected image
    --token     a token that opens the image
    --worker    the path of the worker's file, if not /auth-service-worker.js: also of a worker of your own
npx auth-service-worker scan LOG [--deploy TIME] [--images PATTERN] [--refresh PATTERN] [--within SECONDS] [--json]
    Counts the images that a server rejected with 401, by what followed.
    LOG         an access log of nginx or Apache (combined), or one with a JSON object a line; - for standard input
    --deploy    a time, like 2026-11-10T12:00:00Z: counts the time before it and the time after it separately
    --images    a regular expression of the images' paths, if they do not end in .png and the like
    --refresh   one of the paths at which the app gets new tokens, if they are in this log
    --within    the seconds in which a rejected image must show, otherwise 30
    --json      the counts as JSON
npx auth-service-worker --version
`;

const packaged = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/** An error that the user can correct. */
class Mistake extends Error {}

/**
 * @typedef {{folder: string, split?: boolean, page?: boolean}} Place the folder of a site's files, and which files it
 *   has
 */

const version = async () => JSON.parse(await readFile(packaged('package.json'), 'utf8')).version;

/** @param {Place} place @returns {{name: string, from: string, to: string}[]} */
const filesOf = ({ folder, split, page }) => [
  ...(split ? SPLIT_WORKER_FILES : WORKER_FILES).map((name) => ({
    name,
    from: packaged(split ? `split/${name}` : name),
    to: join(folder, name),
  })),
  ...(page ? PAGE_FILES : []).map((name) => ({ name, from: packaged(name), to: join(folder, name) })),
];

/** @param {Place} place */
const commandFor = ({ folder, split, page }) =>
  [
    'npx auth-service-worker init',
    /^[\w./\\:-]+$/.test(folder) ? folder : `"${folder}"`,
    split && '--split',
    page && '--page',
  ]
    .filter(Boolean)
    .join(' ');

/** @param {Place} place @param {boolean} isSaved whether --save has remembered it. Then the user knows the rest */
async function copy(place, isSaved) {
  const { folder, page } = place;
  const found = await stat(folder).catch(() => undefined);
  const fault = found ? `${folder} is not a folder.` : `There is no folder ${folder}.`;
  if (!found?.isDirectory()) throw new Mistake(`${fault} Name the folder that your site serves as its root.`);
  for (const { from, to } of filesOf(place)) {
    try {
      // copyFile() would keep the mode. If the package is read-only, as in some stores, the next copy would then fail.
      await writeFile(to, await readFile(from));
    } catch (error) {
      throw new Mistake(`could not write ${to}: ${/** @type {Error} */ (error).message}`);
    }
  }
  console.log(
    `Copied to ${folder}: ${filesOf(place)
      .map(({ name }) => name)
      .join(', ')}`,
  );
  if (isSaved) return;
  console.log(`Your site must serve the worker as /auth-service-worker.js. Next, in your page:

    import { registerAuthServiceWorker } from '${page ? '/page.js' : 'auth-service-worker'}';
    registerAuthServiceWorker({
      tokens: () => JSON.parse(localStorage.getItem('tokens') ?? '{}'), // {"https://realm.example/photos/": "eyJ…"}
    });

Copy the files again after each update of the package. "init --save" remembers the folder. Then "postinstall":
"auth-service-worker init" in the scripts of package.json copies them. "init --check" tells when that is due.`);
}

/** @param {Place} place */
async function check(place) {
  const installed = await version();
  for (const { from, to } of filesOf(place)) {
    const served = await readFile(to).catch(() => undefined);
    if (served?.equals(await readFile(from))) continue;
    const [, found] = /auth-service-worker (\d[\w.-]*)/.exec(served?.toString('utf8', 0, 200) ?? '') ?? [];
    const fault = !served
      ? 'is missing'
      : found && found !== installed
        ? `is of version ${found}, and version ${installed} is installed`
        : `differs from that of the installed version ${installed}`;
    throw new Mistake(`${to} ${fault}. Run: ${commandFor(place)}`);
  }
  console.log(`The files in ${place.folder} are those of version ${installed}.`);
}

/** @param {{indent: string, manifest: Record<string, unknown>}} read @param {Place} place */
const save = ({ indent, manifest }, place) => {
  // Every system reads slashes, and only Windows reads backslashes.
  const saved = { ...place, folder: place.folder.replaceAll(sep, '/') };
  return writeFile('package.json', `${JSON.stringify({ ...manifest, 'auth-service-worker': saved }, null, indent)}\n`);
};

/** Reads the app's package.json, in the folder where npx runs. */
async function readManifest() {
  try {
    // Some editors put a byte order mark first. npm reads such a file, too, and writes it without the mark.
    const text = (await readFile('package.json', 'utf8')).replace(/^\uFEFF/, '');
    return { indent: /^[ \t]+/m.exec(text)?.[0] ?? '  ', manifest: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** @param {string[]} words */
async function init(words) {
  const boolean = /** @type {const} */ ({ type: 'boolean' });
  const { values, positionals } = parse(words, { split: boolean, page: boolean, save: boolean, check: boolean }, 1);
  const read = await readManifest();
  const saved = /** @type {Place | undefined} */ (read?.manifest['auth-service-worker']);
  const folder = positionals[0] ?? saved?.folder;
  if (typeof folder !== 'string') throw new Mistake(`init needs a folder.\n\n${USAGE}`);
  const flags = positionals.length > 0 ? values : { ...saved, ...values };
  const place = { folder, ...(flags.split && { split: true }), ...(flags.page && { page: true }) };
  if (values.check) return check(place);
  if (values.save && !read) throw new Mistake('--save needs a package.json here. Run it in the folder of your app.');
  await copy(place, positionals.length === 0);
  if (values.save && read) await save(read, place);
}

/** @param {string[]} words */
async function early(words) {
  const string = /** @type {const} */ ({ type: 'string' });
  const { values } = parse(words, { hash: { type: 'boolean' }, 'storage-key': string, path: string, realm: string }, 0);
  const { 'storage-key': storageKey, path: tokenPath, realm } = values;
  if ((tokenPath === undefined) !== (realm === undefined))
    throw new Mistake('--path and --realm belong together: where the token is, and which realm it is for.');
  const { script, hash } = await earlyScript({ storageKey, tokenPath, realm });
  // No line end follows the script. Between <script> and </script> it would change the hash.
  process.stdout.write(values.hash ? `${hash}\n` : script);
}

/** @param {string[]} words */
async function checkFromOutside(words) {
  const string = /** @type {const} */ ({ type: 'string' });
  const { values, positionals } = parse(words, { image: string, token: string, worker: string }, 1);
  const { image, token, worker = '/auth-service-worker.js' } = values;
  for (const url of [...positionals, ...(image === undefined ? [] : [image])]) {
    if (!/^https?:$/.test(protocolOf(url))) throw new Mistake(`${url} is not an http or https URL.`);
  }
  if (positionals.length === 0) throw new Mistake(`check needs the URL of a page.\n\n${USAGE}`);
  const findings = await checkSite({ page: positionals[0], worker, image, token, version: await version() });
  for (const { isGood, text } of findings) console.log(`${isGood ? '✓' : '✗'} ${text}`);
  if (findings.some(({ isGood }) => !isGood)) process.exitCode = 1;
}

/** @param {string[]} words */
async function scan(words) {
  const string = /** @type {const} */ ({ type: 'string' });
  const flags = {
    deploy: string,
    images: string,
    refresh: string,
    within: string,
    json: /** @type {const} */ ({ type: 'boolean' }),
  };
  const { values, positionals } = parse(words, flags, 1);
  const [path] = positionals;
  if (path === undefined) throw new Mistake(`scan needs a log.\n\n${USAGE}`);
  const deployedAt = values.deploy === undefined ? undefined : Date.parse(values.deploy);
  if (Number.isNaN(deployedAt)) throw new Mistake('--deploy needs a time, like 2026-11-10T12:00:00Z.');
  const withinMs = values.within === undefined ? undefined : Number(values.within) * 1000;
  if (Number.isNaN(withinMs)) throw new Mistake('--within needs a number of seconds.');
  const options = {
    deployedAt,
    withinMs,
    images: pattern('images', values.images),
    refresh: pattern('refresh', values.refresh),
  };
  const input = path === '-' ? process.stdin : createReadStream(path);
  const counted = await scanLog(createInterface({ input, crlfDelay: Infinity }), options).catch((error) => {
    throw new Mistake(`could not read ${path}: ${error.message}`);
  });
  console.log(values.json ? JSON.stringify(counted, null, 2) : describeScan(counted, options));
  if (counted.lines > 0 && counted.unread === counted.lines) throw new Mistake(`${path} is no log that scan can read.`);
}

/** @param {string} flag @param {string | undefined} source */
function pattern(flag, source) {
  try {
    return source === undefined ? undefined : new RegExp(source);
  } catch (error) {
    throw new Mistake(`--${flag} needs a regular expression: ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {string} url */
function protocolOf(url) {
  try {
    return new URL(url).protocol;
  } catch {
    return '';
  }
}

/**
 * @template {import('node:util').ParseArgsConfig['options']} Options
 * @param {string[]} words
 * @param {Options} options
 * @param {number} most positional words
 */
function parse(words, options, most) {
  try {
    const parsed = parseArgs({ args: words, options, allowPositionals: true });
    if (parsed.positionals.length <= most) return parsed;
  } catch (error) {
    throw new Mistake(`${/** @type {Error} */ (error).message}\n\n${USAGE}`);
  }
  throw new Mistake(`There are too many words: ${words.join(' ')}\n\n${USAGE}`);
}

try {
  const [command, ...words] = process.argv.slice(2);
  if (command === 'init') await init(words);
  else if (command === 'early') await early(words);
  else if (command === 'check') await checkFromOutside(words);
  else if (command === 'scan') await scan(words);
  else if (command === '--version') console.log(await version());
  else if (command === '--help' || command === '-h') process.stdout.write(USAGE);
  else
    throw new Mistake(
      `${command === undefined ? 'There is no command.' : `There is no command ${command}.`}\n\n${USAGE}`,
    );
} catch (error) {
  if (!(error instanceof Mistake)) throw error;
  process.stderr.write(`${error.message.trimEnd()}\n`);
  process.exitCode = 1;
}
