// Ways to carry the wasm inside a script: their size, and the time that a new worker needs to decode them.
// node encodings.mjs OUT
import { readFile, writeFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { launch } from '../browser/launcher.mjs';
import { htmlResponse, startServer } from '../browser/servers.mjs';
import { bytesOfText, MASK, wasmLiteral } from '../../js/wasm-text.mjs';
import { sizesOf, table } from '../js/sizes.mjs';
import { quantile, takeTurns } from './samples.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 25);
const wasm = await readFile(new URL('../../build/wasm/auth-core.wasm', import.meta.url));

/** For each way, what it writes into the script, and the source of the function that decodes it. */
/** @type {Record<string, {literal: string, decode: string}>} */
const ways = {
  'one character a byte, as shipped': { literal: wasmLiteral(wasm), decode: bytesOfText },
  'the same without a mask, fromBase64(btoa())': {
    literal: wasmLiteral(wasm, 0),
    decode: `(text) => Uint8Array.fromBase64(btoa(text))`,
  },
  'base64, atob': {
    literal: `"${wasm.toString('base64')}"`,
    decode: `(text) => {
      const binary = atob(text);
      const bytes = new Uint8Array(binary.length);
      for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
      return bytes;
    }`,
  },
  'base64, fromBase64': { literal: `"${wasm.toString('base64')}"`, decode: '(text) => Uint8Array.fromBase64(text)' },
  'hexadecimal, parseInt': {
    literal: `"${wasm.toString('hex')}"`,
    decode: `(text) => {
      const bytes = new Uint8Array(text.length / 2);
      for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.substr(2 * i, 2), 16);
      return bytes;
    }`,
  },
  'hexadecimal, fromHex': { literal: `"${wasm.toString('hex')}"`, decode: '(text) => Uint8Array.fromHex(text)' },
};

/** A script that decodes once. `ms` is the time that this took, or -1 if the platform cannot do it. */
const scriptOf = (/** @type {{literal: string, decode: string}} */ { literal, decode }) => `
const text = ${literal};
const decode = ${decode};
let ms = -1;
try {
  const before = performance.now();
  const bytes = decode(text);
  ms = performance.now() - before;
  new WebAssembly.Module(bytes);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
}
`;

/** @param {typeof ways[keyof typeof ways]} way */
const inNode = (way) => () =>
  new Promise((resolve, reject) => {
    const worker = new Worker(`${scriptOf(way)}require('node:worker_threads').parentPort.postMessage(ms);`, {
      eval: true,
    });
    worker.once('message', resolve);
    worker.once('error', reject);
  });

/** @param {string} url of the service worker, and its scope */
const registerWorker = async (url) => {
  const { installing } = await navigator.serviceWorker.register(url, { scope: url });
  await new Promise((resolve) =>
    installing?.addEventListener('statechange', () => installing.state === 'activated' && resolve(true)),
  );
};

/** Starts it if it does not run. @param {string} url @returns {Promise<number>} */
const askWorker = async (url) => {
  const registration = await navigator.serviceWorker.getRegistration(url);
  const { port1, port2 } = new MessageChannel();
  registration?.active?.postMessage('', [port2]);
  return new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
};

const names = Object.keys(ways);
/** ms by engine and way. @type {Record<string, Record<string, number>>} */
const costs = {};
const take = async (/** @type {string} */ engine, /** @type {Record<string, () => Promise<number>>} */ contenders) => {
  const samples = await takeTurns(contenders, ROUNDS);
  costs[engine] = Object.fromEntries(names.map((name) => [name, quantile(samples[name])]));
};

await take(`Node.js ${process.version}`, Object.fromEntries(names.map((name) => [name, inNode(ways[name])])));
// Isolated pages have finer clocks.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
const site = await startServer((path) => {
  const [, at] = /^\/way(\d+)\.js$/.exec(path) ?? [];
  if (at) {
    const body = `${scriptOf(ways[names[Number(at)]])}onmessage = ({ ports }) => ports[0].postMessage(ms);`;
    return { status: 200, type: 'text/javascript', headers, body };
  }
  const page = htmlResponse('<!doctype html><title>encodings</title>');
  return { ...page, headers: { ...page.headers, ...headers } };
});
for (const engine of /** @type {const} */ (['chromium', 'firefox'])) {
  const browser = await launch(engine);
  const tab = await browser.openTab();
  await tab.goto(site.origin);
  const urls = names.map((_, i) => `/way${i}.js`);
  for (const url of urls) await tab.evaluate(registerWorker, url);
  await take(
    `${engine} ${browser.version}`,
    Object.fromEntries(
      names.map((name, i) => [
        name,
        async () => {
          await tab.stopWorkers();
          return tab.evaluate(askWorker, urls[i]);
        },
      ]),
    ),
  );
  await browser.close();
}
site.close();

const sizes = Object.fromEntries(names.map((name) => [name, sizesOf(Buffer.from(ways[name].literal))]));
const engines = Object.keys(costs);
const ms = (/** @type {number} */ value) => (value < 0 ? 'cannot' : value.toFixed(2));
const rows = names.map((name) => [
  name,
  sizes[name].raw,
  sizes[name].brotli,
  `${((sizes[name].brotli / sizesOf(wasm).brotli - 1) * 100).toFixed(1)} %`,
  ...engines.map((engine) => ms(costs[engine][name])),
]);
const beside = ['a file of its own', wasm.length, sizesOf(wasm).brotli, '0.0 %', ...engines.map(() => '-')];
console.log(`Carrying the wasm in a script: bytes, and ms to make bytes of it in a worker just started, medians of ${ROUNDS} rounds in turns
${table([['way', 'raw', 'brotli', 'over the file', ...engines], beside, ...rows])}\n`);

const masks = Array.from({ length: 256 }, (_, mask) => ({ mask, ...sizesOf(Buffer.from(wasmLiteral(wasm, mask))) }));
masks.sort((a, b) => a.brotli - b.brotli);
const hex = (/** @type {number} */ mask) => `0x${mask.toString(16).padStart(2, '0')}`;
const shipped = masks.findIndex(({ mask }) => mask === MASK);
const none = masks.findIndex(({ mask }) => mask === 0);
const shown = [...new Set([0, 1, 2, 3, shipped, none, 255])];
console.log(`The masks of one character a byte, best first
${table([['place', 'mask', 'raw', 'brotli', ''], ...shown.map((at) => [at + 1, hex(masks[at].mask), masks[at].raw, masks[at].brotli, at === shipped ? 'shipped' : at === none ? 'no mask' : ''])])}\n`);
await writeFile(
  `${process.argv[2]}/encodings.json`,
  JSON.stringify({ wasm: sizesOf(wasm), sizes, costs, masks }, null, 1),
);
