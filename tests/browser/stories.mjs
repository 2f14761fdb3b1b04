// Runs stories one after the other in one browser, which saves its start for each of them:
// ENGINE=firefox node tests/browser/stories.mjs [NAME...]
// Those of files that start browsers of their own run only by name.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { holdBrowser } from './story.mjs';

const ENDING = '.test.mjs';
const WITH_OWN_BROWSERS = ['soak'];

const known = readdirSync(fileURLToPath(new URL('.', import.meta.url)))
  .filter((name) => name.endsWith(ENDING))
  .map((name) => name.slice(0, -ENDING.length));
const named = process.argv.slice(2);
for (const name of named) {
  if (!known.includes(name)) throw new Error(`no story is called ${name}; there are ${known.join(', ')}`);
}

const release = holdBrowser();
for (const name of named.length > 0 ? named : known.filter((name) => !WITH_OWN_BROWSERS.includes(name))) {
  await import(`./${name}${ENDING}`);
}
await release();
