// The functions that the app calls when its tokens change.
import { currentContainer, isControlled } from './found-state.js';
import { stateOf } from './page-state.js';
import { TokenPush } from './token-push.js';
import { serialisedRealm, usableToken, usableTokens } from './tokens.js';

/** @param {ServiceWorkerContainer} container */
export function tokenPushOf(container) {
  const state = stateOf(container);
  return (state.push ??= new TokenPush(container, state));
}

/**
 * Tells the worker the token of a realm, or that the realm has none any more. A token that cannot be used counts as
 * none.
 * @param {string} realmURL
 * @param {string | null | undefined} token
 * @returns {void}
 */
export function syncTokenToServiceWorker(realmURL, token) {
  const realm = serialisedRealm(realmURL);
  if (realm) send([[realm, usableToken(realm, () => token)]]);
}

/**
 * Tells the worker all tokens. It forgets every other token. A value that is no object counts as no tokens.
 * @param {Readonly<Record<string, string | null | undefined>>} tokens realm URL → token. An empty token counts as none
 * @returns {void}
 */
export function syncAllTokensToServiceWorker(tokens) {
  let usable;
  try {
    usable = usableTokens(tokens, 'what syncAllTokensToServiceWorker() gets');
  } catch {
    // Reading a proxy can throw. Then there are no tokens.
  }
  send(Object.entries(usable ?? {}), true);
}

/**
 * Makes the worker forget all tokens.
 * @returns {void}
 */
export function clearServiceWorkerTokens() {
  send([], true);
}

/**
 * Resolves to true once a worker that adds tokens controls the page, or to false once none will: in a browser or page
 * without service workers, after a registration that failed, or if the page is in the scope of another worker. Never
 * rejects. If registerAuthServiceWorker() has not been called yet, it waits for that call.
 * @returns {Promise<boolean>}
 */
export function whenControlled() {
  const container = currentContainer();
  if (container) tokenPushOf(container);
  return isControlled();
}

/** @param {import('./token-log.js').Said[]} said @param {boolean} [isWhole] these are all tokens there are */
function send(said, isWhole) {
  const container = currentContainer();
  if (container) return tokenPushOf(container).send(said, isWhole);
  const state = stateOf(globalThis);
  if (isWhole) state.epoch = state.epoch.end();
  state.epoch.log.add(said, isWhole);
}
