// Boxel's app and worker. Its services refresh a token by removing all tokens from storage and putting them back.
import { controlled } from '../in-page.mjs';
import { until } from '../until.mjs';
import { insertedImages } from './in-page.mjs';

const IMAGES = 30;
const PUT_BACK_MS = 800;

/**
 * The services as options of the package. A token has the name of its realm.
 * @param {string} origin that of the realms
 */
const services = (origin) => `{
  realmService: {
    realmOf: ({ href }) => href.match(/^${origin.replaceAll('/', '[/]')}[/]\\w+[/]/)?.[0],
    async reauthenticate(realm) {
      Object.assign(globalThis, { logins: (globalThis.logins ?? 0) + 1 });
      const before = JSON.parse(localStorage.getItem('boxel-session') ?? '{}');
      localStorage.removeItem('boxel-session');
      await new Promise((resolve) => setTimeout(resolve, ${PUT_BACK_MS}));
      if (globalThis.isLoggedOut) return undefined;
      const since = JSON.parse(localStorage.getItem('boxel-session') ?? '{}');
      const token = realm.split('/').at(-2) + '-token';
      localStorage.setItem('boxel-session', JSON.stringify({ ...before, ...since, [realm]: token }));
      return token;
    },
  },
  matrixService: { get isLoggedIn() { return !globalThis.isLoggedOut; } },
}`;

/** @param {import('./stage.mjs').Stage} stage a tab that nobody is logged into */
async function openTab(stage) {
  await stage.addPage('/app', { options: services(stage.realms.origin) });
  const tab = await stage.openTab({});
  await stage.goto(tab, '/app');
  await tab.evaluate(controlled);
  return tab;
}

/** @returns {number} */
const loginCount = () => /** @type {any} */ (globalThis).logins ?? 0;

/** @type {import('./scenario.mjs').Scenario[]} */
export const boxel = [
  {
    name: 'Boxel: three realms refreshed after a kill, for 800 ms',
    pages: [2],
    async run(stage) {
      const tab = await openTab(stage);
      await tab.stopWorkers();
      const outcome = await stage.show(tab, stage.urls(IMAGES));
      const logins = await tab.evaluate(loginCount);
      return { ...outcome, fault: logins === 3 ? undefined : `${logins} logins` };
    },
  },
  {
    name: 'Boxel: a logout during a refresh, and a login',
    isStrict: true,
    pages: [2],
    async run(stage) {
      const tab = await openTab(stage);
      const early = stage.urls(IMAGES, 'early');
      await tab.evaluate(insertedImages, early);
      await until('the refresh', async () => (await tab.evaluate(loginCount)) > 0);
      await tab.evaluate(() => {
        Object.assign(globalThis, { isLoggedOut: true });
        /** @type {any} */ (globalThis).app.logOut();
      });
      await Promise.all(early.map((url) => stage.realms.log.arrival(new URL(url).pathname)));
      const leaks = stage.realms.log.entries.filter(({ authorization }) => authorization).length;
      await tab.evaluate((tokens) => {
        document.body.replaceChildren();
        Object.assign(globalThis, { isLoggedOut: false });
        localStorage.setItem('boxel-session', JSON.stringify(tokens));
        /** @type {any} */ (globalThis).app.logIn(tokens);
      }, stage.tokens);
      const outcome = await stage.show(tab, stage.urls(IMAGES, 'late'));
      return { ...outcome, fault: leaks > 0 ? `${leaks} tokens sent after the logout` : undefined };
    },
  },
  {
    name: "Boxel's worker: token in storage, then warm",
    pages: [2],
    worker: 'version-1',
    async run(stage) {
      const tab = await stage.openTab();
      await stage.goto(tab, '/');
      await tab.evaluate(controlled);
      await tab.evaluate(insertedImages, stage.urls(IMAGES, 'asked'));
      const asked = await stage.judge(tab, IMAGES);
      await tab.evaluate(insertedImages, stage.urls(IMAGES, 'warm'));
      const both = await stage.judge(tab, 2 * IMAGES);
      return { ...both, ms: asked.ms + both.ms };
    },
  },
];
