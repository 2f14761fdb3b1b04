// Videos without `crossorigin`. In Firefox only the package's helper makes them play.
import { makeVideo } from '../video.mjs';
import { asksHeard } from './in-page.mjs';

const TURNS = 2;

/** @type {import('./scenario.mjs').Scenario[]} */
export const media = [
  {
    name: 'video without crossorigin',
    realms: { '/videos/': { token: 'videos-token', file: await makeVideo(TURNS) } },
    breaks: ({ page, engine }) =>
      page === 1 &&
      engine === 'firefox' &&
      'Firefox shows no worker a video without crossorigin, and a version 1 page sets none',
    async run(stage) {
      const tab = await stage.openWarmTab();
      await tab.stopWorkers();
      const { shown, ms } = await tab.evaluate(shownVideo, `${stage.realms.origin}/videos/a.webm`, stage.version === 2);
      return { wanted: 1, broken: shown ? 0 : 1, asks: await tab.evaluate(asksHeard), ms };
    },
  },
];

/** @param {string} src @param {boolean} isHelped @returns {Promise<{shown: boolean, ms: number}>} */
const shownVideo = async (src, isHelped) => {
  if (isHelped) (await import('/elements.js')).watchMedia();
  const start = performance.now();
  const video = Object.assign(document.createElement('video'), { muted: true, preload: 'metadata', src });
  document.body.append(video);
  // An error need not be the end: the helper may load the video again.
  while (video.readyState < 2 && performance.now() - start < 3000)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return { shown: video.videoWidth > 0, ms: Math.round(performance.now() - start) };
};
