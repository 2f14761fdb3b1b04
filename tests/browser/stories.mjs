// Runs stories one after the other in one browser, which saves its start for each of them:
// ENGINE=firefox node tests/browser/stories.mjs [NAME... | --part 2/3]
// A file that is a test of its own in CTest runs only by name.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { holdBrowser } from './story.mjs';

const ENDING = '.test.mjs';
const TESTS_OF_THEIR_OWN = ['soak', 'waits'];
const WITH_SCREENSHOTS = ['images', 'repair'];

const { values, positionals: named } = parseArgs({ allowPositionals: true, options: { part: { type: 'string' } } });
const known = readdirSync(fileURLToPath(new URL('.', import.meta.url)))
  .filter((name) => name.endsWith(ENDING))
  .map((name) => name.slice(0, -ENDING.length))
  .sort();
for (const name of named) {
  if (!known.includes(name)) throw new Error(`no story is called ${name}; there are ${known.join(', ')}`);
}
const takesScreenshots = (/** @type {string} */ name) => WITH_SCREENSHOTS.includes(name);
known.sort((a, b) => Number(takesScreenshots(a)) - Number(takesScreenshots(b)));
const names = named.length > 0 ? named : partOf(known.filter((name) => !TESTS_OF_THEIR_OWN.includes(name)));
console.log(`# ${names.join(' ')}`);

// Without this, each of WebKit's processes loads drivers of a graphics card that is not there. That takes a third of
// the processor's time. With this, WebKit sometimes takes no screenshot.
if (!names.some(takesScreenshots)) process.env.WEBKIT_DISABLE_COMPOSITING_MODE = '1';

const release = holdBrowser();
for (const name of names) await import(`./${name}${ENDING}`);
await release();

/** @param {string[]} all @returns {string[]} those of --part K/N; all without that option */
function partOf(all) {
  const [, part, parts] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(values.part ?? '1/1')?.map(Number) ?? [];
  if (!part || part > parts) throw new Error(`--part ${values.part} is not of the form 2/3`);
  return all.slice(Math.round((all.length * (part - 1)) / parts), Math.round((all.length * part) / parts));
}
