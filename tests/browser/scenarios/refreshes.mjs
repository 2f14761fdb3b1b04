// Tokens that end before the app knows it, and apps that take their time to get others.
import { controlled, storeTokens, workerStats } from '../in-page.mjs';
import { png } from '../story.mjs';
import { until } from '../until.mjs';
import { insertedImages } from './in-page.mjs';
import { sumOf } from './stage.mjs';

const IMAGES = 10;
const KEY = 'boxel-session';

/**
 * Makes a realm whose server accepts the tokens of a list that changes.
 * @param {string} token the first one
 * @param {Partial<import('../servers.mjs').Realm>} [how]
 */
const revocable = (token, how) => ({
  token,
  files: /** @type {Record<string, import('../servers.mjs').File>} */ ({}),
  ...how,
});

/**
 * Serves the app's logins. A login is a POST, which the worker leaves alone.
 * @param {import('./stage.mjs').Stage} stage
 * @param {ReturnType<typeof revocable>} realm at /photos/
 * @param {number} ms that a login takes
 */
function serveLogins(stage, realm, ms) {
  const counts = { logins: 0 };
  for (const token of Object.keys(realm.files)) delete realm.files[token];
  realm.files[realm.token] = png;
  stage.pages['/login'] = async () => {
    const token = `${realm.token}-${++counts.logins}`;
    await new Promise((resolve) => setTimeout(resolve, ms));
    realm.files[token] = png;
    return { status: 200, type: 'text/plain', body: token };
  };
  return counts;
}

const readTokens = `JSON.parse(localStorage.getItem('${KEY}') ?? '{}')`;
const realmOfPhotos = `realmOf: ({ href }) => href.match(/^.*[/]photos[/]/)?.[0]`;
const logIn = `(await fetch('/login', { method: 'POST' })).text()`;

/** @type {Record<string, string>} options of the package, by what else the refresh does */
const refreshers = {
  'it returns the new one': `{ ${realmOfPhotos}, reauthenticate: async () => ${logIn} }`,
  'it stores the new one': `{ ${realmOfPhotos}, async reauthenticate(realm) {
    const token = await ${logIn};
    localStorage.setItem('${KEY}', JSON.stringify({ ...${readTokens}, [realm]: token }));
    return token;
  } }`,
  "it empties the storage first, as Boxel's does": `{ ${realmOfPhotos}, async reauthenticate(realm) {
    const others = ${readTokens};
    localStorage.removeItem('${KEY}');
    const token = await ${logIn};
    localStorage.setItem('${KEY}', JSON.stringify({ ...others, [realm]: token }));
    return token;
  } }`,
};

/** @param {number} logins @param {number} wanted */
const faultOf = (logins, wanted) => (logins === wanted ? undefined : `${logins} logins`);

const aboutToExpire = revocable('photos-token');
const neverHad = revocable('photos-token');

/** @param {number} seconds @returns {string} a JWT that expires then */
const jwtIn = (seconds) =>
  [{ alg: 'none' }, { exp: Date.now() / 1000 + seconds }, {}]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');

/** @type {import('./scenario.mjs').Scenario[]} */
export const refreshes = [
  ...Object.entries(refreshers).map(([how, options]) => {
    const photos = revocable('photos-token');
    return /** @type {import('./scenario.mjs').Scenario} */ ({
      name: `token revoked, two tabs, ${how}`,
      pages: [2],
      realms: { '/photos/': photos, '/maps/': { token: 'maps-token' } },
      async run(stage) {
        const counts = serveLogins(stage, photos, 300);
        await stage.addPage('/app', { options });
        const tabs = [await stage.openWarmTab(), await stage.openTab()];
        for (const tab of tabs) await stage.goto(tab, '/app');
        delete photos.files[photos.token];
        const urls = stage.urls(IMAGES);
        for (const tab of tabs) await tab.evaluate(insertedImages, urls);
        const outcomes = [];
        for (const tab of tabs) outcomes.push(await stage.judge(tab, IMAGES));
        return { ...sumOf(...outcomes), fault: faultOf(counts.logins, 1) };
      },
    });
  }),
  {
    name: 'ten images at once of a realm that never had a token',
    pages: [2],
    // One ask is for the list of tokens, and one for a new token.
    asksAtMost: { 2: 2 },
    realms: { '/photos/': neverHad },
    async run(stage) {
      const counts = serveLogins(stage, neverHad, 300);
      await stage.addPage('/app', { options: refreshers['it stores the new one'] });
      const tab = await stage.openTab({});
      await stage.goto(tab, '/app');
      await tab.evaluate(controlled);
      const outcome = await stage.show(tab, stage.urls(IMAGES));
      return { ...outcome, fault: faultOf(counts.logins, 1) };
    },
  },
  {
    name: 'token about to expire, two tabs',
    pages: [2],
    asksAtMost: { 2: 0 },
    realms: { '/photos/': aboutToExpire },
    async run(stage) {
      const counts = serveLogins(stage, aboutToExpire, 50);
      const options = refreshers['it stores the new one'].replace('{', '{ refreshesBeforeExpiry: true,');
      await stage.addPage('/app', { options });
      const realm = `${stage.realms.origin}/photos/`;
      const tabs = [await stage.openTab({}), await stage.openTab({})];
      for (const tab of tabs) {
        await stage.goto(tab, '/app');
        await tab.evaluate(controlled);
      }
      const short = jwtIn(3);
      aboutToExpire.files[short] = png;
      await tabs[0].evaluate(storeTokens, { [realm]: short });
      for (const tab of tabs)
        await tab.evaluate((all) => /** @type {any} */ (globalThis).app.logIn(all), { [realm]: short });
      await until('a login', () => counts.logins > 0 || undefined);
      delete aboutToExpire.files[short];
      const isStored = (/** @type {string} */ token) =>
        localStorage.getItem('boxel-session')?.includes(token) === false;
      for (const tab of tabs) {
        await until('the new token', () => tab.evaluate(isStored, short));
        await tab.evaluate(workerStats);
      }
      const outcomes = [];
      for (const tab of tabs) outcomes.push(await stage.show(tab, stage.urls(IMAGES)));
      return { ...sumOf(...outcomes), fault: faultOf(counts.logins, 1) };
    },
  },
  ...[600, 2500].map((ms) => ({
    name: `tokens from an SDK that takes ${ms} ms`,
    pages: /** @type {import('./pages.mjs').Version[]} */ ([2]),
    run: async (/** @type {import('./stage.mjs').Stage} */ stage) => {
      const tokens = `tokens: () => new Promise((resolve) => setTimeout(() => resolve(${readTokens}), ${ms}))`;
      await stage.addPage('/app', { options: `{ ${tokens} }` });
      const tab = await stage.openTab();
      await stage.goto(tab, '/app');
      await tab.evaluate(controlled);
      // Firefox may stop a worker that has just started before the worker has heard of the page.
      await tab.evaluate(workerStats);
      await tab.stopWorkers();
      return stage.show(tab, stage.urls(IMAGES));
    },
  })),
  ...[
    { what: '401', how: {}, logins: 1 },
    { what: '401 without CORS headers', how: { corsOfErrors: false }, logins: 1 },
    { what: '403, and another tab has a newer token', how: { rejection: 403 }, newer: 'newer', logins: 0 },
  ].map(({ what, how, newer, logins }) => {
    const photos = revocable('photos-token', how);
    return /** @type {import('./scenario.mjs').Scenario} */ ({
      name: `token revoked, the server responds with ${what}`,
      pages: [2],
      realms: { '/photos/': photos },
      async run(stage) {
        const counts = serveLogins(stage, photos, 50);
        await stage.addPage('/app', { options: refreshers['it stores the new one'] });
        const tab = await stage.openWarmTab();
        await stage.goto(tab, '/app');
        delete photos.files[photos.token];
        if (newer) {
          photos.files[newer] = png;
          await tab.evaluate(storeTokens, { [`${stage.realms.origin}/photos/`]: newer });
        }
        const outcome = await stage.show(tab, stage.urls(IMAGES));
        return { ...outcome, fault: faultOf(counts.logins, logins) };
      },
    });
  }),
];
