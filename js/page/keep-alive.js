// Keeps Firefox from cutting off long answers.
import { stats } from '../protocol.js';
import { setTimeout } from './platform.js';
import { post } from './posts.js';
import { hasShownVersion2 } from './version-2.js';

/**
 * Firefox stops a worker 30 s after its last event, even while the body of an answer passes through it, and cuts that body
 * off. A message is an event.
 */
const EVERY_MS = 20_000;

/**
 * In Firefox, sends the page's own worker a message every 20 s, except while the page is disabled. It asks for the counts
 * with no port for the answer: nothing follows from it.
 * @param {import('./page-state.js').PageState} state
 */
export function keepAlive(state) {
  if (!/\bFirefox\//.test(globalThis.navigator?.userAgent ?? '')) return;
  setTimeout(() => {
    const { options, hasNoWorker, workers } = state;
    // A page that registers the worker itself has no options here either.
    const isDisabled = hasNoWorker && !options;
    const worker = isDisabled ? undefined : workers.receiver;
    if (worker && hasShownVersion2(worker)) post(worker, stats());
    keepAlive(state);
  }, EVERY_MS);
}
