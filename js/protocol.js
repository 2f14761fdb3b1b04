// Every message of the wire.

/** @typedef {Record<string, string>} Tokens realm URL → token */

// Version 1. Frozen: pages and workers already deployed speak it.

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

// Version 2. A side shows it only to one that has shown it first, and the page is the first of all:
// it says hello, which version 1 workers ignore. The worker speaks it on ports that came with a
// message, and in asks of clients that said hello, so that version 1 pages see nothing of it.

export const HELLO = /** @type {const} */ ('hello');
export const CLAIM = /** @type {const} */ ('claim');
export const STATS = /** @type {const} */ ('stats');
export const ACK = /** @type {const} */ ('ack');

export const MIN_PROTOCOL = 1;
export const MAX_PROTOCOL = 2;
/** The package's version, which build.mjs takes from package.json. */
export const BUILD =
  /** @type {{AUTH_SERVICE_WORKER_BUILD?: string}} */ (globalThis).AUTH_SERVICE_WORKER_BUILD ?? 'source';

/**
 * Why a token is asked for. `unknown`: the worker knows of no realm at the origin, and nobody waits for the answer.
 * @typedef {'missing' | 'expired' | 'rejected' | 'unknown'} Reason
 */

// Page → worker, with one port for the answer.

/**
 * @param {string[]} origins of the app's realms, those without a token now included
 * @param {boolean} complete the app has realms nowhere else
 * @param {Tokens} [tokens] the app's, or some of them: the newer of two of a realm counts, and none is taken away
 * @param {string[]} [publicRealms] realms that need no token: the page is never asked for one
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
/** With `decisions`, the worker keeps those of its requests from now on. */
export const stats = (decisions = false) => ({ type: STATS, ...(decisions && { decisions }) });

/**
 * What became of a request: `at` in ms since the epoch, the URL with `…` for what follows `?` or `#`, the rule by its name
 * in cpp/base/step.h, and what followed, each step with the ms since `at`: `asked` and the reason, `sent` and the realm whose
 * token it has ('' without one), `answered` and the status (0: a network error; -1: aborted, or a redirect that the page
 * follows itself).
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
export const helloAnswer = () => ({
  type: HELLO,
  minProtocol: MIN_PROTOCOL,
  maxProtocol: MAX_PROTOCOL,
  build: BUILD,
  asksToRefresh: true,
});
/** Upper ends, in ms, of the classes of `times`; above the last one is a class without an end. */
export const TIME_ENDS = [10, 30, 100, 300, 1000, 3000];

/** The counts of js/README.md. @typedef {Record<string, number> & {times: number[]}} Counted */
/**
 * Only for those who want decisions.
 * @typedef {object} Watched
 * @property {Decision[]} decisions the last ones
 * @property {Record<string, number>} rules how many requests each rule has decided about
 * @property {string} places a line for each: `r` and a realm that has a token, `p` and one that needs none, `h` and an origin
 *   that has or had a realm
 */

/**
 * @param {Record<string, unknown>} counted
 * @param {string} [clientId] the page's own, by which it knows what is said of it
 * @param {Watched | false} [watched]
 */
export const statsAnswer = (counted, clientId, watched) => ({ ...counted, build: BUILD, clientId, ...watched });

// Worker → all who listen, on a BroadcastChannel: each Decision that is over, while they are kept, and
// `{type: 'unauthorised', requestURL, realmURL, retried, destination, clientId}` when a page is shown a 401 or 403 to a token.

export const CHANNEL = 'auth-service-worker';
export const UNAUTHORISED = /** @type {const} */ ('unauthorised');

// Page → the app's other tabs, on the same channel.

/**
 * The app has said all its tokens, or that there are none, as at a login and a logout.
 * @param {string} [scope] of its registration, which other apps of the origin do not have; none before it has registered
 */
export const epochBegan = (scope) => ({ type: EPOCH_BEGAN, ...(scope && { scope }) });
export const EPOCH_BEGAN = /** @type {const} */ ('epoch-began');

// Worker → page, on the port of its message.

/** The worker has taken in what the port came with: a token message, or a claim now carried out. */
export const ack = () => ({ type: ACK });

/** Whether this hello, of either side, is of one that speaks version 2. @param {any} message */
export const speaksVersion2 = (message) =>
  message?.type === HELLO && message.minProtocol <= 2 && message.maxProtocol >= 2;

// Worker → page, to one that said hello, with one port for the reply.

/**
 * @param {string} requestURL
 * @param {Reason} reason
 * @param {boolean} [refresh] false: the page answers with the tokens it has, of which the worker takes the one for the
 *   URL. True: none of them helped, so the page gets a new one. A worker of a version before this field leaves it out, and
 *   asks once for both
 * @param {string} [realmURL] the realm that the worker knows the URL to be in
 */
export const requestRealmTokenBecause = (requestURL, reason, refresh = false, realmURL = '') => ({
  ...requestRealmToken(requestURL),
  protocol: MAX_PROTOCOL,
  reason,
  refresh,
  ...(realmURL && { realmURL }),
});

// Page → worker, on the port of such an ask.

/** Nothing in the realm has a token. @param {string} realmURL */
export const noTokenReply = (realmURL) => ({ realmURL });

/** To `refresh: true`: `pending`, for all that the realm covers. @param {string} realmURL */
export const refreshingReply = (realmURL) => ({ ...pendingReply(), realmURL });

/**
 * Any of the replies, with all tokens the page has.
 * @template {object} Reply
 * @param {Reply} reply
 * @param {Tokens} tokens
 * @param {boolean} complete the page cannot get others either, by a refresh say: nothing else on the
 *   origin asked about has a token, and the page is not asked for any other URL of it for a while
 */
export const withAllTokens = (reply, tokens, complete) => ({ ...reply, tokens, ...(complete && { complete }) });

/** To `refresh: false`: the page may get another token when it is asked to. */
export const refreshableReply = () => ({ refresh: true });
