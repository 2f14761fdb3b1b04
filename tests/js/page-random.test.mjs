// Random lives of page.js as it is shipped: users come and go, and tokens of realms are refreshed and removed, here and in
// other tabs, by each way that there is, while reads, refreshes, asks and requests are on their way. Afterwards no token
// of a user who left, and none that the app has replaced or removed, is in a message, a reply or a request. What another
// tab has removed from storage is soon gone from the worker.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { dice } from './dice.mjs';
import {
  createCoreModule,
  FakeContainer,
  FakeServiceWorker,
  FakeServiceWorker2,
  navigatorOf,
  openWindow,
  OtherTabs,
  settled,
  stopTime,
} from './page-platform.mjs';
import { A, REALM } from './wire.mjs';
import { importShipped } from './package.mjs';

const { clearServiceWorkerTokens, registerAuthServiceWorker, syncAllTokensToServiceWorker, syncTokenToServiceWorker } =
  await importShipped('page.js');
const { authorisedURL } = await importShipped('authorised.js');

const LIVES = Number(process.env.LIVES ?? 200);
const ACTIONS = 40;
const REALMS = [REALM, A];

/** Moves time in longer steps than `pass`, since there are many. @param {number} ms */
async function pass(ms) {
  for (let left = ms; left > 0; left -= 100) {
    await settled();
    mock.timers.tick(Math.min(100, left));
  }
  await settled();
}

/**
 * A worker, and the tokens that it has been given.
 * @param {boolean} isVersion2
 * @param {(message: object) => void} hear
 */
function newWorker(isVersion2, hear) {
  /** @type {Map<string, string>} */
  const has = new Map();
  const worker = isVersion2 ? new FakeServiceWorker2() : new FakeServiceWorker();
  /** @param {Record<string, any>} data a message or a reply */
  const take = ({ type, realmURL, token, tokens = {} }) => {
    if (type === 'hello' && !isVersion2) return;
    if (type === 'clear-tokens' || type === 'sync-tokens') has.clear();
    if (type === 'remove-realm-token') has.delete(realmURL);
    for (const [realm, each] of Object.entries(tokens)) has.set(realm, each);
    if (token) has.set(realmURL, token);
  };
  const postMessage = worker.postMessage.bind(worker);
  worker.postMessage = (message, ports) => {
    hear(structuredClone(message));
    take(message);
    postMessage(message, ports);
  };
  return { worker, isVersion2, has, take };
}

/** @param {number} seed @returns {Promise<string>} the first fault; '' for none */
async function live(seed) {
  stopTime();
  const view = openWindow();
  const below = dice(seed);
  // The first number is nearly the same for neighbouring seeds.
  below(2);
  const isDecided = () => below(2) === 0;
  const isSlow = isDecided();
  const mayFail = below(4) === 0;
  let isFailing = false;
  let user = 0;
  let serial = 0;
  /** What the app's storage has. @type {Record<string, string>} */
  let tokens = {};
  /** The first serial that a token of a realm may have, after the app's last word on it. @type {Record<string, number>} */
  const least = {};
  /** What the page says, replies and requests. @type {object[]} */
  const heard = [];
  /** @type {string[]} */
  const actions = [];
  let fault = '';

  const issue = (/** @type {string} */ realm, kind = 'token') =>
    `${kind}-${++serial}-${REALMS.indexOf(realm)}-of-${user}.`;
  const inTime = async () => {
    if (isSlow) await new Promise((resolve) => setTimeout(resolve, below([100, 500, 4000][below(3)])));
  };
  /** The storage as it was when it was read. */
  const read = () => {
    if (isFailing) throw new Error('tokens() fails');
    const now = { ...tokens };
    return isSlow ? inTime().then(() => now) : now;
  };
  const reauthenticate = async (/** @type {string} */ realm) => {
    const token = issue(realm, 'fresh');
    const of = user;
    await inTime();
    if (of === user) tokens = { ...tokens, [realm]: token };
    return token;
  };

  const container = new FakeContainer();
  container.registration.scope = 'https://app.example/';
  const control = () => {
    const next = newWorker(below(4) > 0, (message) => heard.push(message));
    if (next.worker instanceof FakeServiceWorker2) next.worker.isDeaf = below(4) === 0;
    container.control(next.worker);
    return next;
  };
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: navigatorOf(container) });
  globalThis.fetch = async (url, init) => {
    heard.push({ request: String(url), headers: [...new Headers(init?.headers)] });
    return new Response();
  };
  const register = () =>
    registerAuthServiceWorker({
      createCoreModule,
      tokens: read,
      realmOf: ({ href }) => REALMS.find((realm) => href.startsWith(realm)),
      reauthenticate,
    });
  let now = control();
  await register();

  const stored = () => view.dispatchEvent(Object.assign(new Event('storage'), { key: 'boxel-session' }));
  const anyRealm = () => REALMS[below(2)];
  const without = (/** @type {string} */ realm) => {
    const { [realm]: _, ...others } = tokens;
    tokens = others;
  };
  /** The next user is there, or nobody. */
  const change = () => {
    user++;
    tokens = isDecided() ? Object.fromEntries(REALMS.map((realm) => [realm, issue(realm)])) : {};
  };
  /** Another tab tells the worker. */
  const changeElsewhere = () => {
    change();
    now.take({ type: 'sync-tokens', tokens });
  };
  /** @type {Record<string, () => unknown>} */
  const choices = {
    async ask() {
      const refresh = isDecided();
      const { worker, take, isVersion2 } = now;
      const asked = await container.ask(`${anyRealm()}1.png`, {
        source: worker,
        ...(isVersion2 && { reason: refresh ? 'rejected' : 'missing', refresh }),
      });
      const hear = (/** @type {object} */ reply) => {
        heard.push(reply);
        take(reply);
      };
      asked.replies.forEach(hear);
      const push = asked.replies.push.bind(asked.replies);
      asked.replies.push = (...replies) => {
        replies.forEach(hear);
        return push(...replies);
      };
    },
    fetch: () => REALMS.forEach((realm) => void authorisedURL(`${realm}1.pdf`).catch(() => {})),
    clear() {
      change();
      tokens = {};
      clearServiceWorkerTokens();
    },
    sync() {
      change();
      syncAllTokensToServiceWorker(tokens);
    },
    refresh() {
      const realm = anyRealm();
      tokens = { ...tokens, [realm]: issue(realm) };
      least[realm] = serial;
      syncTokenToServiceWorker(realm, tokens[realm]);
    },
    remove() {
      const realm = anyRealm();
      without(realm);
      least[realm] = ++serial;
      syncTokenToServiceWorker(realm, undefined);
    },
    sayAgain() {
      const realm = anyRealm();
      if (tokens[realm]) syncTokenToServiceWorker(realm, tokens[realm]);
    },
    async anotherTab() {
      changeElsewhere();
      await OtherTabs.say({ type: 'epoch-began' });
      stored();
    },
    async anotherTabOvertakes() {
      if (isFailing) return;
      const realm = anyRealm();
      const token = issue(realm);
      tokens = { ...tokens, [realm]: token };
      syncTokenToServiceWorker(realm, token);
      changeElsewhere();
      tokens = {};
      now.take({ type: 'sync-tokens' });
      now.take({ type: 'set-realm-token', realmURL: realm, token });
      await OtherTabs.say({ type: 'epoch-began' });
      heard.splice(0);
      stored();
      await pass(4500);
      if (now.has.has(realm)) fault = `the worker has the token of ${realm}, from before a logout in another tab`;
    },
    refreshElsewhere() {
      const realm = anyRealm();
      tokens = { ...tokens, [realm]: issue(realm) };
      stored();
    },
    removeElsewhere() {
      without(anyRealm());
      stored();
    },
    async removeElsewhereForLong() {
      // Where reading takes time or fails, the page may not have seen the token in storage.
      const realm = REALMS.find((each) => tokens[each]);
      if (!realm || isSlow || mayFail) return;
      if (isDecided()) syncAllTokensToServiceWorker(tokens);
      await pass(1100);
      without(realm);
      stored();
      await pass(2000);
      if (isDecided()) await register();
      isFailing = isDecided();
      await pass(4000);
      isFailing = false;
      stored();
      await pass(1000);
      if (now.has.has(realm)) fault = `the worker has the token of ${realm}, which another tab has removed`;
    },
    storage: stored,
    fail: () => (isFailing = mayFail && !isFailing),
    register,
    comeBack() {
      changeElsewhere();
      view.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    },
    control: () => (now = control()),
    wait() {},
  };
  /** @param {object} each what was heard @returns {boolean} whether it has a token that must not be there */
  const isOld = (each) =>
    [...JSON.stringify(each).matchAll(/(token|fresh)-(\d+)-(\d)-of-(\d+)\./g)].some(
      ([, kind, at, realm, of]) =>
        // What a refresh brings may be newer than a removal that came after its begin: the refresh may begin with one.
        Number(of) !== user || (kind === 'token' && Number(at) < (least[REALMS[Number(realm)]] ?? 0)),
    );
  const names = Object.keys(choices);
  const place = () => `seed ${seed}, after ${actions.slice(-8).join(', ')} (user ${user})`;
  for (let i = 0; i < ACTIONS; i++) {
    const name = names[below(names.length)];
    actions.push(name);
    await settled();
    heard.splice(0);
    await choices[name]();
    await pass(below(2) * below(3000));
    const old = heard.find(isOld);
    if (old) fault = JSON.stringify(old);
    if (fault) return `${place()}: ${fault}`;
  }
  return '';
}

test(`${LIVES} lives: no token of a user who left, and none that was replaced or removed`, async (t) => {
  const { navigator, fetch } = globalThis;
  t.after(() => Object.defineProperty(globalThis, 'navigator', { configurable: true, value: navigator }));
  t.after(() => Object.assign(globalThis, { fetch }));
  const from = Number(process.env.SEED ?? 1);
  for (let seed = from; seed < from + LIVES; seed++) assert.equal(await live(seed), '');
});
