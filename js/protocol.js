// Every message of the wire.

/** @typedef {Record<string, string>} Tokens realm URL → token */

// Version 1 does not change: pages and workers that are already deployed speak it.

export const SET_REALM_TOKEN = /** @type {const} */ ('set-realm-token');
export const REMOVE_REALM_TOKEN = /** @type {const} */ ('remove-realm-token');
export const CLEAR_TOKENS = /** @type {const} */ ('clear-tokens');
export const SYNC_TOKENS = /** @type {const} */ ('sync-tokens');
export const REQUEST_REALM_TOKEN = /** @type {const} */ ('request-realm-token');
export const PENDING = /** @type {const} */ ('pending');

// Page → worker.

export const setRealmToken = (/** @type {string} */ realmURL, /** @type {string} */ token) => ({
  type: SET_REALM_TOKEN,
  realmURL,
  token,
});
export const removeRealmToken = (/** @type {string} */ realmURL) => ({ type: REMOVE_REALM_TOKEN, realmURL });
export const clearTokens = () => ({ type: CLEAR_TOKENS });
/** Replaces all tokens. */
export const syncTokens = (/** @type {Tokens} */ tokens) => ({ type: SYNC_TOKENS, tokens });

// Worker → page, with one port for the reply.

export const requestRealmToken = (/** @type {string} */ requestURL) => ({ type: REQUEST_REALM_TOKEN, requestURL });

// Page → worker, on that port: a final reply, or `pending` and then a final reply.

export const tokenReply = (/** @type {string} */ realmURL, /** @type {string} */ token) => ({ realmURL, token });
export const emptyReply = () => ({});
export const pendingReply = () => ({ type: PENDING });

// Version 2. A side uses it only after the other side has used it. The page begins: it sends hello, which version 1
// workers ignore. The worker uses it on ports that came with a message, and in asks of clients that have sent hello. So
// version 1 pages see no message of it.

export const HELLO = /** @type {const} */ ('hello');
export const CLAIM = /** @type {const} */ ('claim');
export const STATS = /** @type {const} */ ('stats');
export const ACK = /** @type {const} */ ('ack');

export const MIN_PROTOCOL = 1;
export const MAX_PROTOCOL = 2;
/** The package's version. build.mjs takes it from package.json. */
export const BUILD =
  /** @type {{AUTH_SERVICE_WORKER_BUILD?: string}} */ (globalThis).AUTH_SERVICE_WORKER_BUILD ?? 'source';

/**
 * Why the worker asks for a token. `rejected`: a request with a token got a 401. `unreachable`: it ended in a network
 * error. `unknown`: the worker knows no realm on the origin, and nobody waits for the reply.
 * @typedef {'missing' | 'expired' | 'rejected' | 'unreachable' | 'unknown'} Reason
 */

// Page → worker, with one port for the reply.

/**
 * @param {string[]} origins those of the app's realms, also of realms that have no token now
 * @param {boolean} complete whether the app has no realms on other origins
 * @param {Tokens} [tokens] the app's tokens, or some of them. Of two tokens of a realm, the newer one counts. None is
 *   taken away
 * @param {string[]} [publicRealms] realms that need no token, so the page is never asked for one
 */
export const hello = (origins, complete, tokens, publicRealms = /** @type {string[]} */ ([])) => ({
  type: HELLO,
  minProtocol: MIN_PROTOCOL,
  maxProtocol: MAX_PROTOCOL,
  build: BUILD,
  origins,
  complete,
  ...(tokens && { tokens }),
  ...(publicRealms.length > 0 && { publicRealms }),
});
/** Asks the worker to control all pages of its scope. */
export const claim = () => ({ type: CLAIM });
/** Asks for the worker's counts. With `decisions`, the worker keeps its decisions from now on, or for `keepMs`. */
export const stats = (decisions = false, keepMs = 0) => ({
  type: STATS,
  ...(decisions && { decisions }),
  ...(keepMs && { keepMs }),
});

/**
 * What became of a request. `at` is in ms since 1970. The URL has `…` for what follows `?` or `#`. The rule has its
 * name in cpp/base/step.h. Each step has the ms since `at`. `asked` has the reason; `sent` has the realm whose token
 * was sent, or '' without a token; `answered` has the status (0: a network error; -1: aborted, or a redirect that the
 * page follows itself).
 * @typedef {object} Decision
 * @property {number} at
 * @property {string} url
 * @property {string} destination
 * @property {string} clientId
 * @property {string} rule
 * @property {[ms: number, what: 'asked' | 'sent' | 'answered', of: string | number][]} steps
 */

// Worker → page, on that port.

/** `asksToRefresh`: see requestRealmTokenBecause. */
export const helloReply = () => ({
  type: HELLO,
  minProtocol: MIN_PROTOCOL,
  maxProtocol: MAX_PROTOCOL,
  build: BUILD,
  asksToRefresh: true,
});
/** The upper ends of the classes of `times`, in ms. One more class, above the last one, has no end. */
export const TIME_ENDS = [10, 30, 100, 300, 1000, 3000];

/**
 * The counts of js/README.md.
 * @typedef {Record<'startedAt' | 'sent' | 'retried' | 'refused' | 'unauthorised' | 'images' | 'imagesUnauthorised' | 'failed'
 *   | 'held' | 'asked' | 'refreshes' | 'ignored' | 'realms' | 'hosts' | 'clients' | 'waiters' | 'asks' | 'requests'
 *   | 'memoryBytes', number> & {times: number[]}} Counted
 */
/**
 * The part of the reply to `stats` that is sent only with `decisions`.
 * @typedef {object} Watched
 * @property {Decision[]} decisions the last ones
 * @property {Record<string, number>} rules how many requests each rule has decided about
 * @property {string} places a line for each place: `r` and a realm that has a token, `p` and a realm that needs none,
 *   `h` and an origin that has or had a realm
 */

/**
 * @param {Record<string, unknown>} counted
 * @param {string} [clientId] the page's own, by which it finds what concerns it
 * @param {Watched | false} [watched]
 */
export const statsReply = (counted, clientId, watched) => ({ ...counted, build: BUILD, clientId, ...watched });

// Worker → all pages of the origin, on a BroadcastChannel: each Decision from which nothing more follows, while the
// worker keeps them; and `{type: 'unauthorised', requestURL, realmURL, retried, destination, clientId}` when a page
// gets a 401 or 403 for a request with a token.

export const CHANNEL = 'auth-service-worker';
export const UNAUTHORISED = /** @type {const} */ ('unauthorised');

// Page → the app's other tabs, on the same channel.

/**
 * The app has called syncAllTokensToServiceWorker() or clearServiceWorkerTokens(), as at a login or a logout.
 * @param {string} [scope] that of its registration. Other apps of the origin have another one. None before it has
 *   registered
 */
export const epochBegan = (scope) => ({ type: EPOCH_BEGAN, ...(scope && { scope }) });
export const EPOCH_BEGAN = /** @type {const} */ ('epoch-began');

// Worker → page, on the port of its message.

/** The worker has processed the message that the port came with. If that was a claim, the worker has taken control. */
export const ack = () => ({ type: ACK });

/** Whether a hello, of either side, is of a side that speaks version 2. @param {any} message */
export const speaksVersion2 = (message) =>
  message?.type === HELLO && message.minProtocol <= 2 && message.maxProtocol >= 2;

// Worker → page, to one that said hello, with one port for the reply.

/**
 * @param {string} requestURL
 * @param {Reason} reason
 * @param {boolean} [refresh] false: the page replies with its tokens, and the worker takes the one for the URL. true:
 *   none of them helped, so the page gets a new one. Older workers of version 2 have no such field, and ask once for
 *   both
 * @param {string} [realmURL] the realm of the URL, if the worker knows it
 */
export const requestRealmTokenBecause = (requestURL, reason, refresh = false, realmURL = '') => ({
  ...requestRealmToken(requestURL),
  protocol: MAX_PROTOCOL,
  reason,
  refresh,
  ...(realmURL && { realmURL }),
});

// Page → worker, on the port of such an ask.

/** The page has no token for anything in the realm. @param {string} realmURL */
export const noTokenReply = (realmURL) => ({ realmURL });

/** The reply `pending` to `refresh: true`. It is for all requests that the realm covers. @param {string} realmURL */
export const refreshingReply = (realmURL) => ({ ...pendingReply(), realmURL });

/**
 * Adds all tokens of the page to a reply.
 * @template {object} Reply
 * @param {Reply} reply
 * @param {Tokens} tokens
 * @param {boolean} complete whether the page can get no other tokens, not even by a refresh. Then nothing else on that
 *   origin has a token, and for a while the page is not asked about other URLs there
 */
export const withAllTokens = (reply, tokens, complete) => ({ ...reply, tokens, ...(complete && { complete }) });

/** The reply to `refresh: false` when the page may get another token if it is asked to. */
export const refreshableReply = () => ({ refresh: true });
