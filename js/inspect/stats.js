// Asks the page's worker what it has counted, and what it knows.
import { foundState } from '../page/found-state.js';
import { post } from '../page/posts.js';
import { withTimeout } from '../page/async.js';
import { containerOf } from '../page/platform.js';
import { stats } from '../protocol.js';

/** A worker that was stopped starts in much less time. */
const PATIENCE_MS = 2000;

/**
 * The counts since the worker's start, with the names of js/README.md. The rest is there only with decisions.
 * @typedef {import('../protocol.js').Counted & Partial<Pick<import('../protocol.js').Watched, 'decisions' | 'rules'>
 *   & Places>} Stats
 */
/**
 * The realms and origins that the worker knows.
 * @typedef {object} Places
 * @property {string[]} realmURLs that have a token
 * @property {string[]} publicRealms that need none
 * @property {string[]} origins that have or had a realm
 */
/** @typedef {import('../protocol.js').Decision} Decision */

/**
 * @returns {Promise<ServiceWorker | undefined>} the worker that the page registered, or else the one that controls the
 *   page
 */
async function ownWorker() {
  const container = containerOf(undefined);
  const { workers } = foundState(container) ?? {};
  const registered = async () => (await container?.getRegistration().catch(() => undefined))?.active;
  return workers?.receiver ?? container?.controller ?? (await registered()) ?? undefined;
}

/**
 * Asks for the worker's counts.
 * @param {boolean} [withDecisions] asks also for its last decisions, how often each rule decided, and the realms and
 *   origins that it knows. The worker keeps decisions from the first such call until it stops, or with its option
 *   `debug` always
 * @returns {Promise<Stats | undefined>} undefined if there is no worker, or one of version 1
 */
export async function getStats(withDecisions) {
  const { build, clientId, places, ...stats } = (await askStats(withDecisions)) ?? {};
  return build && { ...stats, ...(places !== undefined && readPlaces(places)) };
}

/** @param {string} text @returns {Places} */
function readPlaces(text) {
  const of = (/** @type {string} */ kind) =>
    text
      .split('\n')
      .filter((line) => line[0] === kind)
      .map((line) => line.slice(1));
  return { realmURLs: of('r'), publicRealms: of('p'), origins: of('h') };
}

/**
 * Asks what became of the worker's last requests: at most 200, oldest first. See `getStats(true)`.
 * @returns {Promise<Decision[] | undefined>} undefined if there is no worker, or one that keeps none
 */
export const getDecisions = async () => (await askStats(true))?.decisions;

/**
 * @param {boolean} [withDecisions]
 * @param {number} [keepMs] how long the worker keeps its decisions, if nobody else watches. Default: until it stops
 * @returns {Promise<any>} the reply to `stats`; undefined when there is none in time
 */
export async function askStats(withDecisions, keepMs) {
  const worker = await ownWorker();
  /** @type {MessagePort | undefined} */
  let port;
  const reply = new Promise((resolve) => {
    port = worker && post(worker, stats(withDecisions, keepMs), resolve);
    if (!port) resolve(undefined);
  });
  const counts = await withTimeout(PATIENCE_MS, reply);
  port?.close();
  return counts;
}
