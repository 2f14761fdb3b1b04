// The first visit, and restarts and updates of the worker.
import { controlled, storeTokens } from '../in-page.mjs';
import { until } from '../until.mjs';
import { insertedImages } from './in-page.mjs';
import { imagesHtml, importChain, insertImages } from './pages.mjs';

const IMAGES = 30;
const ROUNDS = 20;
const PER_ROUND = 6;
const UPDATED_IN = 5;

/** @type {import('./scenario.mjs').Scenario[]} */
export const lives = [
  {
    name: 'warm',
    needsNoCore: true,
    asksAtMost: { 1: 0, 2: 0 },
    run: async (stage) => stage.show(await stage.openWarmTab(), stage.urls(IMAGES)),
  },
  {
    name: 'first visit, images inserted at once',
    breaks: ({ page }) =>
      page === 1 && 'a version 1 page does not repair what the browser requested before the worker was in control',
    async run(stage) {
      await stage.addPage('/gallery', { script: insertImages(stage.urls(IMAGES)) });
      const tab = await stage.openTab();
      await stage.goto(tab, '/gallery');
      return stage.judge(tab, IMAGES);
    },
  },
  {
    name: 'token only in storage',
    asksAtMost: { 1: 3, 2: 1 },
    async run(stage) {
      const tab = await stage.openTab({});
      await stage.goto(tab, '/');
      await tab.evaluate(controlled);
      await tab.evaluate(storeTokens, stage.tokens);
      return stage.show(tab, stage.urls(IMAGES));
    },
  },
  {
    name: 'worker killed, page alive',
    needsNoCore: true,
    asksAtMost: { 1: 3, 2: 1 },
    async run(stage) {
      const tab = await stage.openWarmTab();
      await tab.stopWorkers();
      return stage.show(tab, stage.urls(IMAGES));
    },
  },
  {
    name: 'killed and reloaded, app boots',
    async run(stage) {
      await stage.addPage('/gallery', { imports: importChain, script: insertImages(stage.urls(IMAGES)) });
      const tab = await stage.openWarmTab();
      await tab.stopWorkers();
      await stage.goto(tab, '/gallery');
      return stage.judge(tab, IMAGES);
    },
  },
  {
    name: 'killed and reloaded, images in static HTML',
    mayBreak: ({ page }) =>
      page === 1 && 'a version 1 page listens when its module has loaded, which may be after the 200 ms',
    async run(stage) {
      await stage.addPage('/gallery', { imports: importChain, body: imagesHtml(stage.urls(IMAGES)) });
      const tab = await stage.openWarmTab();
      await tab.stopWorkers();
      await stage.goto(tab, '/gallery');
      return stage.judge(tab, IMAGES);
    },
  },
  {
    name: 'hard reload',
    breaks: ({ page, engine }) =>
      page === 1 && engine !== 'webkit' && 'a version 1 page does not claim: it stays without a worker',
    async run(stage) {
      await stage.addPage('/gallery', { body: imagesHtml(stage.urls(IMAGES)) });
      const tab = await stage.openWarmTab();
      await stage.goto(tab, '/gallery');
      await tab.hardReload();
      return stage.judge(tab, IMAGES);
    },
  },
  {
    name: '200 images of three realms, cold',
    needsNoCore: true,
    asksAtMost: { 1: 3, 2: 1 },
    async run(stage) {
      const tab = await stage.openWarmTab();
      await tab.stopWorkers();
      return stage.show(tab, stage.urls(200));
    },
  },
  {
    name: 'worker file updated under load',
    async run(stage) {
      const path = '/auth-service-worker.js';
      const tab = await stage.openWarmTab();
      const worker = await (await fetch(stage.app.origin + path)).text();
      await tab.evaluate(() => {
        navigator.serviceWorker.addEventListener(
          'controllerchange',
          () => void Object.assign(globalThis, { isChanged: true }),
        );
      });
      for (let round = 0; round < ROUNDS; round++) {
        await tab.evaluate(insertedImages, stage.urls(PER_ROUND, `round-${round}`));
        if (round === UPDATED_IN) {
          stage.pages[path] = { status: 200, type: 'text/javascript', body: `${worker}\n// A later build.` };
          await tab.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
        }
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      const outcome = await stage.judge(tab, ROUNDS * PER_ROUND);
      await until('the later build in control', () => tab.evaluate(() => 'isChanged' in globalThis));
      return outcome;
    },
  },
];
