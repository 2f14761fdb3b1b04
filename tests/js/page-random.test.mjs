// Random lives of page.js as it is shipped: users come and go by each way that there is while reads, refreshes and asks are
// on their way. No token of a user who left reaches a worker afterwards, in a message or a reply.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dice } from './dice.mjs';
import {
  createCoreModule,
  FakeContainer,
  FakeServiceWorker2,
  navigatorOf,
  openWindow,
  OtherTabs,
  pass,
  settled,
  stopTime,
} from './page-platform.mjs';
import { CAT, REALM } from './wire.mjs';
import { importShipped } from './package.mjs';

const { clearServiceWorkerTokens, registerAuthServiceWorker, syncAllTokensToServiceWorker, syncTokenToServiceWorker } =
  await importShipped('page.js');

const LIVES = Number(process.env.LIVES ?? 40);
const ACTIONS = 40;

/** @param {number} seed @returns {Promise<string>} the first fault; '' for none */
async function live(seed) {
  stopTime();
  const view = openWindow();
  const below = dice(seed);
  const isDecided = () => below(2) === 0;
  const isSlow = isDecided();
  let user = 0;
  let serial = 0;
  /** What the app's storage has. @type {Record<string, string>} */
  let tokens = {};
  /** What the page says and answers. @type {object[]} */
  const heard = [];
  /** @type {string[]} */
  const actions = [];

  const issue = () => `token-${++serial}-of-${user}.`;
  /** @template T @param {T} value @returns {T | Promise<T>} what the app's functions bring: what was so when they were called */
  const inTime = (value) => (isSlow ? new Promise((resolve) => setTimeout(resolve, below(4000), value)) : value);

  const newWorker = () => {
    const worker = new FakeServiceWorker2();
    const { postMessage } = worker;
    worker.postMessage = (/** @type {any} */ message, /** @type {any} */ ports) => {
      heard.push(structuredClone(message));
      postMessage.call(worker, message, ports);
    };
    worker.isDeaf = below(4) === 0;
    return worker;
  };
  const container = new FakeContainer();
  container.registration.scope = 'https://app.example/';
  let worker = newWorker();
  container.control(worker);
  await registerAuthServiceWorker({
    navigator: navigatorOf(container),
    createCoreModule,
    tokens: () => inTime({ ...tokens }),
    realmOf: () => REALM,
    reauthenticate: () => inTime(issue()),
  });

  const stored = () => view.dispatchEvent(Object.assign(new Event('storage'), { key: 'boxel-session' }));
  /** The next user is there, or nobody. */
  const change = () => {
    user++;
    tokens = isDecided() ? { [REALM]: issue() } : {};
  };
  /** @type {Record<string, () => unknown>} */
  const choices = {
    async ask() {
      const refresh = isDecided();
      const asked = await container.ask(CAT, { source: worker, reason: refresh ? 'rejected' : 'missing', refresh });
      const push = asked.replies.push.bind(asked.replies);
      heard.push(...asked.replies);
      asked.replies.push = (...replies) => heard.push(...replies) && push(...replies);
    },
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
      tokens = { [REALM]: issue() };
      syncTokenToServiceWorker(REALM, tokens[REALM]);
    },
    remove() {
      tokens = {};
      syncTokenToServiceWorker(REALM, undefined);
    },
    async anotherTab() {
      change();
      await OtherTabs.say({ type: 'epoch-began' });
      stored();
    },
    storage: stored,
    comeBack() {
      change();
      view.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    },
    control() {
      worker = newWorker();
      container.control(worker);
    },
    wait() {},
  };
  const names = Object.keys(choices);
  for (let i = 0; i < ACTIONS; i++) {
    const name = names[below(names.length)];
    actions.push(name);
    await settled();
    heard.splice(0);
    await choices[name]();
    await pass(below(2) * below(3000));
    const old = heard.find((each) =>
      [...JSON.stringify(each).matchAll(/-of-(\d+)\./g)].some(([, of]) => Number(of) !== user),
    );
    if (old) return `seed ${seed}, after ${actions.slice(-8).join(', ')} (user ${user}): ${JSON.stringify(old)}`;
  }
  return '';
}

test(`${LIVES} lives: no token of a user who left`, async () => {
  for (let seed = 1; seed <= LIVES; seed++) assert.equal(await live(seed), '');
});
