// What the app calls when its tokens change.
import { clearTokens, removeRealmToken, setRealmToken, syncTokens } from '../protocol.js';
import { stateOf } from './page-state.js';
import { containerOf } from './support.js';
import { TokenPush } from './token-push.js';

/** The one registered with last. @type {ServiceWorkerContainer | undefined} */
let current;

/** @param {ServiceWorkerContainer} container which the functions below use from now on */
export const useContainer = (container) => tokenPushOf((current = container));

/** @param {ServiceWorkerContainer} container */
function tokenPushOf(container) {
  const state = stateOf(container);
  return (state.push ??= new TokenPush(container));
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

/**
 * Settles once a worker controls the page, with true; or with false once none will: in a browser or page
 * without service workers, after a registration that failed, and outside of the worker's scope. Never
 * rejects. Before registerAuthServiceWorker it waits for that.
 * @returns {Promise<boolean>}
 */
export async function whenControlled() {
  const container = currentContainer();
  if (container && !container.controller) await tokenPushOf(container).wait;
  return !!container?.controller;
}

/**
 * Whether the app has, or has had, a realm on the origin of a URL, as far as this page has learned from
 * its tokens and its option `realms`.
 * @param {string} url
 * @returns {boolean}
 */
export function isOnRealmOrigin(url) {
  return !!currentPush()?.greeter.hasRealmOn(url);
}

/** @param {import('./told.js').TokenMessage} message */
const send = (message) => currentPush()?.send(message);

function currentPush() {
  const container = currentContainer();
  return container && tokenPushOf(container);
}

const currentContainer = () => current ?? containerOf(undefined);
