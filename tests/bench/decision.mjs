// Measures the cost of one decision: ours, the algorithm of Boxel's worker, embind with a string, the native core, and only the
// crossing to wasm. node decision.mjs OUT
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { CoreRunner } from '../../js/worker/core-runner.js';
import { syncTokens } from '../../js/protocol.js';
import { table } from '../js/sizes.mjs';
import { linePlot } from './plot.mjs';
import { KINDS, REALM_COUNTS, tokensOf, urlsOf, URL_LENGTHS } from './realms.mjs';
import { brief, costOf, quantile, takeTurns } from './samples.mjs';
import { importShipped } from '../js/package.mjs';

const { default: createCoreModule } = await importShipped('core.js');

const ROUNDS = 15;
const IMAGE = 8 << 8;
const root = new URL('../../', import.meta.url);
const { default: createCrossing } = await import(new URL('build/wasm/crossing.mjs', root).href);

/** Upstream's algorithm: the longest of the prefixes that begin the URL. @param {Map<string, string>} tokens @param {string} url */
function scan(tokens, url) {
  let longest;
  let found = null;
  for (const [realm, token] of tokens) {
    if (url.startsWith(realm) && (longest === undefined || realm.length > longest.length)) {
      longest = realm;
      found = token;
    }
  }
  return found;
}

/** @type {Record<string, string>} */
const contenderNames = {
  ours: 'ours',
  scan: 'Map scan',
  embind: 'embind string',
  crossing: 'bare crossing',
  native: 'native core',
};

/** @param {number} realms */
function contendersFor(realms) {
  const tokens = tokensOf(realms);
  const runner = new CoreRunner(createCoreModule, { keepsState: false, scriptURL: '' });
  runner.effects = new Proxy({}, { get: () => () => {} });
  const message = JSON.stringify(syncTokens(tokens));
  runner.message(0, 0, syncTokens(tokens));
  const map = new Map(Object.entries(tokens));
  const crossing = createCrossing();
  crossing.start(message);
  const room = crossing.HEAPU8.subarray(crossing._roomAddress(), crossing._roomAddress() + 8192);
  const encoder = new TextEncoder();
  return (/** @type {string[]} */ urls) => {
    const now = Date.now();
    for (const url of urls) {
      const ours = runner.decide(url, IMAGE);
      if (ours > 0 !== (scan(map, url) !== null)) throw new Error(`no agreement about ${url}`);
      if (ours !== crossing.decideString(url, IMAGE, now)) throw new Error(`no agreement with embind about ${url}`);
    }
    return {
      ours: costOf((i) => runner.decide(urls[i & 63], IMAGE)),
      scan: costOf((i) => scan(map, urls[i & 63])),
      embind: costOf((i) => crossing.decideString(urls[i & 63], IMAGE, now)),
      crossing: costOf((i) => {
        const url = urls[i & 63];
        encoder.encodeInto(url, room);
        return crossing._nothing(url.length, IMAGE, now);
      }),
    };
  };
}

/** ns by `kind/length/realms`. */
function nativeCosts() {
  const json = execFileSync(
    new URL('build/native/core_bench', root).pathname,
    [
      '--benchmark_filter=^decide/',
      '--benchmark_format=json',
      '--benchmark_min_time=0.02',
      '--benchmark_repetitions=5',
      '--benchmark_enable_random_interleaving=true',
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  /** @type {{benchmarks: {aggregate_name: string, run_name: string, cpu_time: number}[]}} */
  const { benchmarks } = JSON.parse(json.replaceAll(': NaN', ': null'));
  return new Map(
    benchmarks.filter((b) => b.aggregate_name === 'median').map((b) => [b.run_name.replace('decide/', ''), b.cpu_time]),
  );
}

const native = nativeCosts();
/** @typedef {{kind: string, length: number, realms: number, ns: Record<string, number>}} Result */
/** @type {Result[]} */
const results = [];
for (const realms of REALM_COUNTS) {
  const contend = contendersFor(realms);
  for (const kind of KINDS) {
    for (const length of URL_LENGTHS) {
      const samples = await takeTurns(contend(urlsOf(kind, length, realms)), ROUNDS);
      const ns = Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, quantile(values)]));
      ns.native = native.get(`${kind}/${length}/${realms}`) ?? NaN;
      results.push({ kind, length, realms, ns });
    }
  }
}

const out = process.argv[2];
await writeFile(`${out}/decision.json`, JSON.stringify(results, null, 1));
const names = Object.keys(contenderNames);
const columns = names.map((name) => contenderNames[name]);
/**
 * @param {string} title
 * @param {string[]} head
 * @param {(result: Result) => boolean} wanted
 * @param {(result: Result) => (string | number)[]} nameOf
 */
const show = (title, head, wanted, nameOf) => {
  const rows = results.filter(wanted).map((result) => {
    const { ns } = result;
    return [
      ...nameOf(result),
      ...names.map((name) => brief(ns[name])),
      `${brief(ns.scan / ns.ours)}×`,
      `${Math.round(ns.ours - ns.crossing)} ns`,
    ];
  });
  console.log(`${title}\n${table([[...head, ...columns, 'scan / ours', 'ours over crossing'], ...rows])}\n`);
};
console.log(
  `Deciding about one request, ns of the processor, medians of ${ROUNDS} rounds in turns. All of it: decision.json\n`,
);
show(
  'By number of realms, URLs of 80 characters',
  ['request', 'realms'],
  ({ length }) => length === 80,
  ({ kind, realms }) => [kind, realms],
);
show(
  'By length of the URL, 10 realms',
  ['request', 'characters'],
  ({ realms }) => realms === 10,
  ({ kind, length }) => [kind, length],
);

const plotted = results.filter(({ kind, length }) => kind === 'hit' && length === 80);
await writeFile(
  `${out}/decision.svg`,
  linePlot({
    title: 'Deciding about one request of 80 characters, a hit',
    x: 'realms',
    y: 'ns',
    log: true,
    series: names.map((name) => ({
      name: contenderNames[name],
      points: plotted.map(({ realms, ns }) => [realms, ns[name]]),
    })),
  }),
);
