// What the app calls when its tokens change.
import { clearTokens, removeRealmToken, setRealmToken, syncTokens } from '../protocol.js';
import { containerOf } from './support.js';
import { TokenPush } from './token-push.js';

/** @type {WeakMap<ServiceWorkerContainer, TokenPush>} */
const pushes = new WeakMap();
/** The one registered with last. @type {ServiceWorkerContainer | undefined} */
let current;

/**
 * The one push of a container, which the functions below use from now on.
 * @param {ServiceWorkerContainer} container
 * @returns {TokenPush}
 */
export function tokenPushOf(container) {
  current = container;
  let push = pushes.get(container);
  if (!push) {
    push = new TokenPush(container);
    pushes.set(container, push);
  }
  return push;
}

/**
 * Tells the worker the token of a realm, or that it has none any more.
 * @param {string} realmURL
 * @param {string | undefined} token
 * @returns {void}
 */
export function syncTokenToServiceWorker(realmURL, token) {
  send(token ? setRealmToken(realmURL, token) : removeRealmToken(realmURL));
}

/**
 * Tells the worker all tokens; it forgets every other.
 * @param {Record<string, string>} tokens realm URL → token
 * @returns {void}
 */
export function syncAllTokensToServiceWorker(tokens) {
  send(syncTokens(tokens));
}

/**
 * Makes the worker forget all tokens.
 * @returns {void}
 */
export function clearServiceWorkerTokens() {
  send(clearTokens());
}

/** @param {import('./backlog.js').TokenMessage} message */
function send(message) {
  const container = current ?? containerOf(undefined);
  if (container) tokenPushOf(container).send(message);
}
