// Keeps Firefox from cutting off long responses.
import { stats } from '../protocol.js';
import { isDisabled } from './page-state.js';
import { isFirefox, setTimeout } from './platform.js';
import { post } from './posts.js';
import { hasShownVersion2 } from './version-2.js';

/**
 * Firefox stops a worker 30 s after its last event, and cuts off a response whose body is still passing through it. A
 * message is an event.
 */
const EVERY_MS = 20_000;

/**
 * In Firefox, sends the page's own worker a message every 20 s, except while the page is disabled. The message asks for
 * the counts and has no port for the reply, so the worker does nothing.
 * @param {import('./page-state.js').PageState} state
 */
export function keepAlive(state) {
  if (!isFirefox()) return;
  setTimeout(() => {
    const worker = isDisabled(state) ? undefined : state.workers.receiver;
    if (worker && hasShownVersion2(worker)) post(worker, stats());
    keepAlive(state);
  }, EVERY_MS);
}
