// Keeps who is logged in, and their tokens. Every app has such a part already.
import { catalogue } from '/catalogue.js';
import { callApi } from '/api.js';

/** @typedef {Record<string, string>} Tokens  realm URL to token */

const tokensKey = 'boxel-session';
const userKey = 'demo-user';
const startedKey = 'demo-server-started';

/** @param {Tokens} tokens */
const store = (tokens) => localStorage.setItem(tokensKey, JSON.stringify(tokens));

/** @returns {Tokens} */
const stored = () => JSON.parse(localStorage.getItem(tokensKey) ?? '{}');

export const currentUser = () => localStorage.getItem(userKey) ?? '';

/** @param {string} user @returns {Promise<Tokens>} */
export async function logIn(user) {
  const tokens = await callApi('/_login', { user });
  localStorage.setItem(userKey, user);
  store(tokens);
  return tokens;
}

export function logOut() {
  localStorage.setItem(userKey, '');
  localStorage.removeItem(tokensKey);
}

/** Puts expired tokens into storage. @returns {Promise<Tokens>} */
export async function expireTokens() {
  const tokens = await callApi('/_expired', { user: currentUser() });
  store(tokens);
  return tokens;
}

/** @param {string} realmURL @returns {Promise<string | undefined>} a new token, stored */
export async function refreshToken(realmURL) {
  const { [realmURL]: token } = await callApi('/_refresh', { user: currentUser(), realm: realmURL });
  if (token) store({ ...stored(), [realmURL]: token });
  return token;
}

/** Logs Alice in on a first visit. Also after a restart of the server, which then has a new secret. */
export async function startSession() {
  if (localStorage.getItem(startedKey) === String(catalogue.started)) return;
  if (localStorage.getItem(userKey) !== '') await logIn(currentUser() || 'alice');
  localStorage.setItem(startedKey, String(catalogue.started));
}

/** @param {URL} url @returns {string | undefined} the realm that needs a token for this URL */
export function realmOf(url) {
  const [owner] = catalogue.realms
    .filter(({ url: realmURL }) => url.href.startsWith(realmURL))
    .sort((a, b) => b.url.length - a.url.length);
  return owner?.users === 'everyone' ? undefined : owner?.url;
}

/** @param {() => void} heard called when another tab has logged in or out */
export const onOtherTab = (heard) => addEventListener('storage', ({ key }) => key === userKey && heard());
