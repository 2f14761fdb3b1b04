// Measures how much longer an app boots with the worker than without one, and for comparison with a worker that leaves
// every request alone.
import { quantile, takeTurns } from '../../bench/samples.mjs';
import { controlled } from '../in-page.mjs';
import { appPage, importChain } from './pages.mjs';
import { openRival } from './rivals.mjs';

/** The most that the worker may cost. */
const RATIO_AT_MOST = 1.05;

/**
 * The value of Lighthouse's desktop: https://github.com/GoogleChrome/lighthouse/blob/main/core/config/constants.js
 */
const ROUND_TRIP_MS = 40;

/**
 * @param {'logged out' | 'logged in' | 'after a kill'} state
 * @param {number} [roundTripMs] none: all is on one machine
 * @returns {import('./scenario.mjs').Scenario}
 */
const boot = (state, roundTripMs) => ({
  name: `boot, ${state}${roundTripMs ? `, ${roundTripMs} ms away` : ''}`,
  roundTripMs,
  pages: [2],
  isBoot: true,
  realms: state === 'logged out' ? {} : undefined,
  async run(stage, { pairs }) {
    const page = await appPage(stage.version, {
      imports: importChain,
      script: 'globalThis.bootedAt = performance.now();',
    });
    stage.pages['/app'] = page;
    const without = await openRival(stage.cleanup, page, 'without', { roundTripMs });
    const idle = await openRival(stage.cleanup, page, 'idle', { roundTripMs });

    const tab = await stage.openWarmTab();
    await tab.goto(`${idle}/app`);
    await tab.evaluate(controlled);
    /** @param {string} origin @returns {Promise<number>} */
    const bootOf = async (origin) => {
      if (state === 'after a kill') await tab.stopWorkers();
      await tab.goto(`${origin}/app`);
      const { bootedAt, isControlled } = await tab.evaluate(booted);
      if (isControlled !== (origin !== without)) throw new Error('the worker is on the wrong side');
      return bootedAt;
    };
    const apps = {
      ours: () => bootOf(stage.app.origin),
      without: () => bootOf(without),
      idle: () => bootOf(idle),
    };
    // The first round is not measured: it fills the caches.
    await takeTurns(apps, 1);
    const times = await takeTurns(apps, pairs);
    const ratioOf = (/** @type {'ours' | 'idle'} */ app) =>
      quantile(times[app].map((ms, at) => ms / times.without[at]));
    const ratio = ratioOf('ours');
    const ms = (/** @type {keyof typeof apps} */ app) => quantile(times[app]).toFixed(0);
    return {
      wanted: 0,
      broken: 0,
      asks: [],
      ms: 0,
      text: `${ratio.toFixed(2)}: ${ms('ours')} over ${ms('without')} ms; any worker ${ratioOf('idle').toFixed(2)}`,
      fault: ratio > RATIO_AT_MOST ? 'slower' : undefined,
    };
  },
});

/** WebKit's load event does not wait for all modules. @returns {Promise<{bootedAt: number, isControlled: boolean}>} */
const booted = async () => {
  const page = /** @type {any} */ (globalThis);
  while (page.bootedAt === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  return { bootedAt: page.bootedAt, isControlled: navigator.serviceWorker.controller !== null };
};

export const boots = [undefined, ROUND_TRIP_MS].flatMap((roundTripMs) => [
  boot('logged out', roundTripMs),
  boot('logged in', roundTripMs),
  boot('after a kill', roundTripMs),
]);
