// Measures what routes past a stopped worker gain. Only Chromium has them (js/worker/routes.js). It times a POST, and
// the start of an app with an image that needs a token. node routes.mjs OUT
import { readFile, writeFile } from 'node:fs/promises';
import { controlled } from '../browser/in-page.mjs';
import { launch } from '../browser/launcher.mjs';
import { htmlResponse, startRealmServer, startServer } from '../browser/servers.mjs';
import { png } from '../browser/story.mjs';
import { PACKAGE } from '../js/package.mjs';
import { table } from '../js/sizes.mjs';
import { quantile, takeTurns } from './samples.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 25);
const shipped = await readFile(new URL('auth-service-worker.js', PACKAGE), 'utf8');
const early = await readFile(new URL('early.js', PACKAGE), 'utf8');

const workers = {
  none: `delete InstallEvent.prototype.addRoutes;\n${shipped}`,
  'methods, as shipped': shipped,
  // This one is not correct, since a token may cover a navigation. It shows whether a later start of the worker costs
  // time.
  'methods and navigations': `${shipped}\naddEventListener('install', (event) => event.addRoutes({ condition: { requestMode: 'navigate' }, source: 'network' }));`,
};

const realms = await startRealmServer({ '/r/': { token: 'r-token', file: png } });
const page = htmlResponse(`<!doctype html><link rel="icon" href="data:,">
<script>${early}</script>
<script>var shown = new Promise((resolve) => (window.show = () => resolve(performance.now())))</script>
<body><img src="${realms.origin}/r/a.png" onload="show()">`);

const post = async () => {
  const start = performance.now();
  await (await fetch('/post', { method: 'POST', body: 'x' })).text();
  return performance.now() - start;
};
const bootTimes = async () => {
  const image = await /** @type {any} */ (globalThis).shown;
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
  return { html: navigation.responseStart, image };
};

const browser = await launch('chromium');
/** @type {Record<string, {site: Awaited<ReturnType<typeof startServer>>, tab: import('../browser/launcher.mjs').Tab}>} */
const sites = {};
for (const [name, body] of Object.entries(workers)) {
  const site = await startServer((path) => {
    if (path === '/worker.js') return { status: 200, type: 'text/javascript', body };
    return path === '/post' ? { status: 200, body: 'done' } : page;
  });
  const tab = await browser.openTab();
  await tab.goto(site.origin);
  await tab.evaluate((realm) => {
    localStorage.setItem('boxel-session', JSON.stringify({ [realm]: 'r-token' }));
    void navigator.serviceWorker.register('/worker.js');
  }, `${realms.origin}/r/`);
  await tab.evaluate(controlled);
  sites[name] = { site, tab };
}

/** @type {Record<string, Record<string, number>[]>} */
const results = await takeTurns(
  Object.fromEntries(
    Object.entries(sites).map(([name, { site, tab }]) => [
      name,
      async () => {
        await tab.stopWorkers();
        const posted = await tab.evaluate(post);
        await tab.stopWorkers();
        await tab.goto(`${site.origin}/?${Math.random()}`);
        return { post: posted, ...(await tab.evaluate(bootTimes)) };
      },
    ]),
  ),
  ROUNDS,
);
for (const { site } of Object.values(sites)) site.close();
realms.close();
await browser.close();

const median = (/** @type {string} */ name, /** @type {string} */ what) =>
  quantile(results[name].map((times) => times[what])).toFixed(1);
console.log(`With the worker stopped, in chromium ${browser.version}, ms, medians of ${ROUNDS} rounds in turns
${table([['routes', 'POST response', 'HTML begins', 'image shown'], ...Object.keys(results).map((name) => [name, ...['post', 'html', 'image'].map((what) => median(name, what))])])}\n`);
await writeFile(`${process.argv[2]}/routes.json`, JSON.stringify(results, null, 1));
