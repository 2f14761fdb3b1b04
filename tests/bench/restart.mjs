// Measures the time from the request that starts a stopped worker to its first fetch event, and the parts of that time.
// node restart.mjs OUT
import { readFile, writeFile } from 'node:fs/promises';
import { controlled } from '../browser/in-page.mjs';
import { launch } from '../browser/launcher.mjs';
import { htmlResponse, startServer } from '../browser/servers.mjs';
import { PACKAGE } from '../js/package.mjs';
import { table } from '../js/sizes.mjs';
import { barPlot } from './plot.mjs';
import { quantile, takeTurns } from './samples.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 25);
const packaged = (/** @type {string} */ name) => readFile(new URL(name, PACKAGE), 'utf8');

// ── The workers ─────────────────────────────────────────────────────────────────────────────────

/** Runs first in each worker: records times, and sends them to a page that asks. */
const clockwork = `
var marks = {}, mark = (name) => { marks[name] ??= performance.timeOrigin + performance.now(); };
mark('first statement');
addEventListener('fetch', () => mark('fetch event'));
FetchEvent.prototype.respondWith = ((respondWith) => function (response) {
  mark('decided');
  respondWith.call(this, response);
})(FetchEvent.prototype.respondWith);
addEventListener('message', (event) => {
  if (event.data !== 'marks') return;
  event.stopImmediatePropagation();
  event.ports[0].postMessage(marks);
});
for (const name of ['Module', 'Instance']) {
  WebAssembly[name] = new Proxy(WebAssembly[name], {
    construct(target, given) {
      // This is the smallest module, which only shows whether WebAssembly is allowed.
      if (given[0].length === 8) return Reflect.construct(target, given);
      mark(name);
      const made = Reflect.construct(target, given);
      mark(name + ' made');
      return made;
    },
  });
}
`;
/** Runs between the core's script and the shim. */
const aroundCore = `
mark('core script');
createCoreModule = ((make) => () => {
  mark('make');
  const module = make();
  mark('core made');
  const { names } = module;
  module.names = () => {
    mark('core started');
    return names();
  };
  return module;
})(createCoreModule);
`;
/** Runs after everything else: this fetch listener hears what the worker does not respond to. */
const last = `
mark('last statement');
addEventListener('fetch', () => mark('decided'));
`;

/** A core that leaves everything alone, in a page of memory. */
const noCore = `
var createCoreModule = () => {
  const nothing = new Int32Array([1, -1]);
  const memory = new Uint8Array(65536);
  memory.set(new Uint8Array(nothing.buffer), 65000);
  const step = () => 65000;
  class AuthCore {}
  Object.assign(AuthCore.prototype, {
    address: () => 0, request: step, response: step, message: step, reply: step, clientsFound: step, stateLoaded: step,
    clientGone: step, tick: step, realmOfToken: () => 65100, textOfToken: () => 65100, state: () => 65100, stats: () => 65100,
  });
  return {
    AuthCore, HEAPU8: memory, clock: undefined, urlAddress: () => 0, makeTextRoom: () => 8192, names: () => 65100,
    _decide: () => 0,
  };
};
`;

const whole = await packaged('auth-service-worker.js');
const core = await packaged('split/auth-core.js');
if (!whole.startsWith(core)) throw new Error('the worker no longer begins with the core');
const shim = whole.slice(core.length);
/** The worker's text by contender. */
const workers = {
  ours: clockwork + core + aroundCore + shim + last,
  'shim only': clockwork + noCore + shim + last,
  'empty listener': `${clockwork}addEventListener('fetch', () => {});${last}`,
};

// ── One restart ─────────────────────────────────────────────────────────────────────────────────

/**
 * Makes an open page send a request that every worker leaves alone at once. Resolves to the time of the request.
 * @param {string} url
 */
const requestScript = (url) =>
  new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.onload = () => resolve(at);
    script.onerror = reject;
    script.src = url;
    const at = performance.timeOrigin + performance.now();
    document.head.append(script);
  });

const navigationStart = () => performance.timeOrigin;

const readMarks = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    navigator.serviceWorker.controller?.postMessage('marks', [port2]);
  });

/** @param {import('../browser/launcher.mjs').Browser} browser @param {string} worker its text */
async function openSite(browser, worker) {
  const site = await startServer((path) => {
    if (path === '/worker.js') return isolated({ status: 200, type: 'text/javascript', body: worker });
    if (path === '/script.js') return isolated({ status: 200, type: 'text/javascript', body: '' });
    return isolated(htmlResponse('<!doctype html><link rel="icon" href="data:,"><title>restart</title>'));
  });
  const tab = await browser.openTab();
  await tab.goto(site.origin);
  await tab.evaluate(async () => {
    await navigator.serviceWorker.register('/worker.js');
    await navigator.serviceWorker.ready;
  });
  // The empty worker claims no pages, so load the page again.
  await tab.goto(site.origin);
  await tab.evaluate(controlled);
  return { site, tab };
}

/**
 * Isolates a page. Clocks are coarse for pages that share a process with others.
 * @param {import('../browser/servers.mjs').ServedResponse} served
 */
const isolated = (served) => ({
  ...served,
  headers: {
    ...served.headers,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
  },
});

/**
 * The ways to wake the worker. Each resolves to the time when that began.
 * @type {Record<string, (site: Awaited<ReturnType<typeof openSite>>) => Promise<number>>}
 */
const wakers = {
  navigation: async ({ site, tab }) => {
    await tab.goto(`${site.origin}/?${Math.random()}`);
    return tab.evaluate(navigationStart);
  },
  request: ({ tab }) => tab.evaluate(requestScript, `/script.js?${Math.random()}`),
};

/** The parts, each from one mark to the next. */
const PARTS = {
  'browser and script loading': 'first statement',
  'core’s glue': 'core script',
  'shim until the core': 'make',
  'text to bytes': 'Module',
  compiling: 'Module made',
  'glue between': 'Instance',
  instantiating: 'Instance made',
  'embind and constructors': 'core made',
  'core start': 'core started',
  'rest of the script': 'last statement',
  'until the event': 'fetch event',
  'first decision': 'decided',
};

/** @param {number} requested @param {Record<string, number>} marks @returns {Record<string, number>} ms by part */
function partsOf(requested, marks) {
  let before = requested;
  /** @type {Record<string, number>} */
  const parts = {};
  // The marks are in the order in which they happen. Nobody waits for those after the decision.
  const reached = Object.entries(PARTS).filter(([, mark]) => marks[mark] <= marks.decided);
  for (const [part, mark] of reached.sort(([, a], [, b]) => marks[a] - marks[b])) {
    parts[part] = marks[mark] - before;
    before = marks[mark];
  }
  return parts;
}

// ── All of them in turns ────────────────────────────────────────────────────────────────────────

const median = (/** @type {number[]} */ values) => quantile(values);
const ms = (/** @type {number} */ value) => value.toFixed(1);
/** @type {Record<string, Record<string, Record<string, {requested: number, marks: Record<string, number>}[]>>>} */
const results = {};
/** @type {{name: string, parts: Record<string, number>}[]} */
const bars = [];

for (const engine of /** @type {('chromium' | 'firefox')[]} */ (
  process.env.ENGINES?.split(' ') ?? ['chromium', 'firefox']
)) {
  const browser = await launch(engine);
  /** @type {Record<string, Awaited<ReturnType<typeof openSite>>>} */
  const sites = {};
  try {
    for (const [name, text] of Object.entries(workers)) sites[name] = await openSite(browser, text);
    results[engine] = {};
    for (const [waker, wake] of Object.entries(wakers)) {
      const contend = Object.fromEntries(
        Object.entries(sites).map(([name, site]) => [
          name,
          async () => {
            await site.tab.stopWorkers();
            const requested = await wake(site);
            return { requested, marks: await site.tab.evaluate(readMarks) };
          },
        ]),
      );
      results[engine][waker] = await takeTurns(contend, ROUNDS);
    }
  } finally {
    for (const { site } of Object.values(sites)) site.close();
    await browser.close();
  }

  for (const [waker, samples] of Object.entries(results[engine])) {
    /** ms from one mark, or the request, to another. @param {string} name @param {string | undefined} from @param {string} to */
    const between = (name, from, to) =>
      samples[name].map(({ requested, marks }) => marks[to] - (from ? marks[from] : requested));
    const rows = Object.keys(samples).map((name) => {
      const event = between(name, undefined, 'fetch event');
      const over = median(event) - median(between('shim only', undefined, 'fetch event'));
      return [
        name,
        ...[median(event), quantile(event, 0.25), quantile(event, 0.75), over].map(ms),
        ...['fetch event', 'decided'].map((mark) => ms(median(between(name, 'first statement', mark)))),
      ];
    });
    console.log(`Restart in ${engine} ${browser.version}, from a ${waker} to the first fetch event, ms, ${ROUNDS} rounds in turns
${table([['worker', 'median', 'quarter', '3 quarters', 'over shim only', 'of it in the script', 'there until decided'], ...rows])}\n`);
    for (const [name, rounds] of Object.entries(samples)) {
      const all = rounds.map(({ requested, marks }) => partsOf(requested, marks));
      bars.push({
        name: `${engine}, ${waker}, ${name}`,
        parts: Object.fromEntries(Object.keys(all[0]).map((part) => [part, median(all.map((parts) => parts[part]))])),
      });
    }
  }
}

const columns = bars.filter(({ name }) => name.endsWith(', ours'));
console.log(`What a restart is made of, ms, medians
${table([['', ...columns.map(({ name }) => name.replace(', ours', ''))], ...Object.keys(PARTS).map((part) => [part, ...columns.map(({ parts }) => (part in parts ? ms(parts[part]) : '-'))])])}\n`);
const out = process.argv[2];
await writeFile(`${out}/restart.json`, JSON.stringify({ rounds: ROUNDS, medians: bars, results }, null, 1));
await writeFile(
  `${out}/restart.svg`,
  barPlot({ title: 'From the request to the worker’s first decision', unit: 'ms', bars }),
);
