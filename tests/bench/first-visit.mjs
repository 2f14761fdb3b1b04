// Measures how long a first visit takes until the worker controls the page, and the parts of that time.
// node first-visit.mjs OUT [ENGINE [PACKAGE]] — PACKAGE: the package folder of another build, to compare with
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { engineNamed, launch } from '../browser/launcher.mjs';
import { htmlResponse, startServer } from '../browser/servers.mjs';
import { PACKAGE } from '../js/package.mjs';
import { table } from '../js/sizes.mjs';
import { quantile, takeTurns } from './samples.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 25);
const [out, engine = 'chromium', other] = process.argv.slice(2);

/** The mark that ends each part, in the order of time, and the name of the part. */
const PARTS = {
  registers: 'the page, until register()',
  begins: 'the worker’s script is fetched and parsed, and its thread starts',
  evaluated: 'the script is evaluated',
  installs: 'the browser, until the install event',
  installed: 'the install event',
  activates: 'the browser, until the activate event',
  activated: 'the activate event',
  controlled: 'the browser, until control',
};
/** @typedef {Record<keyof typeof PARTS, number>} Times ms since the navigation began */

/** Puts a clock around a worker. @param {string} worker */
const timed = (worker) => `
  const note = (name) => (times[name] = performance.timeOrigin + performance.now());
  const times = {};
  note('begins');
  addEventListener('install', () => note('installs'));
  addEventListener('activate', () => note('activates'));
  ${worker}
  addEventListener('install', () => note('installed'));
  addEventListener('activate', () => note('activated'));
  addEventListener('message', ({ data, ports: [port] }) => data === 'times' && port.postMessage(times));
  note('evaluated');`;

const small = `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', () => {});`;
const registers = `export const registerAuthServiceWorker = () => navigator.serviceWorker.register('/auth-service-worker.js');`;

/** What the site serves, by path, and its inline script. @typedef {{files: Record<string, string>, early: string}} Contender */
/** @param {string} worker @returns {Contender} */
const registered = (worker) => ({ files: { 'page.js': registers, 'auth-service-worker.js': worker }, early: '' });
/** @param {URL} folder @returns {Promise<Contender>} */
async function shipped(folder) {
  const names = ['page.js', 'elements.js', 'auth-service-worker.js', 'early.js'];
  const read = names.map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')]);
  const files = Object.fromEntries(await Promise.all(read));
  return { files, early: files['early.js'] };
}
const ours = await shipped(PACKAGE);
/** @type {Record<string, Contender>} */
const contenders = {
  small: registered(small),
  'as long': registered(`${small}\nconst text = ${JSON.stringify(ours.files['auth-service-worker.js'])};`),
  ...(other && { 'other build': await shipped(pathToFileURL(`${resolve(other)}/`)) }),
  ours,
};

/** Runs first in the page. */
const notes = () => {
  const page = /** @type {any} */ (globalThis);
  const { serviceWorker } = navigator;
  const register = serviceWorker.register.bind(serviceWorker);
  serviceWorker.register = (...how) => {
    page.registers ??= performance.now();
    return register(...how);
  };
  page.controlled = new Promise((resolve) =>
    serviceWorker.addEventListener('controllerchange', () => resolve(performance.now())),
  );
};

/** @returns {Promise<Times>} */
const timesInPage = async () => {
  const { registers, controlled } = /** @type {any} */ (globalThis);
  const at = { registers, controlled: await controlled };
  const { port1, port2 } = new MessageChannel();
  const inWorker = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  navigator.serviceWorker.controller?.postMessage('times', [port2]);
  const entries = Object.entries(await inWorker).map(([name, time]) => [name, time - performance.timeOrigin]);
  return { ...Object.fromEntries(entries), ...at };
};

const browser = await launch(engineNamed(engine));

/** Each visit is to an origin of its own. @param {Contender} contender */
async function visit({ files, early }) {
  const site = await startServer((path) => {
    if (path === '/')
      return htmlResponse(`<!doctype html><link rel="icon" href="data:,"><script>(${notes})()</script><script>${early}</script>
      <script type="module">import { registerAuthServiceWorker } from '/page.js'; registerAuthServiceWorker()</script>`);
    const text = files[path.slice(1)];
    return { status: 200, type: 'text/javascript', body: path === '/auth-service-worker.js' ? timed(text) : text };
  });
  const tab = await browser.openTab();
  await tab.goto(site.origin);
  /** @type {Times} */
  const times = await tab.evaluate(timesInPage);
  await tab.close();
  site.close();
  return times;
}

const results = await takeTurns(
  Object.fromEntries(Object.entries(contenders).map(([name, contender]) => [name, () => visit(contender)])),
  ROUNDS,
);
await browser.close();

const all = Object.values(results);
/** @param {(times: Times) => number} value @param {number} [part] @returns {string[]} the median, or another quantile, for each contender */
const medians = (value, part) => all.map((visits) => quantile(visits.map(value), part).toFixed(1));
const parts = Object.entries(PARTS).map(([name, says], i, { [i - 1]: before }) => {
  const end = /** @type {keyof Times} */ (name);
  return [says, ...medians((times) => times[end] - (before ? times[/** @type {keyof Times} */ (before[0])] : 0))];
});
const ratios = all.map((visits) =>
  quantile(visits.map(({ controlled }, round) => controlled / all[0][round].controlled)).toFixed(2),
);
console.log(`A first visit, ms from the navigation's start to control, in ${engine} ${browser.version}, medians of ${ROUNDS} rounds in turns
${table([
  ['part', ...Object.keys(results)],
  ...parts,
  ['all', ...medians(({ controlled }) => controlled)],
  ['all, lower quartile', ...medians(({ controlled }) => controlled, 0.25)],
  ['all, over the small worker in the same round', ...ratios],
])}\n`);
await writeFile(`${out}/first-visit-${engine}.json`, JSON.stringify(results, null, 1));
