// The page's side of the auth service worker.

export { registerAuthServiceWorker } from './register.js';
export { createTokenRequestHandler } from './asks.js';
export { isServiceWorkerSupported, support } from './platform.js';
export { isOnRealmOrigin } from './found-state.js';
export {
  clearServiceWorkerTokens,
  syncAllTokensToServiceWorker,
  syncTokenToServiceWorker,
  whenControlled,
} from './token-sync.js';

/** @typedef {import('./options.js').AuthServiceWorkerOptions} AuthServiceWorkerOptions */
/** @typedef {Required<import('./options.js').Services>} AuthServiceWorkerDeps the name in the app Boxel */
/** @typedef {import('./options.js').RefreshCause} RefreshCause */
/** @typedef {import('./register.js').RegistrationResult} RegistrationResult */
/** @typedef {import('./register.js').FailureReason} FailureReason */
/** @typedef {import('./asks.js').TokenRequestHandler} TokenRequestHandler */
/** @typedef {import('./asks.js').TokenRequestEvent} TokenRequestEvent */
/** @typedef {import('../protocol.js').Tokens} Tokens */
