// The situations in a worker's life. Each has a button.
import { clearServiceWorkerTokens, syncAllTokensToServiceWorker, syncTokenToServiceWorker } from '/page.js';
import { currentUser, expireTokens, logIn, logOut, refreshToken } from '/session.js';

/** @typedef {{label: string, says: string, prepare: () => void | Promise<void>}} Case */

/** @param {string} user */
async function logInEverywhere(user) {
  syncAllTokensToServiceWorker(await logIn(user));
}

/** @type {Record<string, Case>} */
export const cases = {
  alice: {
    label: 'Alice',
    says: 'Alice is logged in and the page has told the worker her tokens.',
    prepare: () => logInEverywhere('alice'),
  },
  bob: {
    label: 'Bob',
    says: 'Bob is logged in. The same URLs below /me/ show his images, and Alice’s photos stay closed to him.',
    prepare: () => logInEverywhere('bob'),
  },
  'log-out': {
    label: 'Nobody',
    says: 'Nobody is logged in. Only the public realm may show, with the worker or without.',
    prepare() {
      logOut();
      clearServiceWorkerTokens();
    },
  },
  again: {
    label: 'Load again',
    says: 'Everything as before, loaded anew. The worker asks only about images it has no token for.',
    prepare() {},
  },
  drop: {
    label: 'Drop the worker’s tokens',
    says: 'The worker forgot every token. It held the requests, asked this page, and went on.',
    prepare: () => clearServiceWorkerTokens(),
  },
  'storage-only': {
    label: 'Token only in localStorage',
    says: 'New tokens lie in localStorage and nobody told the worker. It asked; the page looked them up.',
    async prepare() {
      clearServiceWorkerTokens();
      await logIn(currentUser() || 'alice');
    },
  },
  expire: {
    label: 'Expire the tokens',
    says: 'Worker and page held expired tokens. The worker asked, and the page refreshed each before it replied.',
    async prepare() {
      if (!currentUser()) await logIn('alice');
      syncAllTokensToServiceWorker(await expireTokens());
    },
  },
  'other-tab': {
    label: '',
    says: 'Another tab has logged in or out. A browser has one user at a time, so this tab shows what that user may see.',
    prepare() {},
  },
};

/** @param {string} realmURL @returns {Promise<string | undefined>} what the page package calls for a new token */
export async function reauthenticate(realmURL) {
  const token = await refreshToken(realmURL);
  syncTokenToServiceWorker(realmURL, token);
  return token;
}
