// Measures what a user waits for: images with our worker, with a worker that does nothing, and with none.
// node end-to-end.mjs OUT [ROUNDS [STORY]]
import { writeFile } from 'node:fs/promises';
import { controlled, storeTokens, workerStats } from '../browser/in-page.mjs';
import { launch } from '../browser/launcher.mjs';
import { appPage } from '../browser/scenarios/pages.mjs';
import { openRival } from '../browser/scenarios/rivals.mjs';
import { openStage } from '../browser/scenarios/stage.mjs';
import { openRealms } from '../browser/story.mjs';
import { until } from '../browser/until.mjs';
import { table } from '../js/sizes.mjs';
import { barPlot } from './plot.mjs';
import { quantile, takeTurns } from './samples.mjs';

const [, , out, rounds = '11', only = ''] = process.argv;
const ENGINES = /** @type {const} */ (['chromium', 'firefox']);
const IMAGES = 200;
const [OURS, BARE, IDLE, LIMIT] = ['our worker', 'bare worker', 'idle worker', 'no worker'];
const OPEN = 'for the others open ones, as no header is theirs to add';
const STORIES = {
  warm: `${IMAGES} images of three realms on one host, tokens known; ${OPEN}`,
  unrelated: `${IMAGES} open images of a host without realms`,
  cold: `${IMAGES} images of three realms on one host, worker not running; ${OPEN}`,
};

/** @typedef {{ms: number, asks: number, broken: number}} Sample of ms to the last image that shows */

/**
 * The page's own requests with the token. They show the cost of the header without a worker: a browser first asks the
 * realm's server whether it may send the header.
 * @param {string[]} urls @param {Record<string, string>} tokens @returns {Promise<{ms: number, broken: number}>}
 */
const fetchedWithTokens = async (urls, tokens) => {
  const start = performance.now();
  const responses = await Promise.all(
    urls.map(async (url) => {
      const realm = Object.keys(tokens).find((each) => url.startsWith(each)) ?? '';
      const response = await fetch(url, { headers: { Authorization: `Bearer ${tokens[realm]}` } });
      await response.blob();
      return response.ok;
    }),
  );
  return { ms: Math.round(performance.now() - start), broken: responses.filter((isOk) => !isOk).length };
};

/**
 * Each story's contenders in one browser.
 * @param {typeof ENGINES[number]} engine
 * @param {import('../browser/story.mjs').Cleanup} cleanup
 * @returns {Promise<Record<string, Record<string, () => Promise<Sample>>>>}
 */
async function contendersIn(engine, cleanup) {
  const browser = await launch(engine);
  cleanup.after(() => browser.close());
  const stage = await openStage(cleanup, browser, 2);
  const stageOfVersion1 = await openStage(cleanup, browser, 1);
  const page = await appPage(2);
  const [without, idle] = [await openRival(cleanup, page, 'without'), await openRival(cleanup, page, 'idle')];
  const bare = await openRival(cleanup, page, 'bare', { tokens: stage.tokens });
  const open = await openRealms(cleanup, { '/open/': {} });
  const tab = await stage.openWarmTab();
  await tab.goto(`${stageOfVersion1.app.origin}/before`);
  await tab.evaluate(storeTokens, stageOfVersion1.tokens);

  /** Every URL is new, so that no cache has it. */
  let turn = 0;
  const openURLs = () => Array.from({ length: IMAGES }, (_, at) => `${open.origin}/open/${turn}-${at}.png`);
  const realmURLs = (/** @type {typeof stage} */ { urls }) => urls(IMAGES, `${turn}`);

  const goToOurs = async (/** @type {typeof stage} */ { app, tokens }) => {
    await tab.goto(`${app.origin}/`);
    await tab.evaluate(controlled);
    // On its first visit a version 1 page has no controller to send its tokens to.
    await tab.goto(`${app.origin}/`);
    await until(
      'a worker with all tokens',
      async () => (await tab.evaluate(workerStats))?.realms === Object.keys(tokens).length,
    );
  };
  const goTo = (/** @type {string} */ rival) => async () => {
    await tab.goto(`${rival}/app`);
    await tab.evaluate(controlled);
  };
  const goToIdle = goTo(idle);
  const goToNone = () => tab.goto(`${without}/app`);

  /** @param {() => Promise<void>} goThere @param {() => string[]} urls @param {boolean} [isCold] without a running worker */
  const images =
    (goThere, urls, isCold = false) =>
    async () => {
      turn++;
      await goThere();
      if (isCold) await tab.stopWorkers();
      const { ms, broken, asks } = await stage.show(tab, urls());
      return { ms, broken, asks: asks.length };
    };
  const fetches = async () => {
    turn++;
    await goToNone();
    const { ms, broken } = await tab.evaluate(fetchedWithTokens, realmURLs(stage), stage.tokens);
    return { ms, broken, asks: 0 };
  };
  const goWarm = () => goToOurs(stage);
  const goVersion1 = () => goToOurs(stageOfVersion1);
  return {
    warm: {
      [OURS]: images(goWarm, () => realmURLs(stage)),
      [BARE]: images(goTo(bare), () => realmURLs(stage)),
      [IDLE]: images(goToIdle, openURLs),
      [LIMIT]: images(goToNone, openURLs),
      [`${LIMIT}, fetch()`]: fetches,
    },
    unrelated: {
      [OURS]: images(goWarm, openURLs),
      [IDLE]: images(goToIdle, openURLs),
      [LIMIT]: images(goToNone, openURLs),
    },
    cold: {
      [`${OURS}, page 2`]: images(goWarm, () => realmURLs(stage), true),
      [`${OURS}, page 1`]: images(goVersion1, () => realmURLs(stageOfVersion1), true),
      [IDLE]: images(goToIdle, openURLs, true),
      [LIMIT]: images(goToNone, openURLs, true),
    },
  };
}

/** @param {Record<string, () => Promise<Sample>>} contenders @returns {Promise<Record<string, Sample[]>>} of each round, after one that warms up */
async function measured(contenders) {
  /** @type {Record<string, Sample[]>} */
  const samples = {};
  const timed = Object.fromEntries(
    Object.entries(contenders).map(([name, measure]) => {
      samples[name] = [];
      return [name, async () => samples[name][samples[name].push(await measure()) - 1].ms];
    }),
  );
  await takeTurns(timed, 1);
  for (const [name, [{ broken }]] of Object.entries(samples)) {
    if (broken > 0) console.log(`${name}: ${broken} images broken while warming up`);
    samples[name].length = 0;
  }
  await takeTurns(timed, Number(rounds));
  return samples;
}

/** @type {(() => unknown)[]} */
const undo = [];
const cleanup = { after: (/** @type {() => unknown} */ action) => void undo.unshift(action) };
const results = [];
try {
  const inEngines = [];
  for (const engine of ENGINES) inEngines.push({ engine, stories: await contendersIn(engine, cleanup) });
  console.log(
    `ms to the last image, medians of ${rounds} rounds in turns. ${BARE}: adds the token and does nothing else; ${IDLE}: its fetch listener\n  does nothing; page 1, 2: the version of the wire that it speaks; fetch(): the page's own, with the token, images not shown\n`,
  );
  for (const [story, title] of Object.entries(STORIES).filter(([name]) => name.includes(only))) {
    const samples = await measured(
      Object.fromEntries(
        inEngines.flatMap(({ engine, stories }) =>
          Object.entries(stories[story]).map(([who, measure]) => [`${engine}/${who}`, measure]),
        ),
      ),
    );
    const rows = Object.entries(samples).map(([name, all]) => {
      const [engine, who] = name.split('/');
      const limits = samples[`${engine}/${LIMIT}`];
      const times = all.map(({ ms }) => ms);
      return {
        story,
        engine,
        who,
        times,
        ms: quantile(times),
        ratio: quantile(times.map((ms, round) => ms / limits[round].ms)),
        asks: Math.max(...all.map(({ asks }) => asks)),
        broken: Math.max(...all.map(({ broken }) => broken)),
      };
    });
    results.push(...rows);
    console.log(`${story}: ${title}`);
    console.log(
      `${table([
        ['engine', 'who', 'ms', 'quartiles', `over ${LIMIT}`, 'asks at most', 'broken at most'],
        ...rows.map(({ engine, who, ms, times, ratio, asks, broken }) => [
          engine,
          who,
          Math.round(ms),
          [0.25, 0.75].map((part) => Math.round(quantile(times, part))).join(' … '),
          `${ratio.toFixed(2)}×`,
          asks,
          broken,
        ]),
      ])}\n`,
    );
  }
} finally {
  for (const action of undo) await action();
}
await writeFile(`${out}/end-to-end.json`, JSON.stringify(results, null, 1));
await writeFile(
  `${out}/end-to-end.svg`,
  barPlot({
    title: `${IMAGES} images, ms to the last`,
    unit: 'ms',
    bars: results.map(({ story, engine, who, ms }) => ({ name: `${engine}, ${who}`, parts: { [story]: ms } })),
  }),
);
