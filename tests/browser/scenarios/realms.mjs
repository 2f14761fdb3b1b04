// Realms that need no token or give none, realms that nobody has heard of, and files of realms that are no images.
import { controlled, shownWidths, workerStats } from '../in-page.mjs';
import { openRealms } from '../story.mjs';
import { asksHeard, insertedImages } from './in-page.mjs';
import { sumOf } from './stage.mjs';

const IMAGES = 10;

/** @param {string} directory */
const imagesOf = (directory) => Array.from({ length: IMAGES }, (_, at) => `${directory}${at}.png`);

/** @param {string} type @param {string} body */
const text = (type, body) => ({ token: 'photos-token', file: { type, body: Buffer.from(body) } });

/** @type {import('./scenario.mjs').Scenario[]} */
export const realms = [
  {
    name: 'a public realm, and one without access, also after a kill',
    pages: [2],
    realms: { '/open/': {}, '/denied/': { token: 'of-another-user' } },
    async run(stage) {
      const { origin } = stage.realms;
      const options = `{
        realms: ['${origin}/denied/'],
        publicRealms: ['${origin}/open/'],
        realmOf: ({ href }) => href.startsWith('${origin}/denied/') ? '${origin}/denied/' : undefined,
        reauthenticate: async () => undefined,
      }`;
      await stage.addPage('/app', { options });
      const tab = await stage.openTab({});
      await stage.goto(tab, '/app');
      await tab.evaluate(controlled);
      await tab.evaluate(workerStats);
      const warm = await stage.show(tab, imagesOf(`${origin}/open/warm-`));
      await tab.stopWorkers();
      await tab.evaluate(insertedImages, imagesOf(`${origin}/open/cold-`));
      const cold = await stage.judge(tab, 2 * IMAGES);
      // They stay broken, as they should. An image that is requested before the page's first "no" has asks of its own.
      const [first, ...others] = imagesOf(`${origin}/denied/`);
      await tab.evaluate(shownWidths, [first]);
      await tab.evaluate(shownWidths, others);
      const asks = await tab.evaluate(asksHeard);
      const isDenied = (/** @type {string} */ url) => url.startsWith(`${origin}/denied/`);
      // One ask is for the page's tokens, and one for a new token.
      const isAsIs = asks.every(isDenied) && asks.length <= 2;
      return { ...cold, asks, ms: warm.ms + cold.ms, fault: isAsIs ? undefined : `asks about ${asks.join()}` };
    },
  },
  {
    name: 'a realm on a host that nobody has heard of',
    pages: [2],
    asksAboutStrangers: true,
    asksAtMost: { 2: 1 },
    async run(stage) {
      const other = await openRealms(stage.cleanup, { '/late/': { token: 'late-token' } });
      const tokens = JSON.stringify({ ...stage.tokens, [`${other.origin}/late/`]: 'late-token' });
      await stage.addPage('/app', {
        options: `{ tokens: async () => (globalThis.isLate ? ${tokens} : ${JSON.stringify(stage.tokens)}) }`,
      });
      const tab = await stage.openWarmTab();
      await stage.goto(tab, '/app');
      await tab.evaluate(controlled);
      await tab.evaluate(workerStats);
      await tab.evaluate(() => void Object.assign(globalThis, { isLate: true }));
      const first = await stage.show(tab, imagesOf(`${other.origin}/late/first-`));
      await tab.evaluate(insertedImages, imagesOf(`${other.origin}/late/next-`));
      const both = await stage.judge(tab, 2 * IMAGES);
      return { ...both, ms: first.ms + both.ms };
    },
  },
  {
    name: 'style sheet, import, script and module after a kill',
    pages: [2],
    realms: {
      '/photos/': { token: 'photos-token' },
      '/photos/sheet.css': text('text/css', '@import "imported.css";'),
      '/photos/imported.css': text('text/css', 'body { --is-imported: yes }'),
      '/photos/script.js': text('text/javascript', ''),
      '/photos/module.js': text('text/javascript', ''),
    },
    async run(stage) {
      const realm = `${stage.realms.origin}/photos/`;
      const tab = await stage.openTab({ [realm]: 'photos-token' });
      await stage.goto(tab, '/');
      await tab.evaluate(controlled);
      await tab.evaluate(toldAndSaved, realm, 'photos-token');
      await tab.stopWorkers();
      const { shown, ms } = await tab.evaluate(loadAll, realm);
      const parts = { wanted: shown.length, broken: shown.filter((/** @type {boolean} */ part) => !part).length };
      const images = await stage.show(tab, imagesOf(realm));
      return sumOf({ ...parts, asks: [], ms }, images);
    },
  },
];

/**
 * Settles when the worker has saved what it was told: then it acknowledges the message.
 * @param {string} realmURL
 * @param {string} token
 */
const toldAndSaved = (realmURL, token) =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(true);
    navigator.serviceWorker.controller?.postMessage({ type: 'set-realm-token', realmURL, token }, [port2]);
  });

/** @param {string} realm @returns {Promise<{shown: boolean[], ms: number}>} */
const loadAll = async (realm) => {
  const began = performance.now();
  const loaded = (/** @type {HTMLElement} */ element) =>
    new Promise((resolve) => {
      element.onload = () => resolve(true);
      element.onerror = () => resolve(false);
      document.head.append(element);
    });
  const sheet = document.createElement('link');
  const shown = [
    await loaded(Object.assign(sheet, { rel: 'stylesheet', href: `${realm}sheet.css` })),
    getComputedStyle(document.body).getPropertyValue('--is-imported').trim() === 'yes',
    await loaded(Object.assign(document.createElement('script'), { src: `${realm}script.js` })),
    await import(`${realm}module.js`).then(
      () => true,
      () => false,
    ),
  ];
  return { shown, ms: Math.round(performance.now() - began) };
};
