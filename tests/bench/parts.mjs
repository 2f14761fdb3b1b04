// Lists the parts of the self-contained worker by size. node parts.mjs OUT Sizes are in raw bytes, since a part has no
// size of its own after brotli.
import { readFile, writeFile } from 'node:fs/promises';
import { wasmLiteral } from '../../js/wasm-text.mjs';
import { PACKAGE } from '../js/package.mjs';
import { shippedSizes, table } from '../js/sizes.mjs';
import { barPlot } from './plot.mjs';
import { functionsOf, sectionsOf } from './wasm-file.mjs';

const WORKER = 'auth-service-worker.js';
const TOP = 12;
/** The most bytes for a section's kind, its size, and the count of its functions. */
const SECTION_HEAD_BYTES = 11;
const readBuilt = (/** @type {string} */ name) => readFile(new URL(`../${name}`, PACKAGE));

/** The owner of a function, by its name without the compiler's prefix. The first that fits counts. */
const GROUPS = {
  nlohmann_json: /^nlohmann::/,
  embind: /^(emscripten::|_?_embind|__getTypeName|legal(func|import)\$)/,
  'core: messages, JSON':
    /^auth::(\(anonymous namespace\)::(MemberReader|take|isFlag|isCredentials|savedUserIn)|read|write|claimsOf|AnnouncementMembers|HashKey|\w+Hex)/,
  'core: tokens, URLs':
    /^auth::(TokenStore|PrefixTree|isRealmURL|originOf|isBoundary|shareRealm|Realms|RealmHosts|StringMap|StringIndex|Backoffs|CachedUsers|NegativeCache|SavedState|\(anonymous namespace\)::hashOf)/,
  'core: asks, clients': /^auth::(Asks?|OpenAsks|Clients|Waiters?|Attempt)\b/,
  'core: decisions, epochs': /^auth::/,
  // Each of these contains the inlined function of the core that it calls.
  'bindings, with one fact each': /^(\(anonymous namespace\)::|decide$|__wasm_call_ctors$)/,
  'C++ library': /^std::|^operator (new|delete)/,
  malloc: /^(malloc|free|realloc|calloc|claim_more_memory|attempt_allocate|sbrk|emmalloc\w*|\w*memalign)$/,
  'C library': /^(__)?(mem\w+|str\w+|strtox|wrap_\w+|errno\w*|stack\w+)(\.\d+)?$/,
};

/** Removes the return type, and Binaryen's mark of functions that it merged. @param {string} name */
function bareName(name) {
  let depth = 0;
  let start = 0;
  const text = name.replace(/^byn\$mgfn-shared\$/, '').replaceAll('(anonymous namespace)', '(anonymous_namespace)');
  for (let at = 0; at < text.length; at++) {
    if (text.startsWith('operator', at)) break;
    if (text[at] === '(' && !text.startsWith('(anonymous_namespace)', at) && depth === 0) break;
    if ('<('.includes(text[at])) depth++;
    else if ('>)'.includes(text[at])) depth--;
    else if (text[at] === ' ' && depth === 0) start = at + 1;
  }
  return text.slice(start).replaceAll('(anonymous_namespace)', '(anonymous namespace)');
}

/** @param {string} name @returns {string} */
function groupOf(name) {
  return Object.entries(GROUPS).find(([, pattern]) => pattern.test(bareName(name)))?.[0] ?? 'other';
}

/** @param {{name: string, bytes: number}[]} items @returns {Record<string, number>} bytes by name, the most first */
function summed(items) {
  /** @type {Record<string, number>} */
  const sums = {};
  for (const { name, bytes } of items) sums[name] = (sums[name] ?? 0) + bytes;
  return Object.fromEntries(Object.entries(sums).sort(([, a], [, b]) => b - a));
}
const total = (/** @type {Record<string, number>} */ parts) => Object.values(parts).reduce((a, b) => a + b, 0);

const wasm = await readBuilt('auth-core.wasm');
const named = await readBuilt('auth-core-named.wasm');
const ofShipped = summed(sectionsOf(wasm));
const { code, data, ...otherSections } = ofShipped;
if (summed(sectionsOf(named)).code !== code) throw new Error('the module with names has other code: build both anew');

const functions = functionsOf(named);
const groups = summed(functions.map(({ name, bytes }) => ({ name: groupOf(name), bytes })));
if (code - total(groups) > SECTION_HEAD_BYTES) throw new Error('functions that are not the whole code');
const worker = (await readFile(new URL(WORKER, PACKAGE))).length;
const core = await readFile(new URL('split/auth-core.js', PACKAGE));
const literal = Buffer.byteLength(wasmLiteral(wasm));
const parts = {
  'shim (js/worker)': worker - core.length,
  'Emscripten glue': core.length - literal,
  'wasm: code': code,
  'wasm: texts and tables': data,
  'wasm: all else': wasm.length - code - data,
  'wasm as a string': literal - wasm.length,
};
if (total(parts) !== worker) throw new Error('parts that are not the whole');

const share = (/** @type {number} */ bytes, /** @type {number} */ whole) => `${((100 * bytes) / whole).toFixed(1)} %`;
const rowsOf = (/** @type {Record<string, number>} */ sums) =>
  Object.entries(sums).map(([name, bytes]) => [name, bytes, share(bytes, worker)]);
const head = ['raw bytes', 'of the file'];
const { raw, gzip, brotli } = await shippedSizes(WORKER);
console.log(
  `${WORKER}: ${raw.toLocaleString('en')} bytes, gzip ${gzip.toLocaleString('en')}, brotli ${brotli.toLocaleString('en')}\n`,
);
console.log(`${table([['part', ...head], ...rowsOf(parts)])}\n`);
console.log(`Functions in wasm: code, by whose they are\n${table([['group', ...head], ...rowsOf(groups)])}\n`);
console.log(
  `Sections of wasm, each with its head\n${table([['section', ...head], ...rowsOf({ code, data, ...otherSections })])}\n`,
);
const largest = [...functions].sort((a, b) => b.bytes - a.bytes).slice(0, TOP);
console.log(
  `The ${TOP} largest functions\n${table([['function', 'raw bytes'], ...largest.map(({ name, bytes }) => [bareName(name).replace(/<.*>/, '<…>'), bytes])])}\n`,
);

const out = process.argv[2];
await writeFile(
  `${out}/parts.json`,
  JSON.stringify({ sizes: { raw, gzip, brotli }, parts, groups, sections: ofShipped, functions }, null, 1),
);
await writeFile(
  `${out}/parts.svg`,
  barPlot({
    title: `${WORKER} by part, raw kB`,
    unit: 'kB',
    bars: [
      { name: 'the file', parts },
      ...Object.entries(groups).map(([name, bytes]) => ({ name, parts: { 'wasm: code': bytes } })),
    ].map(({ name, parts: of }) => ({
      name,
      parts: Object.fromEntries(Object.entries(of).map(([part, bytes]) => [part, bytes / 1000])),
    })),
  }),
);
