// Clients: those that request, those that can be asked, and those that cannot.
import { insertedImages, asksHeard } from './in-page.mjs';
import { fetchingWorker } from '../fetching-worker.mjs';
import { controlled, statusesInWorker } from '../in-page.mjs';
import { openRealms } from '../story.mjs';
import { hungPage } from './pages.mjs';

const IMAGES = 30;
/** The worker's budget. The share for a busy machine is well below another budget. */
const BUDGET_MS = 200;
const SLACK_MS = 170;

/**
 * @param {string} name
 * @param {Parameters<typeof statusesInWorker>[1]} kind
 * @returns {import('./scenario.mjs').Scenario}
 */
const inWorker = (name, kind) => ({
  name,
  async run(stage) {
    stage.pages['/fetching-worker.js'] = fetchingWorker;
    const tab = await stage.openWarmTab();
    await tab.stopWorkers();
    const start = performance.now();
    const statuses = await tab.evaluate(statusesInWorker, stage.urls(IMAGES), kind);
    const ms = Math.round(performance.now() - start);
    const outcome = await stage.judge(tab, 0);
    return {
      ...outcome,
      wanted: IMAGES,
      broken: statuses.filter((/** @type {number} */ status) => status !== 200).length,
      ms,
    };
  },
});

/** @type {import('./scenario.mjs').Scenario[]} */
export const clients = [
  {
    name: 'two tabs, the asking one silent',
    async run(stage) {
      stage.pages['/hung'] = hungPage;
      const replying = await stage.openWarmTab();
      const silent = await stage.openTab();
      await stage.goto(silent, '/hung');
      await silent.evaluate(controlled);
      await silent.stopWorkers();
      const outcome = await stage.show(silent, stage.urls(IMAGES));
      return { ...outcome, asks: [...outcome.asks, ...(await replying.evaluate(asksHeard))] };
    },
  },
  {
    name: 'srcdoc frame',
    // The page loads elements.js here. A worker that starts and reads its saved state for more than 50 ms asks about
    // it.
    asksAboutStrangers: true,
    breaks: ({ page, engine }) =>
      page === 1 &&
      engine === 'chromium' &&
      'in Chromium most requests of a new srcdoc frame pass by a worker that is stopped, which a version 1 page does not start',
    async run(stage) {
      const tab = await stage.openWarmTab();
      await tab.stopWorkers();
      await tab.evaluate((urls) => {
        const page = /** @type {any} */ (globalThis);
        page.startedAt = performance.now();
        const srcdoc = urls
          .map((/** @type {string} */ url) => `<img src="${url}" onload="parent.shownAt = parent.performance.now()">`)
          .join('');
        const frame = Object.assign(document.createElement('iframe'), { srcdoc });
        const loaded = new Promise((resolve) => (frame.onload = resolve));
        document.body.append(frame);
        return loaded.then(() => true);
      }, stage.urls(IMAGES));
      return stage.judge(tab, IMAGES);
    },
  },
  {
    name: 'frames: srcdoc later, about:blank, blob:, javascript:',
    breaks: ({ page }) =>
      page === 1 &&
      'requests of such frames pass by the worker, other ones in each engine, and a version 1 page does not help them',
    async run(stage) {
      const tab = await stage.openWarmTab();
      await tab.evaluate(async (urls) => {
        const page = /** @type {any} */ (globalThis);
        page.startedAt = performance.now();
        const html = (/** @type {number} */ quarter) =>
          urls
            .filter((/** @type {string} */ _, /** @type {number} */ at) => at % 4 === quarter)
            .map((/** @type {string} */ url) => `<img src="${url}" onload="parent.shownAt = parent.performance.now()">`)
            .join('');
        const [later, blank, blob, script] = [0, 1, 2, 3].map(() => document.createElement('iframe'));
        blob.src = URL.createObjectURL(new Blob([html(2)], { type: 'text/html' }));
        script.src = `javascript:${JSON.stringify(html(3))}`;
        const loaded = new Promise((resolve) => (later.onload = resolve));
        document.body.append(later, blank, blob, script);
        await loaded;
        later.srcdoc = html(0);
        if (blank.contentDocument) blank.contentDocument.body.innerHTML = html(1);
      }, stage.urls(IMAGES));
      return stage.judge(tab, IMAGES);
    },
  },
  inWorker('dedicated worker', {}),
  inWorker('shared worker', { isShared: true }),
  {
    name: 'hung page: one budget, once',
    pages: [1],
    asksAtMost: { 1: 1 },
    async run(stage) {
      stage.pages['/hung'] = hungPage;
      const tab = await stage.openTab();
      await stage.goto(tab, '/hung');
      await tab.evaluate(controlled);
      /** @param {string} name @returns {Promise<number>} when the last of its requests came after it was wanted */
      const delay = async (name) => {
        const urls = stage.urls(5, name);
        const wanted = await tab.evaluate((all) => {
          document.body.append(...all.map((/** @type {string} */ src) => Object.assign(new Image(), { src })));
          return Date.now();
        }, urls);
        const arrivals = await Promise.all(urls.map((url) => stage.realms.log.arrival(new URL(url).pathname)));
        return Math.max(...arrivals.map(({ time }) => time)) - wanted;
      };
      const [first, second] = [await delay('first'), await delay('second')];
      const isOnce = first < BUDGET_MS + SLACK_MS && second < SLACK_MS;
      // Nobody has a token for these images, so they are not counted.
      return {
        wanted: 0,
        broken: 0,
        asks: await tab.evaluate(asksHeard),
        ms: first + second,
        fault: isOnce ? undefined : `${first} ms, then ${second} ms`,
      };
    },
  },
  {
    name: 'strangers, warm and after a kill',
    isStrict: true,
    // Each of the three origins is asked about once in each life of the worker, in the background.
    asksAtMost: { 1: 0, 2: 6 },
    asksAboutStrangers: true,
    async run(stage) {
      const strangers = await Promise.all([1, 2, 3].map(() => openRealms(stage.cleanup, { '/': { cors: false } })));
      const urls = (/** @type {string} */ name) => strangers.map(({ origin }) => `${origin}/${name}.png`);
      const tab = await stage.openWarmTab();
      const warm = await stage.show(tab, urls('warm'));
      await tab.stopWorkers();
      await tab.evaluate(insertedImages, urls('cold'));
      const cold = await stage.judge(tab, 2 * strangers.length);
      const tokens = strangers.flatMap(({ log }) => log.entries.filter(({ authorization }) => authorization));
      return {
        ...cold,
        ms: warm.ms + cold.ms,
        fault: tokens.length ? `${tokens.length} tokens sent to strangers` : undefined,
      };
    },
  },
];
