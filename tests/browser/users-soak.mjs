// Users of one browser come and go at random, with opaque tokens and a server that lets the browser keep their
// images. What each sees, and the tokens that reach the server, are the judges.
import { workerStats } from './in-page.mjs';
import { launch } from './launcher.mjs';
import { packageFolder, startApp, startRealmServer } from './servers.mjs';
import { dice } from '../js/dice.mjs';
import { within } from './soak.mjs';
import { appPage, png, pngOfWidth } from './story.mjs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {import('./launcher.mjs').Tab} Tab */
/** @typedef {'alice' | 'bob'} User */
/**
 * @typedef {object} Verdict
 * @property {number} actions
 * @property {number} images looked at
 * @property {number} bypassed those that were broken since the worker of their page was replaced
 * @property {number} changes of user, logouts included
 * @property {number} restarts of the worker
 * @property {number} updates of the worker
 * @property {number} lost navigations: see `load`
 * @property {string[]} faults
 */

/** Both realms are on one host. Each user sees images of a width of their own. */
const REALM_PATHS = ['/photos/', '/music/'];
const WIDTHS = { alice: 64, bob: 32 };
const IMAGES = 4;
const ACTION_MS = 90_000;
/** No page takes as long on a busy machine. */
const LOST_MS = 15_000;

/**
 * @param {import('./launcher.mjs').Engine} engine
 * @param {number} seconds
 * @param {number} seed
 * @returns {Promise<Verdict>}
 */
export async function soakUsers(engine, seconds, seed) {
  const below = dice(seed);
  const isDecided = () => below(2) === 0;
  const realms = Object.fromEntries(
    REALM_PATHS.map((path) => [
      path,
      // No `Vary: Authorization`: to the browser's cache, the images of all users are one.
      {
        file: png,
        files: /** @type {Record<string, import('./servers.mjs').File>} */ ({}),
        headers: { 'Cache-Control': 'private, max-age=600' },
      },
    ]),
  );
  const realmServer = await startRealmServer(realms);
  const workerSource = await readFile(`${packageFolder}/auth-service-worker.js`, 'utf8');
  /** @type {Parameters<typeof startApp>[0]} */
  const served = { '/': appPage() };
  const app = await startApp(served, 'self-contained');
  const browser = await launch(engine);

  /** Who is logged in. @type {User | undefined} */
  let user;
  /** Realm URL → token, for the current user. @type {Record<string, string>} */
  let tokens = {};
  let lastToken = 0;
  /** @type {Tab[]} */
  const tabs = [];
  /** @type {string[]} */
  const faults = [];
  const verdict = { actions: 0, images: 0, bypassed: 0, changes: 0, restarts: 0, updates: 0, lost: 0, faults };

  const anyTab = () => tabs[below(tabs.length)];
  /**
   * Loads the app. Chromium now and then never sends a navigation that begins while a version of the worker replaces
   * another. All other requests get a response, and so does the next navigation of the same tab. The worker holds no
   * request.
   * @param {Tab} tab
   */
  const load = async (tab) => {
    const url = `${app.origin}/`;
    const seen = app.log.entries.length;
    const loading = tab.goto(url).then(() => true);
    if (engine !== 'chromium' || (await Promise.race([loading, sleep(LOST_MS, false, { ref: false })]))) return loading;
    loading.catch(() => {});
    const { waiters, asks } = (await tabs[0]?.evaluate(workerStats)) ?? {};
    const isSent = app.log.entries.slice(seen).some(({ path }) => path === '/');
    if (isSent || waiters !== 0 || asks !== 0) throw new Error(`a page is not shown: ${waiters} waiters, ${asks} asks`);
    if (++verdict.lost > 1 + verdict.actions / 200) faults.push(`${verdict.lost} navigations are lost`);
    await tab.goto(url);
  };
  const openTab = async () => {
    const tab = await browser.openTab();
    await load(tab);
    await tab.evaluate(registered);
    return tab;
  };

  const issueTokens = (/** @type {User} */ to) => {
    // Now and then a user has only one of the two realms.
    const paths = below(4) === 0 ? [REALM_PATHS[below(2)]] : REALM_PATHS;
    return Object.fromEntries(
      paths.map((path) => {
        const token = `opaque-${++lastToken}-${to}`;
        realms[path].files[token] = pngOfWidth(WIDTHS[to]);
        return [realmServer.origin + path, token];
      }),
    );
  };

  /**
   * Changes the user in one tab. The others hear of it through storage.
   * @param {User | undefined} next
   * @param {Record<string, string>} nextTokens
   */
  const change = async (next, nextTokens) => {
    const isOneByOne = isDecided();
    if (below(3) > 0) await actions.kill();
    else if (isDecided()) await actions.update();
    judgeTokens();
    // The earlier tokens are no longer valid, neither here nor at the server.
    for (const path of REALM_PATHS) realms[path].files = {};
    if (next)
      for (const [url, token] of Object.entries(nextTokens))
        realms[new URL(url).pathname].files[token] = pngOfWidth(WIDTHS[next]);
    const before = Object.keys(tokens);
    [user, tokens] = [next, nextTokens];
    verdict.changes++;
    await anyTab().evaluate(setSession, nextTokens, before, isOneByOne);
    for (const tab of tabs) await tab.evaluate(workerStats);
    realmServer.log.entries.splice(0);
  };

  const actions = {
    /** Looks at images in a new tab: an old one shows what it has in its own memory. */
    async look() {
      const urls = REALM_PATHS.flatMap((path) =>
        Array.from({ length: IMAGES }, (_, i) => `${realmServer.origin}${path}${i}.png`),
      ).filter(isDecided);
      const tab = await openTab();
      const widths = await tab.evaluate(lastingWidths, urls);
      const isBypassed = await tab.evaluate(hasReplacedWorker);
      await tab.close();
      verdict.images += urls.length;
      urls.forEach((url, at) => {
        const mayShow = user && Object.keys(tokens).some((realm) => url.startsWith(realm));
        const wanted = mayShow ? WIDTHS[/** @type {User} */ (user)] : 0;
        if (widths[at] === 0 && wanted > 0 && isBypassed) verdict.bypassed++;
        else if (widths[at] !== wanted)
          faults.push(`${url} has width ${widths[at]} for ${user ?? 'nobody'}, not ${wanted}`);
      });
    },
    logIn: async () => {
      const next = isDecided() ? 'alice' : 'bob';
      await change(next, issueTokens(next));
    },
    logOut: () => change(undefined, {}),
    async kill() {
      await anyTab().stopWorkers();
      verdict.restarts++;
    },
    /** A new version installs and reads what the worker saved, while the old one still works. */
    async update() {
      served['/auth-service-worker.js'] = {
        status: 200,
        type: 'text/javascript',
        body: `${workerSource}\n// ${++verdict.updates}`,
      };
      await anyTab().evaluate(startUpdate);
    },
    async open() {
      if (tabs.length < 2) tabs.push(await openTab());
    },
    async close() {
      if (tabs.length > 1) await tabs.splice(below(tabs.length), 1)[0].close();
    },
  };
  /** The actions, each as often as it is chosen. @type {(keyof typeof actions)[]} */
  const choices = ['logIn', 'logIn', 'logIn', 'logOut', 'logOut', 'kill', 'update', 'open', 'close'];

  /** No token of an earlier user reaches the server. */
  const judgeTokens = () => {
    for (const { url, authorization } of realmServer.log.entries.splice(0)) {
      const token = authorization?.replace(/^Bearer /, '');
      if (token && !Object.values(tokens).includes(token))
        faults.push(`${url} was sent with ${token} while ${user ?? 'nobody'} was logged in`);
    }
  };

  try {
    tabs.push(await openTab(), await openTab());
    await actions.logIn();
    for (const end = Date.now() + seconds * 1000; Date.now() < end && faults.length < 20; verdict.actions++) {
      const action = verdict.actions % 2 === 0 ? 'look' : choices[below(choices.length)];
      await within(ACTION_MS, actions[action](), `${action} (seed ${seed}, action ${verdict.actions})`);
      judgeTokens();
    }
  } finally {
    await browser.close().catch(() => {});
    app.close();
    realmServer.close();
  }
  return verdict;
}

// ── In the page ─────────────────────────────────────────────────────────────────────────────────

/** Settles once a worker controls the page. @returns {Promise<boolean>} */
const registered = async () => {
  const isControlled = await auth.whenControlled();
  navigator.serviceWorker.addEventListener('controllerchange', () =>
    Object.assign(globalThis, { isWorkerReplaced: true }),
  );
  return isControlled;
};

/**
 * Returns the widths of images in the document. The package may request them again: the app hears only of failures that
 * last.
 * @param {string[]} urls
 * @returns {Promise<number[]>} 0 for a failure
 */
const lastingWidths = (urls) =>
  Promise.all(
    urls.map(
      (src) =>
        new Promise((resolve) => {
          const image = new Image();
          image.onload = () => resolve(image.naturalWidth);
          image.onerror = () => resolve(0);
          document.body.append(image);
          image.src = src;
        }),
    ),
  );

/**
 * In Firefox, a page that is opened while a version of the worker replaces another may have the one that is gone: its
 * requests bypass both. Some of these pages get the new one a moment later. The others keep the old one: neither
 * claim() nor register() nor update() changes that.
 * @returns {Promise<boolean>}
 */
const hasReplacedWorker = async () =>
  'isWorkerReplaced' in globalThis ||
  (await navigator.serviceWorker.getRegistration())?.active !== navigator.serviceWorker.controller;

/** @returns {Promise<void>} settles once the update has begun */
const startUpdate = async () => {
  (await navigator.serviceWorker.ready).update().catch(() => {});
};

/**
 * Does what an app does when its user changes.
 * @param {Record<string, string>} tokens none: a logout
 * @param {string[]} before realms of the previous user
 * @param {boolean} isOneByOne whether it says so realm by realm
 */
function setSession(tokens, before, isOneByOne) {
  const realms = Object.keys(tokens);
  if (realms.length > 0) localStorage.setItem('boxel-session', JSON.stringify(tokens));
  else localStorage.removeItem('boxel-session');
  if (isOneByOne) {
    // An opaque token that only replaces another one counts as the same user's.
    for (const realm of before) auth.syncTokenToServiceWorker(realm, undefined);
    for (const realm of realms) auth.syncTokenToServiceWorker(realm, tokens[realm]);
  } else if (realms.length > 0) {
    auth.syncAllTokensToServiceWorker(tokens);
  } else {
    auth.clearServiceWorkerTokens();
  }
}
