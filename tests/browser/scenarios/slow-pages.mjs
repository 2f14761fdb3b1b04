// Pages that are busy, unfinished, or were away.
import { insertedImages } from './in-page.mjs';
import { htmlResponse } from '../servers.mjs';
import { controlled, workerStats } from '../in-page.mjs';
import { appPage, imagesHtml } from './pages.mjs';
import { sumOf } from './stage.mjs';

const IMAGES = 30;

/** @type {import('./scenario.mjs').Scenario[]} */
export const slowPages = [
  {
    name: 'page blocked for 500 ms',
    mayBreak: ({ page }) =>
      page === 1 &&
      'a page that is blocked for longer than the 200 ms cannot reply, and a version 1 page repairs nothing',
    async run(stage) {
      const tab = await stage.openWarmTab();
      await tab.stopWorkers();
      await tab.evaluate((urls) => {
        const page = /** @type {any} */ (globalThis);
        page.startedAt = performance.now();
        document.body.append(...urls.map((/** @type {string} */ src) => Object.assign(new Image(), { src })));
        while (performance.now() < page.startedAt + 500);
      }, stage.urls(IMAGES));
      return stage.judge(tab, IMAGES);
    },
  },
  {
    name: 'HTML stalls for 1 s after its images',
    breaks: ({ page }) => page === 1 && 'without the early responder a page listens after its HTML is complete',
    async run(stage) {
      const images = imagesHtml(stage.urls(IMAGES));
      const html = await appPage(stage.version, { body: `${images}<p>The rest comes later.` });
      const at = Buffer.byteLength(html.slice(0, html.indexOf(images) + images.length));
      stage.pages['/gallery'] = { ...htmlResponse(html), stall: { at, ms: 1000 } };
      const tab = await stage.openWarmTab();
      await tab.stopWorkers();
      // The worker must run again, with nothing in its memory: while a worker starts, Chromium holds the HTML back
      // until it is complete, and then nothing in it is early.
      await tab.evaluate(workerStats);
      await stage.goto(tab, '/gallery');
      return stage.judge(tab, IMAGES);
    },
  },
  {
    name: 'back and forward, worker killed meanwhile',
    async run(stage) {
      await stage.addPage('/next');
      const tab = await stage.openWarmTab();
      await stage.goto(tab, '/next');
      await tab.evaluate(controlled);
      await tab.stopWorkers();
      await tab.goBack();
      const back = await stage.show(tab, stage.urls(IMAGES, 'back'));
      await tab.stopWorkers();
      await tab.goForward();
      await tab.evaluate(insertedImages, stage.urls(IMAGES, 'forward'));
      return sumOf(back, await stage.judge(tab, IMAGES));
    },
  },
];
