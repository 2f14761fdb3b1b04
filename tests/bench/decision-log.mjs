// Measures what the log of decisions costs the worker, off and on: the time of its fetch listener for one request, in
// Node.js, with the core that ships and a network that responds at once. node decision-log.mjs
import { IDBFactory } from 'fake-indexeddb';
import { syncTokens } from '../../js/protocol.js';
import { listen } from '../../js/worker/listeners.js';
import { importShipped } from '../js/package.mjs';
import { table } from '../js/sizes.mjs';
import { tokensOf, urlsOf } from './realms.mjs';
import { brief, quantile, takeTurns } from './samples.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 51);
const REQUESTS = 500;
const REALMS = 100;
const { default: createCoreModule } = await importShipped('core.js');
Object.assign(globalThis, { indexedDB: new IDBFactory() });
const response = new Response(null, { status: 204 });

/**
 * @param {string} url
 * @param {(response: Promise<Response>) => void} respondWith
 * @returns {any} the fetch event
 */
const requestOf = (url, respondWith) => ({
  request: new Request(url),
  clientId: 'page',
  resultingClientId: '',
  respondWith,
  waitUntil() {},
});

/** A worker that has the tokens, and has read its saved state. @param {boolean} debug the option that turns its log on */
async function workerWith(debug) {
  const scope = Object.assign(new EventTarget(), {
    location: new URL('https://app.example/auth-service-worker.js'),
    registration: { scope: `https://app.example/${debug}/`, active: {} },
    clients: { get: async () => undefined, matchAll: async () => [] },
    fetch: async () => response,
  });
  const heardFetch = listen(/** @type {any} */ (scope), createCoreModule, { debug });
  const event = { ports: [], source: { id: 'page' }, data: syncTokens(tokensOf(REALMS)), waitUntil() {} };
  scope.dispatchEvent(Object.assign(new Event('message'), event));
  // Before it has read its saved state, it leaves no origin alone.
  for (let isHeld = true; isHeld; ) {
    isHeld = false;
    heardFetch(requestOf('https://stranger.example/', () => (isHeld = true)));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return heardFetch;
}

/** @param {string[]} urls @param {boolean} isHit */
async function contendersFor(urls, isHit) {
  /** @type {Promise<Response>[]} */
  let responses = [];
  /** Processor time, in µs a request: a clock would also count the other work of the machine. */
  const costIn = async (/** @type {boolean} */ debug) => {
    const heardFetch = await workerWith(debug);
    return async () => {
      responses = [];
      const events = Array.from({ length: REQUESTS }, (_, i) =>
        requestOf(urls[i % urls.length], (promise) => responses.push(promise)),
      );
      const before = process.cpuUsage();
      for (const event of events) heardFetch(event);
      await Promise.all(responses);
      const { user, system } = process.cpuUsage(before);
      if (responses.length !== (isHit ? REQUESTS : 0)) throw new Error(`${responses.length} responses`);
      return (user + system) / REQUESTS;
    };
  };
  return { off: await costIn(false), on: await costIn(true) };
}

const rows = [];
for (const [name, kind, isHit] of /** @type {const} */ ([
  ['sent with a token', 'hit', true],
  ['left alone', 'stranger', false],
])) {
  const contenders = await contendersFor(urlsOf(kind, 80, REALMS), isHit);
  await takeTurns(contenders, 10);
  const { off, on } = await takeTurns(contenders, ROUNDS);
  const ratio = quantile(on.map((value, round) => value / off[round])).toFixed(2);
  rows.push([name, brief(quantile(off)), brief(quantile(on)), ratio]);
}
console.log(`A request in the worker, µs of the processor, ${REALMS} realms, medians of ${ROUNDS} rounds in turns
${table([['request', 'log off', 'log on', 'ratio'], ...rows])}`);
process.exit();
