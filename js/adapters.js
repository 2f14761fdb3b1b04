// Makes options of registerAuthServiceWorker for login libraries.
import { normalURL, parseRealmURL } from './realm-url.js';
import { withTimeout } from './page/async.js';
import { currentContainer, foundState } from './page/found-state.js';
import { clearServiceWorkerTokens, syncTokenToServiceWorker } from './page/index.js';

/** Once one realm has its token, slower realms may delay it only for this time. */
const LATE_MS = 1000;

/** @typedef {string | readonly string[]} Realms one realm URL, or several that share a token */
/**
 * The parts of oidc-client-ts's UserManager that are used.
 * @typedef {object} UserManagerLike
 * @property {() => Promise<UserLike | null>} getUser
 * @property {() => Promise<UserLike | null>} signinSilent
 * @property {{addUserLoaded: (heard: (user: UserLike) => void) => unknown, addUserUnloaded: (heard: () => void) => unknown}} events
 */
/**
 * @typedef {{readonly access_token: string, readonly expired?: boolean | undefined,
 *   readonly profile?: {readonly sub?: string}}} UserLike
 */
/** @typedef {import('./page/options.js').FlatOptions} FlatOptions */
/**
 * @typedef {Required<Pick<FlatOptions, 'realms' | 'tokens'>> & Pick<FlatOptions, 'isLoggedIn'>
 *   & {reauthenticate: (realmURL: string) => Promise<string | null | undefined>}} AdapterOptions
 */

/**
 * Makes options for a library with a function that returns a token and refreshes it by itself when it is about to
 * expire: Auth0, MSAL, Firebase, Keycloak, Supabase, Clerk.
 * @param {Realms} realms
 * @param {(realmURL: string, mustBeNew: boolean) => Promise<string | null | undefined>} getToken `mustBeNew`: the last
 *   token is missing, has expired or was rejected. May reject, for example when nobody is logged in
 * @returns {AdapterOptions}
 */
export function fromGetter(realms, getToken) {
  const list = listOf(realms);
  // The function is async, so a getter that throws only makes its own realm fail.
  const attemptToGet = async (/** @type {string} */ realmURL) => getToken(realmURL, false);
  /** The realms whose latest get has brought no token. @type {Set<string>} */
  const without = new Set();
  const readAll = async () => {
    const epoch = currentEpoch();
    const since = epoch?.log.now ?? 0;
    const tellLate = epoch?.guard((/** @type {string} */ realmURL, /** @type {string} */ token) => {
      // If the app has set or removed the token of that realm meanwhile, that counts.
      if (epoch.log.news({ [realmURL]: token }, since).length === 0) return;
      tell(realmURL, token);
    });
    /** The tokens by realm. At first they are those that the page knows, for realms that take long. */
    const tokens = new Map(
      list.map((realmURL) => [realmURL, without.has(realmURL) ? undefined : epoch?.log.sureTokenOf(realmURL)]),
    );
    let isOver = false;
    const gets = list.map(async (realmURL) => {
      const token = (await attemptToGet(realmURL).catch(() => {})) || undefined;
      if (token) without.delete(realmURL);
      else without.add(realmURL);
      if (!isOver) tokens.set(realmURL, token);
      else if (token) tellLate?.(realmURL, token);
    });
    await Promise.race([...gets, Promise.all(gets)]);
    await withTimeout(LATE_MS, Promise.all(gets));
    isOver = true;
    return Object.fromEntries([...tokens].flatMap(([realmURL, token]) => (token ? [[realmURL, token]] : [])));
  };
  return {
    realms: list,
    tokens: readAll,
    reauthenticate: async (realmURL) => (isIn(list, realmURL) ? getToken(realmURL, true) : undefined),
  };
}

/**
 * Makes options for oidc-client-ts. Tells the worker when a user is loaded, is gone, or is another one than before.
 * Call it once for each manager.
 * @param {Realms} realms that the access token is for
 * @param {UserManagerLike} manager
 * @returns {AdapterOptions}
 */
export function fromUserManager(realms, manager) {
  const list = listOf(realms);
  /** The user who is logged in, if known. An opaque token does not tell. @type {string | undefined} */
  let known;
  manager.events.addUserLoaded(({ access_token, profile }) => {
    const sub = profile?.sub ?? known;
    if (known !== undefined && sub !== known) clearServiceWorkerTokens();
    known = sub;
    list.forEach((realmURL) => tell(realmURL, access_token));
  });
  manager.events.addUserUnloaded(() => clearServiceWorkerTokens());
  return {
    realms: list,
    tokens: async () => {
      const user = await manager.getUser();
      // Only the first user is noted here: a later one is stored before the event tells of them.
      known ??= user?.profile?.sub;
      return user && !user.expired ? Object.fromEntries(list.map((realmURL) => [realmURL, user.access_token])) : {};
    },
    reauthenticate: async (realmURL) =>
      isIn(list, realmURL) ? (await manager.signinSilent())?.access_token : undefined,
    isLoggedIn: async () => !!(await manager.getUser()),
  };
}

/**
 * Returns the realm of a Matrix homeserver's media, which need a token:
 * https://spec.matrix.org/latest/client-server-api/#content-repository
 * @param {string | URL} homeserverURL
 * @returns {string}
 */
export const matrixMediaRealm = (homeserverURL) => new URL('/_matrix/client/v1/media/', homeserverURL).href;

const currentEpoch = () => foundState(currentContainer() ?? globalThis)?.epoch;

/** Tells a token that the app's token source has. @param {string} realmURL @param {string} token */
function tell(realmURL, token) {
  syncTokenToServiceWorker(realmURL, token);
  currentEpoch()?.log.noteStored({ [realmURL]: token });
}

/** @param {Realms} realms @returns {readonly string[]} */
const listOf = (realms) => (typeof realms === 'string' ? [realms] : realms);

/**
 * Whether one of the realms is the one that the worker names. It may also name realms of another app of the origin.
 * Their servers must not get this token.
 * @param {readonly string[]} realms
 * @param {string} realmURL
 */
const isIn = (realms, realmURL) =>
  realms.some((realm) => normalURL(parseRealmURL(realm) ?? '') === normalURL(realmURL));
