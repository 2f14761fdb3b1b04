// The column that shows what the worker and the realm server do.
import { callApi } from '/api.js';
import { byId, make } from '/dom.js';

/** @typedef {import('./realm-server.mjs').LogEntry} LogEntry */

const linesShown = 40;
const roundsShown = 8;

/** @param {string} url */
const shortPath = (url) => url.replace(/^https?:\/\/[^/]+/, '').replace(/\?.*/, '');

/** @param {string} says what begins now */
export function beginRound(says) {
  const rounds = byId('asks');
  rounds.prepend(make('li', { class: 'round' }, make('p', {}, says), make('ol', {})));
  while (rounds.children.length > roundsShown) rounds.lastChild?.remove();
}

/** @param {string} requestURL @param {number} milliseconds since the round began */
export function showAsk(requestURL, milliseconds) {
  byId('asks')
    .querySelector('ol')
    ?.append(make('li', {}, make('code', {}, shortPath(requestURL)), make('span', {}, `${milliseconds} ms`)));
}

/** @param {boolean} hasToken @param {string} user the token's user; '' if it is not valid */
function tokenText(hasToken, user) {
  if (!hasToken) return 'no token';
  return user ? `${user[0].toUpperCase()}${user.slice(1)}’s token` : 'token rejected';
}

/** @param {number} since */
export async function showServerLog(since) {
  const entries = /** @type {LogEntry[]} */ (await callApi('/_log', { since: String(since) }));
  const lines = entries.filter(({ method, url }) => method !== 'OPTIONS' && url.includes('side=with&'));
  byId('server-log').replaceChildren(
    ...lines
      .slice(-linesShown)
      .reverse()
      .map(({ url, status, hasToken, user, range }) =>
        make(
          'li',
          { 'data-good': String(status < 400) },
          make('code', {}, shortPath(url)),
          make('span', {}, [tokenText(hasToken, user), range.replace('bytes=', '')].filter(Boolean).join(', ')),
          make('b', {}, String(status)),
        ),
      ),
  );
}
