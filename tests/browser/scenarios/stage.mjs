// The stage of a scenario: an app and three realms, each on an origin of its own, in one browser.
import { controlled, storeTokens, workerStats } from '../in-page.mjs';
import { startApp } from '../servers.mjs';
import { openRealms } from '../story.mjs';
import { until } from '../until.mjs';
import { settledImages, insertedImages } from './in-page.mjs';
import { appPage, chain, plainPage } from './pages.mjs';

/** @typedef {import('../launcher.mjs').Tab} Tab */
/** @typedef {import('../servers.mjs').Realm} Realm */
/**
 * @typedef {object} Outcome of a scenario
 * @property {number} wanted images
 * @property {number} broken those that never showed
 * @property {string[]} asks the URLs that the worker asked about, in all windows
 * @property {number} ms from the first request to the last image that showed
 * @property {string} [text] to show instead of these numbers
 * @property {string} [fault] what else is not as it should be
 */

const threeRealms = {
  '/photos/': { token: 'photos-token' },
  '/maps/': { token: 'maps-token' },
  '/notes/': { token: 'notes-token' },
};

/** @typedef {Awaited<ReturnType<typeof openStage>>} Stage */

/**
 * @param {import('../story.mjs').Cleanup} cleanup
 * @param {import('../launcher.mjs').Browser} browser
 * @param {import('./pages.mjs').Version} version of the app's pages
 * @param {Pick<import('./scenario.mjs').Scenario, 'realms' | 'worker' | 'roundTripMs'>} [scene]
 */
export async function openStage(
  cleanup,
  browser,
  version,
  { realms = threeRealms, worker = 'self-contained', roundTripMs } = {},
) {
  const realmServer = await openRealms(cleanup, realms);
  /** @type {Parameters<typeof startApp>[0]} */
  const pages = { ...chain, '/before': plainPage, '/': await appPage(version) };
  const app = await startApp(pages, worker, { roundTripMs });
  cleanup.after(() => app.close());

  const realmURLs = Object.keys(realms).map((path) => realmServer.origin + path);
  /** @type {Record<string, string>} */
  const tokens = Object.fromEntries(Object.values(realms).map(({ token = '' }, at) => [realmURLs[at], token]));

  /** Opens a tab of the app's origin whose user is logged in. It does not show the app yet. */
  const openTab = async (stored = tokens) => {
    const tab = await browser.openTab();
    cleanup.after(() => tab.close());
    await tab.goto(`${app.origin}/before`);
    await tab.evaluate(storeTokens, stored);
    return tab;
  };
  /** @param {Tab} tab @param {string} path */
  const goto = (tab, path) => tab.goto(app.origin + path);

  /** @param {Tab} tab @param {number} count @returns {Promise<Outcome>} the outcome of so many images in it */
  const judge = async (tab, count) => tab.evaluate(settledImages, count);

  return {
    browser,
    version,
    app,
    pages,
    realms: realmServer,
    tokens,
    openTab,
    goto,
    judge,
    cleanup,

    /** @param {string} path @param {Parameters<typeof appPage>[1]} [parts] */
    addPage: async (path, parts) => void (pages[path] = await appPage(version, parts)),

    /** @param {number} count @param {string} [name] @returns {string[]} URLs of images, spread over the realms */
    urls: (count, name = 'image') =>
      Array.from({ length: count }, (_, at) => `${realmURLs[at % realmURLs.length]}${name}-${at}.png`),

    /** Opens a tab of the app whose worker is in control and has all tokens. */
    async openWarmTab() {
      const tab = await openTab();
      await goto(tab, '/');
      await tab.evaluate(controlled);
      // A version 1 page loses what it pushes while it has no controller. On the second visit it has one.
      await goto(tab, '/');
      await until(
        'a worker with all tokens',
        async () => (await tab.evaluate(workerStats))?.realms === realmURLs.length,
      );
      return tab;
    },

    /** @param {Tab} tab @param {string[]} urls @returns {Promise<Outcome>} */
    async show(tab, urls) {
      await tab.evaluate(insertedImages, urls);
      return judge(tab, urls.length);
    },
  };
}

/** @param {Outcome[]} outcomes one after the other @returns {Outcome} */
export const sumOf = (...outcomes) => ({
  wanted: outcomes.reduce((sum, { wanted }) => sum + wanted, 0),
  broken: outcomes.reduce((sum, { broken }) => sum + broken, 0),
  asks: outcomes.flatMap(({ asks }) => asks),
  ms: outcomes.reduce((sum, { ms }) => sum + ms, 0),
  fault:
    outcomes
      .map(({ fault }) => fault)
      .filter(Boolean)
      .join(', ') || undefined,
});
