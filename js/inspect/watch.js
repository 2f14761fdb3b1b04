// Tells an app what its worker does, as it happens.
import { BUILD, CHANNEL, UNAUTHORISED } from '../protocol.js';
import { containerOf, openChannel } from '../page/platform.js';
import { askStats, getStats } from './stats.js';
import { describeRule, describeStep } from './rule-texts.js';

/** The default pause between calls of onStats. */
const EVERY_MS = 60_000;
/** Browsers stop a worker that has heard nothing for 30 s. Its next life keeps no decisions until it is asked. */
const ASK_EVERY_MS = 20_000;

/**
 * @typedef {object} Unauthorised
 * @property {string} url with `…` for what follows `?` or `#`
 * @property {string} realm the one whose token was sent
 * @property {boolean} retried whether the request was sent again, with another token or without one
 * @property {string} destination that of the request: 'image', or '' for a fetch()
 */
/**
 * @typedef {object} Watch
 * @property {((stats: import('./stats.js').Stats) => void) | undefined} [onStats] called every `everyMs` while the
 *   page is visible
 * @property {number | undefined} [everyMs] 60,000 by default
 * @property {((rejection: Unauthorised) => void) | undefined} [onUnauthorised] called when a request had a token and
 *   the page gets a 401 or 403. Only for requests of this page, if the worker tells whose they are
 * @property {((versions: {worker: string, page: string}) => void) | undefined} [onWorkerMismatch] called once when the
 *   worker is of another version of the package
 * @property {((decision: import('../protocol.js').Decision) => void) | undefined} [onDecision] called for each request
 *   of any page that the worker has decided about
 * @property {boolean | undefined} [debug] writes a line for each decision to the console. The line unfolds to the steps
 *   that followed
 */

/**
 * @param {Watch} watch
 * @returns {() => void} ends it
 */
export function watchWorker({ onStats, everyMs = EVERY_MS, onUnauthorised, onWorkerMismatch, onDecision, debug }) {
  const container = containerOf(undefined);
  if (!container) return () => {};
  const needsDecisions = !!(onDecision || debug);
  let isMismatchTold = false;
  /** The id by which the worker knows the page. */
  let clientId = '';

  const heard = (/** @type {any} */ data) => {
    if (data?.type === UNAUTHORISED) {
      const isOther = clientId && data.clientId && data.clientId !== clientId;
      if (!isOther)
        onUnauthorised?.({
          url: data.requestURL,
          realm: data.realmURL,
          retried: data.retried,
          destination: data.destination ?? '',
        });
    } else if (data?.rule && needsDecisions) {
      onDecision?.(data);
      if (debug) {
        console.groupCollapsed(
          `auth-service-worker: ${data.destination || 'fetch'} ${data.url}: ${describeRule(data)}`,
        );
        for (const step of data.steps) console.log(describeStep(step));
        console.groupEnd();
      }
    }
  };
  const begin = async () => {
    const reply = await askStats(needsDecisions);
    if (!reply) return;
    clientId = reply.clientId ?? '';
    if (isMismatchTold || reply.build === BUILD) return;
    isMismatchTold = true;
    onWorkerMismatch?.({ worker: reply.build ?? 'older', page: BUILD });
  };

  const channel = openChannel(CHANNEL, heard);
  container.addEventListener('controllerchange', begin);
  void begin();
  const asking = needsDecisions ? setInterval(() => document.hidden || void begin(), ASK_EVERY_MS) : undefined;
  const timer =
    onStats &&
    setInterval(async () => {
      const stats = document.hidden ? undefined : await getStats();
      if (stats) onStats(stats);
    }, everyMs);

  return () => {
    channel?.close();
    container.removeEventListener('controllerchange', begin);
    clearInterval(asking);
    clearInterval(timer);
  };
}
