// Runs the matrix; tests/browser/matrix says how.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engineNamed, engineNames, launch } from '../launcher.mjs';
import { noteFlaky } from '../story.mjs';
import { cellOf } from './cell.mjs';
import { quickScenarios, scenarios } from './scenario.mjs';
import { openStage } from './stage.mjs';
import { tableOf } from './table.mjs';

const PATIENCE_MS = 90_000;
const TRIES = 2;

const { values: options } = parseArgs({
  options: {
    engines: { type: 'string', default: engineNames.join() },
    pages: { type: 'string', default: '1,2' },
    scenarios: { type: 'string', default: '' },
    repeat: { type: 'string', default: '1' },
    pairs: { type: 'string', default: '9' },
    json: { type: 'string' },
    // CI runs it so: only version 2 pages, fewer scenarios, and a second try, as stories have it.
    quick: { type: 'boolean', default: false },
  },
});
const engines = options.engines.split(',').map(engineNamed);
const versions = options.quick ? [2] : options.pages.split(',').map(Number);
const settings = { pairs: Number(options.pairs) };
const chosen = (options.quick ? quickScenarios : scenarios).filter(({ name }) =>
  new RegExp(options.scenarios).test(name),
);

/** @type {import('./cell.mjs').Cell[]} */
const cells = [];
const browsers = [];
for (const engine of engines) {
  let browser = await launch(engine);
  browsers.push({ engine, version: browser.version });

  const renewBrowser = async () => {
    await browser.close().catch(() => {});
    browser = await launch(engine);
  };

  /**
   * Plays a scenario once more in a new browser if it does not end. That says more of the browser's driver than of the
   * worker.
   * @param {import('./scenario.mjs').Scenario} scenario @param {import('./pages.mjs').Version} version
   */
  const playOrAgain = async (scenario, version) => {
    for (let tries = 0; tries < TRIES; tries++) {
      try {
        return await play(scenario, browser, version);
      } catch (error) {
        console.error(`${scenario.name}, ${engine}, page ${version}:`, error);
        await renewBrowser();
      }
    }
    return { wanted: 0, broken: 0, asks: [], ms: 0, fault: 'did not end' };
  };

  /** @param {import('./scenario.mjs').Scenario} scenario @param {import('./pages.mjs').Version} version */
  const measure = async (scenario, version) => {
    const outcomes = [];
    // A boot has its own rounds: its pairs.
    const rounds = scenario.isBoot ? 1 : Number(options.repeat);
    for (let round = 0; round < rounds; round++) outcomes.push(await playOrAgain(scenario, version));
    const cell = cellOf(scenario, engine, version, outcomes);
    const { wanted, broken, asks, ms, text, faults } = cell;
    console.error(
      `${engine} ${scenario.name} (${version}): ${text ?? `${broken}/${wanted} ${asks} asks ${ms} ms`} ${faults}`,
    );
    return cell;
  };

  /** @param {import('./scenario.mjs').Scenario} scenario @param {import('./pages.mjs').Version} version */
  const measureOrAgain = async (scenario, version) => {
    const cell = await measure(scenario, version);
    if (!options.quick || scenario.isStrict || cell.faults.length === 0) return cell;
    noteFlaky(scenario.name, cell.faults, engine);
    await renewBrowser();
    return measure(scenario, version);
  };

  for (const scenario of chosen) {
    for (const version of /** @type {import('./pages.mjs').Version[]} */ ([1, 2])) {
      if (!(scenario.pages ?? versions).includes(version) || !(versions.includes(version) || scenario.pages)) continue;
      cells.push(await measureOrAgain(scenario, version));
    }
  }
  await browser.close();
}

const command = ['tests/browser/matrix', ...process.argv.slice(2)].join(' ');
const table = `\`${command}\`:\n\n${tableOf(cells, browsers)}`;
const build = fileURLToPath(new URL('../../../build', import.meta.url));
await mkdir(build, { recursive: true });
await writeFile(`${build}/matrix.md`, `${table}\n`);
if (options.json) await writeFile(options.json, JSON.stringify({ browsers, cells }, null, 2));
console.log(table);
process.exitCode = cells.some(({ faults }) => faults.length > 0) ? 1 : 0;

/**
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {import('../launcher.mjs').Browser} browser
 * @param {import('./pages.mjs').Version} version
 */
async function play(scenario, browser, version) {
  /** @type {(() => unknown)[]} */
  const undo = [];
  const cleanup = { after: (/** @type {() => unknown} */ action) => void undo.unshift(action) };
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  try {
    const stage = await openStage(cleanup, browser, version, scenario);
    /** @type {Promise<never>} */
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`still running after ${PATIENCE_MS} ms`)), PATIENCE_MS);
    });
    /** @type {import('./stage.mjs').Outcome} */
    const outcome = await Promise.race([scenario.run(stage, settings), late]);
    // When Firefox shows a page again, it requests an icon, whatever icon the page names. The worker then asks about
    // the app's own origin, once in its life.
    const isIcon = (/** @type {string} */ url) => url === `${stage.app.origin}/favicon.ico`;
    const isStrange = (/** @type {string} */ url) =>
      !scenario.asksAboutStrangers && !url.startsWith(`${stage.realms.origin}/`) && !isIcon(url);
    const strange = outcome.asks.filter(isStrange);
    const loadsCore = scenario.needsNoCore && stage.app.log.entries.some(({ path }) => path.endsWith('/core.js'));
    const faults = [
      outcome.fault,
      strange.length > 0 && `asked about ${strange.join(', ')}`,
      loadsCore && 'the page loads the core',
    ];
    return { ...outcome, fault: faults.filter(Boolean).join(', ') || undefined };
  } finally {
    clearTimeout(timer);
    for (const action of undo) await action();
  }
}
