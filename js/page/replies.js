// Answers the worker's asks.
import { emptyReply, pendingReply, REQUEST_REALM_TOKEN, tokenReply } from '../protocol.js';
import { Matcher } from './matcher.js';
import { settingsOf } from './options.js';
import { Refresher } from './refresher.js';
import { isFromServiceWorker } from './sender.js';
import { within } from './within.js';

/**
 * All that happens before `pending` or an answer without it. The worker waits 200 ms from the fetch
 * event on, and has used some of them when its question arrives.
 */
const READ_CAP_MS = 150;
/** When tokens take this long and a refresh is possible, `pending` is sent while it is in time. */
const SLOW_READ_MS = 100;
/** The app's word on whether a refresh is possible. */
const GATE_CAP_MS = READ_CAP_MS - SLOW_READ_MS;

/**
 * The parts of a MessageEvent that are read.
 * @typedef {object} TokenRequestEvent
 * @property {any} data
 * @property {ReadonlyArray<Pick<MessagePort, 'postMessage'>>} [ports]
 * @property {unknown} [source]
 */
/**
 * Settles when the ask is answered. Never rejects.
 * @typedef {(event: TokenRequestEvent) => Promise<void>} TokenRequestHandler
 */

/**
 * A listener for `message` events of `navigator.serviceWorker`. Every ask gets exactly one final
 * reply, with at most one `pending` before it; everything else is ignored.
 * @param {import('./options.js').AuthServiceWorkerOptions} [options]
 * @returns {TokenRequestHandler}
 */
export function createTokenRequestHandler(options) {
  return handlerFor(settingsOf(options));
}

/**
 * @param {import('./options.js').Settings} settings
 * @returns {TokenRequestHandler}
 */
export function handlerFor(settings) {
  const matcher = new Matcher(settings.createCore);
  const refresher = new Refresher(settings);
  settings.loadCore();

  /** @param {URL} url */
  const lookUp = async (url) => matcher.find(await settings.readTokens(), url);

  /**
   * @param {URL} url
   * @param {() => boolean} postPending returns whether it could be posted
   * @returns {Promise<object>} the final reply
   */
  const answer = async (url, postPending) => {
    const read = within(READ_CAP_MS, lookUp(url));
    const early = await within(SLOW_READ_MS, read);
    if (early) return tokenReply(early.realmURL, early.token);

    const realmURL = await within(GATE_CAP_MS, refresher.realmToRefresh(url));
    const canRefresh = realmURL !== undefined && postPending();
    const late = await read;
    if (late) return tokenReply(late.realmURL, late.token);
    const token = canRefresh ? await refresher.refresh(realmURL) : undefined;
    return token ? tokenReply(realmURL ?? '', token) : emptyReply();
  };

  return async (event) => {
    const port = askedOn(event);
    if (!port) return;
    /** @param {object} reply */
    const post = (reply) => {
      try {
        port.postMessage(reply);
        return true;
      } catch {
        return false;
      }
    };
    let reply = emptyReply();
    try {
      reply = await answer(new URL(event.data.requestURL), () => post(pendingReply()));
    } catch {
      // Not a URL: nothing has a token for it.
    }
    post(reply);
  };
}

/**
 * @param {TokenRequestEvent} event
 * @returns {Pick<MessagePort, 'postMessage'> | undefined} the port of an ask; undefined for anything else
 */
function askedOn(event) {
  try {
    if (event.data?.type !== REQUEST_REALM_TOKEN || !isFromServiceWorker(event)) return undefined;
    return event.ports?.[0];
  } catch {
    return undefined;
  }
}
