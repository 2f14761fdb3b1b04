// Apps that leave something out, get it wrong, replace or forbid it.
import { readFile } from 'node:fs/promises';
import { controlled, shownWidths, showImage, workerStats } from '../in-page.mjs';
import { packageFolder } from '../servers.mjs';
import { until } from '../until.mjs';
import { asksHeard } from './in-page.mjs';

const IMAGES = 10;

/** An app's `reauthenticate` that counts its calls. */
const logIn = `async () => {
  globalThis.logins = (globalThis.logins ?? 0) + 1;
  await new Promise((resolve) => setTimeout(resolve, 100));
  return 'photos-token';
}`;

/** The first lines of a module, before the package loads. They keep the console's warnings. */
const keepWarnings =
  'data:text/javascript,globalThis.warnings = []; console.warn = (text) => void warnings.push(text);';

/** @type {import('./scenario.mjs').Scenario[]} */
export const apps = [
  {
    name: 'an app that says little: no realmOf',
    pages: [2],
    realms: { '/photos/': { token: 'photos-token' } },
    async run(stage) {
      const realm = `${stage.realms.origin}/photos/`;
      const options = `{ realms: ['${realm}'], reauthenticate: ${logIn} }`;
      await stage.addPage('/app', { imports: `import '${keepWarnings}';`, options });
      const tab = await stage.openTab({});
      await stage.goto(tab, '/app');
      await tab.evaluate(controlled);
      const outcome = await stage.show(tab, stage.urls(IMAGES));
      const { logins, warnings } = await tab.evaluate(heard);
      const isAsIs = logins === 1 && warnings.length === 0;
      return { ...outcome, fault: isAsIs ? undefined : `${logins} logins, warned: ${warnings}` };
    },
  },
  {
    name: 'an app whose realm is a path is warned, once',
    pages: [2],
    realms: { '/photos/': { token: 'photos-token' } },
    async run(stage) {
      const realm = `${stage.realms.origin}/photos/`;
      const options = `{ realms: ['${realm}'], tokens: () => ({ '/photos/': 'photos-token' }) }`;
      await stage.addPage('/app', { imports: `import '${keepWarnings}';`, options });
      const tab = await stage.openTab({});
      await stage.goto(tab, '/app');
      await tab.evaluate(controlled);
      // These images stay broken, as they should, so they are not counted.
      await tab.evaluate(shownWidths, stage.urls(IMAGES));
      const asks = await tab.evaluate(asksHeard);
      const isNamed = (/** @type {string} */ text) => text.includes('the realm "/photos/"');
      // The warning comes later, since the page first loads the module that knows why.
      const count = async () => (await tab.evaluate(heard)).warnings.filter(isNamed).length;
      await until('a warning', async () => (await count()) > 0);
      const warnings = await count();
      return { wanted: 0, broken: 0, asks, ms: 0, fault: warnings === 1 ? undefined : `${warnings} warnings` };
    },
  },
  {
    name: 'setTimeout replaced while the app renders',
    pages: [2],
    realms: { '/photos/': { token: 'photos-token' } },
    async run(stage) {
      const realm = `${stage.realms.origin}/photos/`;
      const reauthenticate = "reauthenticate: async () => 'photos-token'";
      await stage.addPage('/app', {
        options: `{ realmOf: () => '${realm}', isLoggedIn: () => true, ${reauthenticate} }`,
      });
      const tab = await stage.openTab({});
      await stage.goto(tab, '/app');
      await tab.evaluate(controlled);
      const { timers, widths } = await tab.evaluate(shownWithoutTimers, stage.urls(IMAGES));
      return {
        wanted: IMAGES,
        broken: widths.filter((/** @type {number} */ width) => width === 0).length,
        asks: await tab.evaluate(asksHeard),
        ms: 0,
        fault: timers > 0 ? `${timers} timers` : undefined,
      };
    },
  },
  {
    name: "a policy of the worker's file forbids the realm's host: its public images",
    pages: [2],
    realms: { '/photos/': { token: 'photos-token' }, '/photos/open/': {} },
    breaks: ({ engine }) => engine === 'webkit' && 'WebKit does not tell a worker that its policy forbids a request',
    async run(stage) {
      stage.pages['/auth-service-worker.js'] = {
        status: 200,
        type: 'text/javascript',
        headers: { 'Content-Security-Policy': "connect-src 'self'" },
        body: await readFile(`${packageFolder}/auth-service-worker.js`),
      };
      const realm = `${stage.realms.origin}/photos/`;
      const tab = await stage.openTab({});
      await stage.goto(tab, '/');
      await tab.evaluate(controlled);
      await tab.evaluate((url) => /** @type {any} */ (globalThis).app.logIn({ [url]: 'photos-token' }), realm);
      await tab.evaluate(workerStats);
      await tab.evaluate(showImage, `${realm}forbidden.png`);
      const open = Array.from({ length: IMAGES }, (_, at) => `${realm}open/${at}.png`);
      if (stage.browser.engine !== 'webkit') {
        // The worker hears of the first violation some time after its fetch has failed.
        await until('a public image', () => tab.evaluate(showImage, `${realm}open/first.png`));
      }
      const widths = await tab.evaluate(shownWidths, open);
      const broken = widths.filter((/** @type {number} */ width) => width === 0).length;
      return { wanted: IMAGES, broken, asks: await tab.evaluate(asksHeard), ms: 0 };
    },
  },
];

/** @returns {{logins: number, warnings: string[]}} */
const heard = () => {
  const { logins, warnings } = /** @type {any} */ (globalThis);
  return { logins, warnings };
};

/** @param {string[]} urls */
const shownWithoutTimers = async (urls) => {
  const { setTimeout: platforms } = globalThis;
  let timers = 0;
  Object.assign(globalThis, { setTimeout: () => ++timers });
  const images = urls.map((src) => Object.assign(new Image(), { src }));
  await Promise.allSettled(images.map((image) => image.decode()));
  Object.assign(globalThis, { setTimeout: platforms });
  return { timers, widths: images.map(({ naturalWidth }) => naturalWidth) };
};
