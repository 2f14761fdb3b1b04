// How much later an app has booted with the worker than without.
import { appPage, chain, importChain } from './pages.mjs';
import { startApp } from '../servers.mjs';

/** As much as the worker may cost. */
const RATIO_AT_MOST = 1.05;

/** @param {'logged out' | 'logged in' | 'after a kill'} state @returns {import('./scenario.mjs').Scenario} */
const boot = (state) => ({
  name: `boot, ${state}`,
  pages: [2],
  isBoot: true,
  realms: state === 'logged out' ? {} : undefined,
  async run(stage, { pairs }) {
    const page = await appPage(stage.version, { imports: importChain, script: 'globalThis.bootedAt = performance.now();' });
    stage.pages['/app'] = page;
    // The same but for one line.
    const without = await startApp({ ...chain, '/app': page.replace('registerAuthServiceWorker();', '') }, 'self-contained');
    stage.cleanup.after(() => without.close());

    const tab = await stage.openWarmTab();
    const bootOf = async (/** @type {string} */ origin) => {
      if (state === 'after a kill') await tab.stopWorkers();
      await tab.goto(`${origin}/app`);
      const { bootedAt, isControlled } = await tab.evaluate(() => ({
        bootedAt: /** @type {any} */ (globalThis).bootedAt,
        isControlled: navigator.serviceWorker.controller !== null,
      }));
      if (isControlled !== (origin === stage.app.origin)) throw new Error('the worker is on the wrong side');
      return bootedAt;
    };
    // Once unmeasured: caches fill.
    const pair = async () => ({ over: await bootOf(stage.app.origin), under: await bootOf(without.origin) });
    await pair();
    const times = [];
    for (let at = 0; at < pairs; at++) times.push(await pair());
    const ratio = median(times.map(({ over, under }) => over / under));
    const text = `${ratio.toFixed(2)} = ${median(times.map(({ over }) => over)).toFixed(0)} ms over ${median(times.map(({ under }) => under)).toFixed(0)} ms`;
    return { wanted: 0, broken: 0, asks: [], ms: 0, text, fault: ratio > RATIO_AT_MOST ? 'slower' : undefined };
  },
});

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

export const boots = [boot('logged out'), boot('logged in'), boot('after a kill')];
