// Options of registerAuthServiceWorker for login libraries.
import { normalURL, parseRealmURL } from './realm-url.js';
import { withTimeout } from './page/async.js';
import { currentContainer, foundState } from './page/found-state.js';
import { clearServiceWorkerTokens, syncTokenToServiceWorker } from './page/index.js';

/** Once a realm has its token, the others do not keep it for longer. */
const LATE_MS = 1000;

/** @typedef {string | readonly string[]} Realms one realm URL, or several that share a token */
/**
 * The parts of a UserManager of oidc-client-ts that are used.
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
/** @typedef {Required<Pick<FlatOptions, 'realms' | 'tokens' | 'reauthenticate'>> & Pick<FlatOptions, 'isLoggedIn'>} AdapterOptions */

/**
 * For a library with a function that returns a token, and refreshes it by itself when it is about to expire: Auth0, MSAL,
 * Firebase, Keycloak, Supabase, Clerk.
 * @param {Realms} realms
 * @param {(realmURL: string, mustBeNew: boolean) => Promise<string | null | undefined>} getToken `mustBeNew`: the server has
 *   rejected the token that it returned last. May reject, for example when nobody is logged in
 * @returns {AdapterOptions}
 */
export function fromGetter(realms, getToken) {
  const list = listOf(realms);
  // An async function: one that throws at once rejects, too, and fails its own realm only.
  const attemptToGet = async (/** @type {string} */ realmURL) => getToken(realmURL, false);
  const readAll = async () => {
    const { epoch } = foundState(currentContainer() ?? globalThis) ?? {};
    const since = epoch?.log.now ?? 0;
    const tellLate = epoch?.guard((/** @type {string} */ realmURL, /** @type {string} */ token) => {
      // Unless the app has said something of that realm meanwhile.
      if (epoch.log.news({ [realmURL]: token }, since).length === 0) return;
      syncTokenToServiceWorker(realmURL, token);
      // The getter is the app's own place.
      epoch.log.addTokens({ [realmURL]: token });
    });
    /** By realm: at first as the page knows them, for a realm that takes long. */
    const tokens = new Map(list.map((realmURL) => [realmURL, epoch?.log.sureTokenOf(realmURL)]));
    let isOver = false;
    const gets = list.map(async (realmURL) => {
      const token = (await attemptToGet(realmURL).catch(() => {})) || undefined;
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
 * For oidc-client-ts. Tells the worker when a user is loaded, and when one is gone, or is not the one of before. Call it once
 * for a manager.
 * @param {Realms} realms that the access token is for
 * @param {UserManagerLike} manager
 * @returns {AdapterOptions}
 */
export function fromUserManager(realms, manager) {
  const list = listOf(realms);
  /** Who is logged in, if that is known. An opaque token does not tell it. @type {string | undefined} */
  let known;
  manager.events.addUserLoaded(({ access_token, profile }) => {
    const sub = profile?.sub ?? known;
    if (known !== undefined && sub !== known) clearServiceWorkerTokens();
    known = sub;
    list.forEach((realmURL) => syncTokenToServiceWorker(realmURL, access_token));
  });
  manager.events.addUserUnloaded(() => clearServiceWorkerTokens());
  return {
    realms: list,
    tokens: async () => {
      const user = await manager.getUser();
      // The first one alone: a new user is stored before the event tells of them.
      known ??= user?.profile?.sub;
      return user && !user.expired ? Object.fromEntries(list.map((realmURL) => [realmURL, user.access_token])) : {};
    },
    reauthenticate: async (realmURL) =>
      isIn(list, realmURL) ? (await manager.signinSilent())?.access_token : undefined,
    isLoggedIn: async () => !!(await manager.getUser()),
  };
}

/**
 * The realm of a Matrix homeserver's media, which need a token: https://spec.matrix.org/latest/client-server-api/#content-repository
 * @param {string | URL} homeserverURL
 * @returns {string}
 */
export const matrixMediaRealm = (homeserverURL) => new URL('/_matrix/client/v1/media/', homeserverURL).href;

/** @param {Realms} realms @returns {readonly string[]} */
const listOf = (realms) => (typeof realms === 'string' ? [realms] : realms);

/**
 * A worker names the realms that it knows, also those of another app of the origin, whose servers must not get this token.
 * @param {readonly string[]} realms
 * @param {string} realmURL
 */
const isIn = (realms, realmURL) =>
  realms.some((realm) => normalURL(parseRealmURL(realm) ?? '') === normalURL(realmURL));
