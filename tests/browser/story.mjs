// The beginning of every story: an app on an origin of its own, so that its worker is new, and realms on another
// origin.
import { appendFileSync } from 'node:fs';
import { after, before, test as testOnce } from 'node:test';
import { landscapePng } from '../../web/png-image.mjs';
import { DriverFault, despiteDriver, isOfDriver } from './driver-fault.mjs';
import { controlled, pushToken, workerStats } from './in-page.mjs';
import { engineOfRun, launch } from './launcher.mjs';
import { startApp, startRealmServer } from './servers.mjs';

/** @typedef {import('./launcher.mjs').Browser} Browser */
/** @typedef {import('./servers.mjs').Realm} Realm */
/** @typedef {Pick<import('node:test').TestContext, 'after'>} Cleanup */

/** @param {number} width */
export const pngOfWidth = (width) => ({
  type: 'image/png',
  body: landscapePng(
    { seed: 5, sky: [122, 70, 96], horizon: [136, 129, 112], near: [38, 74, 84], sun: [0.3, 0.2] },
    width,
    40,
  ),
});

export const png = pngOfWidth(64);

/** If the driver fails, a new browser usually succeeds. */
const TRIES = 2;

/** No story takes as long on a busy machine. If one does, it hangs, and that counts as a fault of the driver. */
const LONGEST_STORY_MS = 90_000;

/** The browser of all `describe`s of a run, so that it is started once. @type {Browser} */
const browser = /** @type {Browser} */ ({});
/** How many still need it: `describe`s that have not ended, and calls of holdBrowser(). */
let users = 0;
/** The functions to call when the running `describe` ends. @type {(() => any)[]} */
const ends = [];
/**
 * The functions that open the apps that stories of the running `describe` share: see `useStory`.
 * @type {(() => Promise<void>)[]}
 */
const openers = [];

/**
 * Returns the browser of the run.
 * @returns {Browser} usable in the tests of the `describe` that calls this
 */
export function useBrowser() {
  const release = holdBrowser();
  before(async () => {
    if (!browser.isUsable?.()) await renewBrowser();
  });
  after(async () => {
    openers.length = 0;
    try {
      await endAll(ends);
      await browser.forget();
    } finally {
      await release();
    }
  });
  return browser;
}

async function renewBrowser() {
  await browser.close?.().catch(() => {});
  Object.assign(browser, await launch());
}

/** @param {(() => any)[]} ends if one fails, the others still run */
async function endAll(ends) {
  /** @type {unknown[]} */
  const errors = [];
  for (const end of ends.splice(0))
    await Promise.resolve()
      .then(end)
      .catch((error) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

/**
 * A test of `node:test` that runs once more, in a new browser, if it fails: stories depend on the time that a browser
 * takes, and the machine may be busy. The file that FLAKY_STORIES names lists the tests that failed: tests/run shows
 * them, and fails when there are many.
 * @param {string} name
 * @param {(t: Cleanup) => Promise<void>} story
 */
export const test = (name, story) => tell(name, story, () => true);

/**
 * The same, but only a fault of the driver is forgiven. For stories about tokens and images that go where they must not
 * go: once is too often.
 * @type {typeof test}
 */
export const strictTest = (name, story) => tell(name, story, isOfDriver);

/**
 * @param {string} name
 * @param {(t: Cleanup) => Promise<void>} story
 * @param {(error: unknown) => boolean} isForgivable
 */
function tell(name, story, isForgivable) {
  return testOnce(name, (t) => {
    /** @type {(() => any)[]} */
    const endsOfTry = [];
    const cleanup = { after: (/** @type {any} */ end) => void endsOfTry.push(end) };
    t.after(() => endAll(endsOfTry));
    return despiteDriver(
      TRIES,
      () => beforeLongestStory(story(cleanup)),
      async (error) => {
        t.diagnostic(`${error}: again, in a new browser`);
        noteFlaky(name, error);
        await endAll(endsOfTry).catch(() => {});
        await endAll(ends).catch(() => {});
        await renewBrowser();
        for (const open of openers) await open();
      },
      isForgivable,
    );
  });
}

/** @template T @param {Promise<T>} story @returns {Promise<T>} */
async function beforeLongestStory(story) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new DriverFault(`no end in ${LONGEST_STORY_MS} ms`)), LONGEST_STORY_MS);
  });
  return /** @type {Promise<T>} */ (Promise.race([story, tooLong])).finally(() => clearTimeout(timer));
}

/**
 * Notes a story that has failed and is tried again.
 * @param {string} name
 * @param {any} error
 * @param {import('./launcher.mjs').Engine} [engine]
 */
export function noteFlaky(name, error, engine = engineOfRun) {
  const file = process.env.FLAKY_STORIES;
  const [reason] = String(error?.message ?? error).split('\n');
  if (file) appendFileSync(file, `${engine}: ${name}: ${reason}\n`);
}

/** Keeps the browser open until the returned function is called. */
export function holdBrowser() {
  users++;
  return async () => {
    if (--users === 0) await browser.close?.();
  };
}

/**
 * Opens one app for all stories of a `describe`, if no story depends on what another one leaves behind.
 * @template {object} Story
 * @param {(t: Cleanup) => Promise<Story>} open
 * @returns {Story} usable in its tests
 */
export function useStory(open) {
  const story = /** @type {Story} */ ({});
  const after = (/** @type {any} */ end) => void ends.unshift(end);
  const opener = async () => void Object.assign(story, await open({ after }));
  before(() => {
    openers.push(opener);
    return opener();
  });
  return story;
}

/**
 * Makes a page that uses the package as an app would.
 * @param {string} [options] those of registerAuthServiceWorker, as source text
 */
export const appPage = (options = '{}') =>
  pageWith(`
  import * as auth from '/page.js';
  globalThis.auth = auth;
  await auth.registerAuthServiceWorker(${options});`);

/** @param {string} script a module. The page counts the worker's asks */
export const pageWith = (script) => `<!doctype html>
<meta charset="utf-8">
<title>An app</title>
<link rel="icon" href="data:,">
<script>
  var asks = [];
  navigator.serviceWorker.addEventListener('message', ({ data }) => asks.push(data.requestURL));
  navigator.serviceWorker.startMessages();
</script>
<script type="module">${script}</script>`;

/** A page of version 1, like deployed ones. It keeps what the worker sends. */
export const version1Page = pageWith(`
  globalThis.heard = [];
  navigator.serviceWorker.addEventListener('message', ({ data, ports: [port] }) => {
    heard.push(data);
    const [realmURL, token] = Object.entries(JSON.parse(localStorage.getItem('boxel-session') ?? '{}'))
      .find(([realmURL]) => data.requestURL.startsWith(realmURL)) ?? [];
    port.postMessage(token ? { realmURL, token } : {});
  });
  navigator.serviceWorker.register('/auth-service-worker.js');`);

/** A page that hears the worker's asks and never replies. */
export const silentPage = pageWith(`navigator.serviceWorker.register('/auth-service-worker.js');`);

/**
 * Opens an app in a tab and waits until its worker is in control.
 * @param {Cleanup} t
 * @param {Browser} browser
 * @param {object} [scene]
 * @param {Record<string, Partial<Realm>>} [scene.realms] by path; their URLs respond with a PNG
 * @param {(realmOrigin: string) => string | Parameters<typeof startApp>[0]} [scene.page] the app's HTML, or pages by path
 * @param {import('./servers.mjs').Worker} [scene.worker]
 * @param {Parameters<typeof startApp>[2]} [scene.served]
 */
export async function openApp(
  t,
  browser,
  { realms = { '/r/': { token: 'r-token' } }, page = () => appPage(), worker = 'split', served } = {},
) {
  const realmServer = await openRealms(t, realms, { isSecure: served?.isSecure });
  const pages = page(realmServer.origin);
  const app = await startApp(typeof pages === 'string' ? { '/': pages } : pages, worker, served);
  t.after(() => app.close());

  const openTab = async (path = '/') => {
    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(app.origin + path);
    await tab.evaluate(controlled);
    return tab;
  };
  return { app, realms: realmServer, log: realmServer.log, openTab, tab: await openTab() };
}

/**
 * The same, with a worker that has the token of its realm /r/.
 * @param {Cleanup} t
 * @param {Browser} browser
 * @param {Parameters<typeof openApp>[2]} [scene]
 */
export async function openWarmApp(t, browser, scene) {
  const story = await openApp(t, browser, scene);
  await story.tab.evaluate(pushToken, `${story.realms.origin}/r/`, 'r-token');
  await story.tab.evaluate(workerStats);
  return story;
}

/**
 * Starts a server of realms, or of anything else that serves images.
 * @param {Cleanup} t
 * @param {Record<string, Partial<Realm>>} realms by path; their URLs respond with a PNG
 * @param {Parameters<typeof startRealmServer>[1]} [how]
 */
export async function openRealms(t, realms, how) {
  const server = await startRealmServer(
    Object.fromEntries(Object.entries(realms).map(([path, realm]) => [path, { file: png, ...realm }])),
    how,
  );
  t.after(() => server.close());
  return server;
}
