// A random life of an app's tabs with the demo's realm server. The server's log is the judge.
import { dice } from '../js/dice.mjs';
import { startRealmServer } from '../../web/realm-server.mjs';
import { controlled, shownWidths, storeTokens, workerStats } from './in-page.mjs';
import { launch } from './launcher.mjs';
import { startApp, startServer } from './servers.mjs';
import { png } from './story.mjs';
import { until } from './until.mjs';

/** @typedef {import('./launcher.mjs').Tab} Tab */
/** @typedef {'alice' | 'bob' | ''} User '' is nobody */
/**
 * @typedef {object} Verdict
 * @property {number} actions
 * @property {number} images requested
 * @property {number} restarts of the worker
 * @property {number} requests that the realm server saw
 * @property {number} memoryBytes the core's, at the end
 * @property {string[]} faults
 */

const MAX_TABS = 4;
const IMAGES_AT_ONCE = 12;
/** The core starts with 1 MiB. A few realms and clients make it grow only by a few steps. */
const MEMORY_BYTES = 4 * 1024 * 1024;

/**
 * @param {import('./launcher.mjs').Engine} engine
 * @param {number} seconds
 * @param {number} seed
 * @returns {Promise<Verdict>}
 */
export async function soak(engine, seconds, seed) {
  const below = dice(seed);
  const realmServer = await startRealmServer(0);
  const strangers = await startServer(() => ({ status: 200, headers: { 'Access-Control-Allow-Origin': '*' }, ...png }));
  const protectedRealms = realmServer.realms.filter(({ users }) => users !== 'everyone');
  const app = await startApp(
    { '/': appPage(protectedRealms.map(realmServer.urlOf)), ...api(realmServer) },
    'self-contained',
  );
  const browser = await launch(engine);

  /** @type {User} */
  let user = '';
  /** @type {Tab[]} */
  const tabs = [];
  /** @type {string[]} */
  const faults = [];
  /** @type {Record<string, User>} who was logged in when the image was requested, by the number in its URL */
  const askedBy = {};
  const verdict = { actions: 0, images: 0, restarts: 0, requests: 0, memoryBytes: 0, faults };
  let lastImage = 0;

  const anyTab = () => tabs[below(tabs.length)];
  const openTab = async () => {
    const tab = await browser.openTab();
    await tab.goto(`${app.origin}/`);
    await tab.evaluate(controlled);
    tabs.push(tab);
  };

  const images = realmServer.realms.flatMap((realm) =>
    realm.images
      .filter(({ kind }) => kind !== 'video')
      .map(({ name }) => ({ realm, url: realmServer.urlOf(realm) + name })),
  );

  const wantedImages = () =>
    Array.from({ length: 1 + below(IMAGES_AT_ONCE) }, () => {
      const { realm, url } = images[below(images.length)];
      const id = String(++lastImage);
      askedBy[id] = user;
      const mayShow = realm.users === 'everyone' || (user !== '' && realm.users.includes(user));
      return { url: `${url}?soak=${id}`, mayShow };
    });
  /** @param {ReturnType<typeof wantedImages>} wanted @param {number[]} widths @param {string} where */
  const judgeImages = (wanted, widths, where) => {
    verdict.images += wanted.length;
    wanted.forEach(({ url, mayShow }, at) => {
      if (widths[at] > 0 !== mayShow)
        faults.push(`${url} ${mayShow ? 'is broken for' : 'shows to'} ${user || 'nobody'} ${where}`);
    });
  };

  const actions = {
    async images() {
      const wanted = wantedImages();
      const stranger = `${strangers.origin}/${lastImage}.png`;
      const widths = await anyTab().evaluate(shownWidths, [...wanted.map(({ url }) => url), stranger]);
      judgeImages(wanted, widths, 'in a page');
      if (!widths.at(-1)) faults.push(`${stranger} is broken`);
    },
    async frame() {
      const wanted = wantedImages();
      const way = frameWays[below(frameWays.length)];
      judgeImages(wanted, await anyTab().evaluate(widthsInFrame, wanted, way), `in a frame: ${way}`);
    },
    async kill() {
      await anyTab().stopWorkers();
      verdict.restarts++;
    },
    async logIn() {
      user = below(2) === 0 ? 'alice' : 'bob';
      await inAllTabs(anyTab(), await realmServer.tokens.issue(user));
    },
    async logOut() {
      user = '';
      await inAllTabs(anyTab(), undefined);
    },
    async refresh() {
      if (user) await inAllTabs(anyTab(), await realmServer.tokens.issue(user));
    },
    /** All tokens expire, as after a night: the page has to get new ones from the app. */
    async expire() {
      if (!user) return;
      await anyTab().evaluate(storeTokens, await realmServer.tokens.issue(user, { expired: true }));
      await actions.kill();
    },
    async reload() {
      const tab = anyTab();
      await tab.goto(`${app.origin}/`);
      await tab.evaluate(controlled);
    },
    async hardReload() {
      const tab = anyTab();
      await tab.hardReload();
      await tab.evaluate(controlled);
    },
    async open() {
      if (tabs.length < MAX_TABS) await openTab();
    },
    async close() {
      if (tabs.length > 1) await tabs.splice(below(tabs.length), 1)[0].close();
    },
  };
  /** The actions, each as often as it is chosen. @type {(keyof typeof actions)[]} */
  const choices = [
    ...Array(12).fill('images'),
    ...Array(4).fill('frame'),
    'kill',
    'kill',
    'logIn',
    'logIn',
    'logOut',
    'refresh',
    'refresh',
    'expire',
    'reload',
    'reload',
    'hardReload',
    'open',
    'close',
  ];

  /**
   * A login, a refresh or a logout in one tab. The other tabs hear of it.
   * @param {Tab} tab
   * @param {Record<string, string> | undefined} tokens
   */
  async function inAllTabs(tab, tokens) {
    await tab.evaluate(setSession, tokens ?? null, user);
    // The worker hears of the change only when a tab has said it, or has seen it in its storage. Images that are
    // requested earlier are those of the previous user.
    for (const each of tabs) {
      await until('the user in the storage of each tab', async () => (await each.evaluate(storedUser)) === user);
      await each.evaluate(workerStats);
    }
  }

  const judge = () => {
    for (const { url, hasToken, tokenRealm, user: speaksFor, status } of realmServer.log.splice(0)) {
      verdict.requests++;
      const full = realmServer.origin + url;
      if (hasToken && !full.startsWith(tokenRealm || 'no realm'))
        faults.push(`a token of ${tokenRealm} went to ${url}`);
      const id = new URL(full).searchParams.get('soak') ?? '';
      if (status === 200 && hasToken && askedBy[id] !== undefined && speaksFor && askedBy[id] !== speaksFor) {
        faults.push(`${url}, requested for ${askedBy[id] || 'nobody'}, was sent with a token of ${speaksFor}`);
      }
    }
    for (const { url, authorization } of strangers.log.entries.splice(0)) {
      if (authorization !== undefined) faults.push(`a stranger got a token: ${url}`);
    }
  };

  try {
    await openTab();
    await actions.logIn();
    for (const end = Date.now() + seconds * 1000; Date.now() < end && faults.length < 20; verdict.actions++) {
      const action = verdict.actions % 2 === 0 ? 'images' : choices[below(choices.length)];
      await within(90_000, actions[action](), `${action} (seed ${seed}, action ${verdict.actions})`);
      judge();
    }
    judge();
    const stats = await until('a worker at rest', async () => {
      const now = await tabs[0].evaluate(workerStats);
      return now && now.waiters === 0 && now.requests === 0 ? now : undefined;
    });
    verdict.memoryBytes = stats.memoryBytes;
    if (stats.memoryBytes > MEMORY_BYTES) faults.push(`the core's memory has grown to ${stats.memoryBytes} bytes`);
  } finally {
    await browser.close().catch(() => {});
    app.close();
    strangers.close();
    realmServer.close();
  }
  return verdict;
}

/**
 * Rejects if the promise takes longer.
 * @template T
 * @param {number} ms
 * @param {Promise<T>} promise
 * @param {string} what
 * @returns {Promise<T>}
 */
export async function within(ms, promise, what) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(reject, ms, new Error(`${what} did not end`))));
  try {
    return await Promise.race([promise, /** @type {Promise<never>} */ (late)]);
  } finally {
    clearTimeout(timer);
  }
}

// ── The app ─────────────────────────────────────────────────────────────────────────────────────

/** @param {Awaited<ReturnType<typeof startRealmServer>>} realmServer @returns {Parameters<typeof startApp>[0]} */
function api(realmServer) {
  return Object.fromEntries(
    realmServer.realms.flatMap((realm) =>
      /** @type {const} */ (['alice', 'bob']).map((user) => [
        `/refresh${realm.path}${user}`,
        async () => ({
          status: 200,
          type: 'application/json',
          body: JSON.stringify(await realmServer.tokens.issue(user, { realmURL: realmServer.urlOf(realm) })),
        }),
      ]),
    ),
  );
}

/** @param {string[]} realmURLs */
const appPage = (realmURLs) => `<!doctype html>
<meta charset="utf-8">
<title>An app</title>
<link rel="icon" href="data:,">
<script src="/early.js"></script>
<script type="module">
  import * as auth from '/page.js';
  globalThis.auth = auth;
  const realmURLs = ${JSON.stringify(realmURLs)};
  const read = () => JSON.parse(localStorage.getItem('boxel-session') ?? '{}');
  auth.registerAuthServiceWorker({
    realms: realmURLs,
    realmOf: ({ href }) => realmURLs.filter((realmURL) => href.startsWith(realmURL)).sort((a, b) => b.length - a.length)[0],
    isLoggedIn: () => !!localStorage.getItem('user'),
    // The worker leaves a POST alone.
    async reauthenticate(realmURL) {
      const user = localStorage.getItem('user');
      const response = await fetch('/refresh' + new URL(realmURL).pathname + user, { method: 'POST' });
      const { [realmURL]: token } = response.ok ? await response.json() : {};
      if (token && localStorage.getItem('user') === user) localStorage.setItem('boxel-session', JSON.stringify({ ...read(), [realmURL]: token }));
      return token;
    },
  });
</script>`;

// ── In the page ─────────────────────────────────────────────────────────────────────────────────

const frameWays = ['srcdoc', 'srcdoc, later', 'about:blank'];

/**
 * @param {{url: string, mayShow: boolean}[]} wanted
 * @param {string} way
 * @returns {Promise<number[]>} the width of each image in a frame, once all that may show do so, or never will
 */
async function widthsInFrame(wanted, way) {
  const PATIENCE_MS = 6000;
  const html = wanted.map(({ url }) => `<img src="${url}">`).join('');
  const frame = document.createElement('iframe');
  if (way === 'srcdoc') frame.srcdoc = html;
  const isLoaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  await isLoaded;
  if (way === 'srcdoc, later') frame.srcdoc = html;
  const inner = () => /** @type {Document} */ (frame.contentDocument);
  if (way === 'about:blank') inner().body.innerHTML = html;
  // If the page shows an image for the frame, it has no natural width. The sign of a broken image is narrower.
  const widthOf = (/** @type {HTMLImageElement} */ { naturalWidth, offsetWidth }) =>
    naturalWidth || (offsetWidth >= 40 ? offsetWidth : 0);
  const isSettled = () =>
    inner().images.length === wanted.length &&
    [...inner().images].every((image, at) => (wanted[at].mayShow ? widthOf(image) > 0 : image.complete));
  for (const start = performance.now(); !isSettled() && performance.now() - start < PATIENCE_MS; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const found = wanted.map((_, at) => (inner().images[at] ? widthOf(inner().images[at]) : 0));
  frame.remove();
  return found;
}

/** Tabs see changes in their order, so a tab that sees the user sees the tokens too. */
function storedUser() {
  return localStorage.getItem('user') ?? '';
}

/** @param {Record<string, string> | null} tokens @param {string} user */
function setSession(tokens, user) {
  if (tokens) {
    localStorage.setItem('boxel-session', JSON.stringify(tokens));
    localStorage.setItem('user', user);
    auth.syncAllTokensToServiceWorker(tokens);
  } else {
    localStorage.removeItem('boxel-session');
    localStorage.removeItem('user');
    auth.clearServiceWorkerTokens();
  }
}
