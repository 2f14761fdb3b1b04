// One small API over browsers. What a story does with a tab is all an engine has to offer, so that one
// driven without Playwright can be added.
import { chromium } from 'playwright-core';
import { chromiumOptions } from '../../web/chromium-options.mjs';
import { stopChromiumWorkers } from './worker-kill.mjs';

/**
 * @typedef {object} Tab
 * @property {(url: string) => Promise<void>} goto resolves after the load event
 * @property {(inPage: (...args: any[]) => any, ...args: any[]) => Promise<any>} evaluate runs a
 *   function, sent as text, in the page; arguments and result are JSON
 * @property {() => Promise<Buffer>} screenshot a PNG of what is visible
 * @property {() => Promise<void>} close
 * @property {() => Promise<void>} stopWorkers stops every running service worker of the browser, as it
 *   does itself with an idle one; the page stays as it is
 */
/**
 * @typedef {object} Browser
 * @property {string} engine
 * @property {string} version
 * @property {() => Promise<Tab>} openTab all tabs share one profile
 * @property {() => Promise<void>} close
 */

/** @type {Record<string, () => Promise<Browser>>} */
const engines = { chromium: launchChromium };

/** @param {string} [engine] @returns {Promise<Browser>} */
export function launch(engine = 'chromium') {
  return engines[engine]();
}

async function launchChromium() {
  const browser = await chromium.launch(chromiumOptions());
  const context = await browser.newContext({ viewport: { width: 800, height: 600 } });
  return {
    engine: 'chromium',
    version: browser.version(),
    close: () => browser.close(),
    async openTab() {
      const page = await context.newPage();
      return tabOf(page);
    },
  };
}

/** @param {import('playwright-core').Page} page @returns {Tab} */
function tabOf(page) {
  return {
    goto: async (url) => void (await page.goto(url)),
    evaluate: (inPage, ...args) =>
      page.evaluate(([text, values]) => (0, eval)(`(${text})`)(...values), /** @type {[string, any[]]} */ ([String(inPage), args])),
    screenshot: () => page.screenshot(),
    close: () => page.close(),
    stopWorkers: () => stopChromiumWorkers(page),
  };
}
