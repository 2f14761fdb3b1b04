// Compares the cost of a request with another build: the decision in Node.js, and a whole request with a token in the
// engines. node compare.mjs PACKAGE [ENGINE…] — PACKAGE: the package folder of the other build
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readFile } from 'node:fs/promises';
import { CoreMemory } from '../../js/core-memory.js';
import { setRealmToken, syncTokens } from '../../js/protocol.js';
import { controlled } from '../browser/in-page.mjs';
import { engineNamed, launch } from '../browser/launcher.mjs';
import { htmlResponse, startServer } from '../browser/servers.mjs';
import { PACKAGE } from '../js/package.mjs';
import { table } from '../js/sizes.mjs';
import { KINDS, tokensOf, urlsOf } from './realms.mjs';
import { brief, costOf, quantile, takeTurns } from './samples.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 25);
const IMAGE = 8 << 8;
const [other, ...engines] = process.argv.slice(2);
const builds = { other: pathToFileURL(`${resolve(other)}/`), ours: PACKAGE };

/** @param {Record<string, number[]>} samples @returns {string[]} the medians, and the median of each round's ratio */
const row = ({ other, ours }) => [
  brief(quantile(other)),
  brief(quantile(ours)),
  quantile(ours.map((value, round) => value / other[round])).toFixed(2),
];

// ── The decision ────────────────────────────────────────────────────────────────────────────────

/** @param {URL} folder @param {number} realms @returns {Promise<(url: string) => number>} */
async function deciderOf(folder, realms) {
  const { default: createCoreModule } = await import(new URL('core.js', folder).href);
  const module = createCoreModule();
  module.clock = () => Date.now();
  const memory = new CoreMemory(module);
  const core = new module.AuthCore(memory.putText('{"keepsState": false}'));
  const address = core.address();
  core.message(0, 0, memory.putText(JSON.stringify(syncTokens(tokensOf(realms)))), Date.now());
  return (url) => module._decide(address, memory.putURL(url), IMAGE);
}

const rows = [];
for (const realms of [1, 100, 10_000]) {
  const deciders = await Promise.all(Object.values(builds).map((folder) => deciderOf(folder, realms)));
  for (const kind of KINDS) {
    for (const inserted of ['', '%20']) {
      const urls = urlsOf(kind, 80, realms).map((url) => url.replace('images', `ima${inserted}ges`));
      const [theirs, ours] = deciders.map((decide) => costOf((i) => decide(urls[i & 63])));
      rows.push([
        `${kind}${inserted && ', with %'}`,
        `${realms}`,
        ...row(await takeTurns({ other: theirs, ours }, ROUNDS)),
      ]);
    }
  }
}
console.log(`A decision about a URL of 80 characters, ns of the processor, medians of ${ROUNDS} rounds in turns
${table([['request', 'realms', 'other', 'ours', 'ratio'], ...rows])}\n`);

// ── A whole request ─────────────────────────────────────────────────────────────────────────────

/** In the page: ms of one request of many, one after the other. @param {number} count */
const requestMany = async (count) => {
  const from = performance.now();
  for (let i = 0; i < count; i++) await (await fetch(`/photos/${i}.png`)).text();
  return (performance.now() - from) / count;
};

for (const engine of engines) {
  const browser = await launch(engineNamed(engine));
  // All contenders share one tab: of two open tabs, the second one is 7 % slower in Chromium.
  const tab = await browser.openTab();
  const sites = [];
  /** @type {Record<string, () => Promise<number>>} */
  const contenders = {};
  for (const [name, folder] of Object.entries(builds)) {
    const worker = await readFile(new URL('auth-service-worker.js', folder));
    const site = await startServer((path, { headers }) => {
      if (path === '/')
        return htmlResponse(
          `<!doctype html><script>navigator.serviceWorker.register('/auth-service-worker.js')</script>`,
        );
      if (path === '/auth-service-worker.js') return { status: 200, type: 'text/javascript', body: worker };
      return { status: headers.authorization ? 200 : 401 };
    });
    sites.push(site);
    contenders[name] = async () => {
      await tab.goto(site.origin);
      await tab.evaluate(controlled);
      await tab.evaluate(
        (message) => navigator.serviceWorker.controller?.postMessage(message),
        setRealmToken(`${site.origin}/photos/`, 'token'),
      );
      await tab.evaluate(requestMany, 20);
      return tab.evaluate(requestMany, 100);
    };
  }
  const samples = await takeTurns(contenders, ROUNDS);
  console.log(
    `A request with a token, ms in ${engine} ${browser.version}\n${table([['other', 'ours', 'ratio'], row(samples)])}\n`,
  );
  await browser.close();
  for (const site of sites) site.close();
}
