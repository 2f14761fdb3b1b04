// How long a first visit takes until the worker controls the page, and what that time is made of.
// node first-visit.mjs OUT [ENGINE]
import { readFile, writeFile } from 'node:fs/promises';
import { engineNamed, launch } from '../browser/launcher.mjs';
import { htmlAnswer, startServer } from '../browser/servers.mjs';
import { PACKAGE } from '../js/package.mjs';
import { table } from '../js/sizes.mjs';
import { quantile, takeTurns } from './samples.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 25);
const [out, engine = 'chromium'] = process.argv.slice(2);
const shipped = await readFile(new URL('auth-service-worker.js', PACKAGE), 'utf8');
const early = await readFile(new URL('early.js', PACKAGE), 'utf8');

const small = `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', () => {});`;
const registers = `<script type="module" src="/registers.js"></script>`;
const page = `<script>${early}</script>
<script type="module">import { registerAuthServiceWorker } from '/page.js'; registerAuthServiceWorker()</script>`;

/** @type {Record<string, {worker: string, head: string}>} */
const contenders = {
  'a worker that only takes control': { worker: small, head: registers },
  'the same, as long as ours': { worker: `${small}\nconst text = ${JSON.stringify(shipped)};`, head: registers },
  'ours without its routes': {
    worker: `delete globalThis.InstallEvent?.prototype.addRoutes;\n${shipped}`,
    head: registers,
  },
  ours: { worker: shipped, head: registers },
  'ours, registered by the package': { worker: shipped, head: page },
};

const browser = await launch(engineNamed(engine));

/** Each visit is to an origin of its own. @param {{worker: string, head: string}} contender @returns {Promise<number>} ms since the navigation began */
async function visit({ worker, head }) {
  const site = await startServer(async (path) => {
    if (path === '/auth-service-worker.js') return { status: 200, type: 'text/javascript', body: worker };
    if (path === '/registers.js')
      return {
        status: 200,
        type: 'text/javascript',
        body: `navigator.serviceWorker.register('/auth-service-worker.js')`,
      };
    if (path === '/')
      return htmlAnswer(`<!doctype html><link rel="icon" href="data:,">
      <script>var controlled = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', () => resolve(performance.now())))</script>
      ${head}`);
    const file = await readFile(new URL(path.slice(1), PACKAGE)).catch(() => undefined);
    return file ? { status: 200, type: 'text/javascript', body: file } : { status: 404 };
  });
  const tab = await browser.openTab();
  await tab.goto(site.origin);
  const ms = await tab.evaluate(() => /** @type {any} */ (globalThis).controlled);
  await tab.close();
  site.close();
  return ms;
}

const results = await takeTurns(
  Object.fromEntries(Object.entries(contenders).map(([name, how]) => [name, () => visit(how)])),
  ROUNDS,
);
await browser.close();

console.log(`A first visit, ms from the navigation's start to control, in ${engine} ${browser.version}, of ${ROUNDS} rounds in turns
${table([['worker', 'median', 'lower quartile'], ...Object.entries(results).map(([name, ms]) => [name, ...[0.5, 0.25].map((part) => quantile(ms, part).toFixed(1))])])}\n`);
await writeFile(`${out}/first-visit-${engine}.json`, JSON.stringify(results, null, 1));
