// Decides what follows from the page's reply to an ask.
import { coveringRealm } from '../page/covering-realm.js';
import { setTimeout } from '../page/platform.js';
import { warnOnce } from '../page/warn.js';
import { withoutSecrets } from '../realm-url.js';
import { repairerOf } from './repairer.js';

/** If the worker may ask again, it does so within this time. */
const NEXT_ASK_MS = 100;

/**
 * @typedef {object} SentReply
 * @property {URL} [url] the one that was asked about; undefined if it cannot be parsed
 * @property {import('../page/asks.js').FinalReply} reply
 * @property {string[]} realms the realms for which the page has a token
 * @property {boolean} wantsList the worker takes a list of all tokens, and finds the one for the URL
 * @property {boolean} isOfNow the epoch has not ended since the ask
 */

/**
 * @param {SentReply} sent
 * @param {import('../page/failures.js').Failures} [failures] missing if the page has registered no worker
 */
export function followReply({ url, reply, realms, wantsList, isOfNow }, failures) {
  const mayFollow = 'refresh' in reply;
  const hasToken = 'token' in reply || (wantsList && !!url && !!coveringRealm(realms, url));
  if (url && !hasToken && !mayFollow) explainMiss(realms, url);
  if (!failures) return;
  const end = () => {
    failures.asks--;
    repairerOf(failures).replied(isOfNow && hasToken);
  };
  // The worker knows the realm now. If it may ask again, its next ask decides.
  if (isOfNow && !hasToken && mayFollow) setTimeout(end, NEXT_ASK_MS);
  else end();
}

/**
 * Tells the developer, once for each realm, why its token was not used for a URL that no token covers.
 * @param {string[]} realms that have one
 * @param {URL} url
 */
function explainMiss(realms, { protocol, hostname, origin, href }) {
  if (origin === globalThis.location?.origin) return;
  const folder = href.slice(0, href.lastIndexOf('/', href.search(/[?#]|$/)) + 1);
  for (const realm of realms) {
    const isLonger = folder !== `${origin}/` && realm.startsWith(folder) && realm !== folder;
    const isOfAnotherPort =
      [':', '/'].some((end) => realm.startsWith(`${protocol}//${hostname}${end}`)) && !realm.startsWith(`${origin}/`);
    if (!isLonger && !isOfAnotherPort) continue;
    warnOnce(
      `there is no token for ${folder}: that of the realm ${withoutSecrets(realm)} is for another ${isLonger ? 'path' : 'port'}. The URLs of all ` +
        "images of a realm must begin with the realm's URL.",
    );
  }
}
