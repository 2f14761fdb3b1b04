// Measures the memory that realms take, and checks that use does not make it grow. node memory.mjs OUT
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CoreRunner } from '../../js/worker/core-runner.js';
import { removeRealmToken, setRealmToken } from '../../js/protocol.js';
import { table } from '../js/sizes.mjs';
import { KINDS, REALM_COUNTS, realmURL, urlsOf } from './realms.mjs';
import { importShipped } from '../js/package.mjs';

const { default: createCoreModule } = await importShipped('core.js');

const IMAGE = 8 << 8;
const TOKEN_BYTES = 300;
const REQUESTS = 1_000_000;
const ASKS = 10_000;
const WARM_UP = 1_000;
const FLAT_REALMS = 100;
/** Room for the code that V8 compiles meanwhile. If each of 10,000 asks kept an object, that would exceed it. */
const HEAP_NOISE_BYTES = 300_000;
/** A page's own window, focused and visible: cpp/base/step.h. */
const TAB = [1, 15];
const root = new URL('../../', import.meta.url);
const { default: createCrossing } = await import(new URL('build/wasm/crossing.mjs', root).href);

/** After this time, no ask is open and the negative cache is empty: cpp/base/timeouts.h. */
const ASK_ENDS_MS = 11_000;

/** The core's time, and the one timer of its runner. Tests move them by hand. */
let time = 0;
/** @type {{call: () => void, at: number} | undefined} */
let timer;
performance.now = () => time;
Object.assign(globalThis, {
  setTimeout: (/** @type {() => void} */ call, /** @type {number} */ ms) => (timer = { call, at: time + ms }),
  clearTimeout: () => (timer = undefined),
});
/** @param {number} ms */
function passTime(ms) {
  time += ms;
  while (timer && timer.at <= time) {
    const { call } = timer;
    timer = undefined;
    call();
  }
}

/** A token of a JWT's length. @param {number} i */
const tokenOf = (i) => `token-${i}`.padEnd(TOKEN_BYTES, 'x');
/** One message for each realm: the worker refuses one with all 100,000. @param {number} realms */
const messagesFor = (realms) => Array.from({ length: realms }, (_, i) => setRealmToken(realmURL(i), tokenOf(i)));

const ignored = { get: () => () => {} };
/** A runner with the shipped module. @param {number} realms */
function runnerWith(realms) {
  const runner = new CoreRunner(createCoreModule, { keepsState: false, scriptURL: '' });
  runner.effects = new Proxy({}, ignored);
  for (const message of messagesFor(realms)) runner.message(0, TAB[0], message);
  return runner;
}

/** Counts the bytes of the same core with the same allocator. @param {number} realms */
function countedBytes(realms) {
  const crossing = createCrossing();
  const before = crossing._usedBytes();
  crossing.start('');
  for (const message of messagesFor(realms)) crossing.hear(JSON.stringify(message));
  return crossing._usedBytes() - before;
}

/** Returns what core_bench counts. @returns {Map<string, any>} its results by name */
function nativeCounts() {
  const json = execFileSync(
    new URL('build/native/core_bench', root).pathname,
    ['--benchmark_filter=Memory', '--benchmark_format=json'],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  /** @type {{benchmarks: {name: string}[]}} */
  const { benchmarks } = JSON.parse(json);
  return new Map(benchmarks.map((each) => [each.name.replace('/iterations:1', ''), each]));
}

/**
 * Sends requests, a third of each kind, a millisecond apart. The page says no to each ask.
 * @param {CoreRunner} runner
 * @param {number} count
 */
function request(runner, count) {
  const urls = KINDS.map((kind) => urlsOf(kind, 80, FLAT_REALMS));
  replyWith(runner, (ask) => runner.reply(ask, TAB[0], {}));
  let hits = 0;
  for (let i = 0; i < count; i++) {
    passTime(1);
    const url = urls[i % urls.length][i & 63];
    const decided = runner.decide(url, IMAGE);
    if (decided > 0) hits++;
    if (decided < 0) runner.request(i + 1, TAB[0], url, IMAGE);
  }
  assert.equal(hits, Math.ceil(count / 3));
}

/**
 * Starts asks. The page says no, gives a token and removes it, or says nothing.
 * @param {CoreRunner} runner
 * @param {number} count
 */
function ask(runner, count) {
  const urls = urlsOf('miss', 80, FLAT_REALMS);
  let i = 0;
  replyWith(runner, (ask) => {
    const realmURL = new URL('.', urls[i & 63]).href;
    if (i % 3 === 0) runner.reply(ask, TAB[0], {});
    if (i % 3 !== 1) return;
    runner.reply(ask, TAB[0], { realmURL, token: tokenOf(i) });
    runner.message(0, TAB[0], removeRealmToken(realmURL));
  });
  for (; i < count; i++) {
    runner.request(i + 1, TAB[0], urls[i & 63], IMAGE);
    passTime(ASK_ENDS_MS);
    // A client that did not reply is asked again only after it has spoken.
    runner.message(0, TAB[0], removeRealmToken('https://r0.ex/nothing/'));
  }
}

/** @param {CoreRunner} runner @param {(ask: number) => void} reply */
function replyWith(runner, reply) {
  /** @type {import('../../js/worker/core-runner.js').Effects} */
  const known = { findClients: (ask) => runner.clientsFound(ask, TAB), askClient: reply };
  runner.effects = new Proxy(known, { get: (_, name) => known[String(name)] ?? (() => {}) });
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
/** @param {CoreRunner} runner @returns {Record<string, number>} */
function takenBy(runner) {
  collectGarbage();
  return { ...runner.stats(), heap: process.memoryUsage().heapUsed };
}

const native = nativeCounts();
const empty = runnerWith(0).stats().memoryBytes;
const rows = REALM_COUNTS.map((count) => ({
  realms: count,
  memory: runnerWith(count).stats().memoryBytes,
  wasm: Math.round(countedBytes(count) / count),
  native: Math.round(native.get(`realmMemory/${count}`).bytesPerRealm),
}));
console.log(
  `Realms with a token of ${TOKEN_BYTES} bytes each; without any, the shipped module's memory is ${empty.toLocaleString('en')} bytes`,
);
console.log(
  `${table([
    ['realms', 'memory of the shipped module', 'heap, bytes a realm: wasm', 'native'],
    ...rows.map((row) => [row.realms, row.memory, row.wasm, row.native]),
  ])}\n`,
);

const flat = /** @type {[string, typeof request, number][]} */ ([
  [`${REQUESTS.toLocaleString('en')} requests`, request, REQUESTS],
  [`${ASKS.toLocaleString('en')} asks`, ask, ASKS],
]).map(([name, use, count]) => {
  const runner = runnerWith(FLAT_REALMS);
  use(runner, WARM_UP);
  const before = takenBy(runner);
  use(runner, count);
  const after = takenBy(runner);
  return { name, asked: after.asked - before.asked, before, after };
});
const { bytesKept } = native.get('flatMemory');
console.log(`After use, ${FLAT_REALMS} realms, and ${WARM_UP.toLocaleString('en')} of the same before the first look`);
console.log(
  `${table([
    ['what', 'asks', 'memory before', 'after', 'JavaScript heap before', 'after'],
    ...flat.map(({ name, asked, before, after }) => [
      name,
      asked,
      before.memoryBytes,
      after.memoryBytes,
      before.heap,
      after.heap,
    ]),
  ])}`,
);
console.log(`Native, both: ${bytesKept.toLocaleString('en')} bytes kept of those that were allocated\n`);
await writeFile(`${process.argv[2]}/memory.json`, JSON.stringify({ realms: rows, flat, bytesKept }, null, 1));

assert.equal(flat[1].asked, ASKS);
assert.equal(bytesKept, 0);
for (const { name, before, after } of flat) {
  assert.equal(after.memoryBytes, before.memoryBytes, name);
  for (const count of ['realms', 'hosts', 'clients', 'waiters', 'asks'])
    assert.equal(after[count], before[count], `${name}: ${count}`);
  assert(after.heap - before.heap < HEAP_NOISE_BYTES, `${name}: the JavaScript heap grew`);
}
