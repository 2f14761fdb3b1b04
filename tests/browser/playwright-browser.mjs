import { setTimeout as sleep } from 'node:timers/promises';
import { DriverFault } from './driver-fault.mjs';
import { until } from './until.mjs';

/** Far longer than closing takes. Chromium's driver may never close a page that is just loading itself again. */
const CLOSE_MS = 10_000;

/**
 * Makes a browser of what Chromium and Firefox do alike.
 *
 * In both, a new window takes about half a second of processor time, and a new tab in an open window about half of
 * that. So a window stays open when its tab is closed, with an empty page that belongs to no site.
 * @param {import('./launcher.mjs').Engine} engine
 * @param {import('playwright-core').Browser} browser
 * @param {object} own what differs between them
 * @param {(empty: import('playwright-core').Page) => Promise<import('playwright-core').Page>} own.openBeside opens a
 *   page that is visible
 * @param {(page: import('playwright-core').Page) => Promise<void>} own.stopWorkers
 * @param {(page: import('playwright-core').Page) => Promise<void>} own.hardReload
 * @returns {Promise<import('./launcher.mjs').Browser>}
 */
export async function playwrightBrowser(engine, browser, { openBeside, stopWorkers, hardReload }) {
  const profile = await browser.newContext({
    viewport: { width: 800, height: 600 },
    ignoreHTTPSErrors: engine === 'firefox',
  });
  /** The empty pages of windows without a tab. @type {import('playwright-core').Page[]} */
  const empties = [];
  let isHung = false;
  /** @param {Promise<void>} closing */
  const closed = async (closing) => {
    const isClosed = await Promise.race([closing.then(() => true), sleep(CLOSE_MS, false, { ref: false })]);
    isHung = isHung || !isClosed;
  };
  return {
    engine,
    version: browser.version(),
    isUsable: () => browser.isConnected() && !isHung,
    close: () => browser.close(),
    async forget() {
      if (isHung) return;
      for (const page of profile.pages()) if (!empties.includes(page)) await closed(page.close());
      await profile.clearCookies();
    },
    async openTab() {
      const empty = empties.pop() ?? (await profile.newPage());
      const page = await openBeside(empty);
      return {
        ...tabOf(page),
        async close() {
          await closed(page.close());
          empties.push(empty);
        },
        stopWorkers: () => stopWorkers(page),
        hardReload: () => hardReload(page),
        allow: (permission) => profile.grantPermissions([permission]),
      };
    },
  };
}

/**
 * @param {import('playwright-core').Page} page
 * @returns {Omit<import('./launcher.mjs').Tab, 'close' | 'stopWorkers' | 'hardReload'>}
 */
function tabOf(page) {
  return {
    goto: (url) =>
      page.goto(url).then(
        () => {},
        (cause) => {
          throw cause.name === 'TimeoutError' ? new DriverFault(`${url} did not load`, { cause }) : cause;
        },
      ),
    evaluate: (inPage, ...args) =>
      page.evaluate(
        ([text, values]) => (0, eval)(`(${text})`)(...values),
        /** @type {[string, any[]]} */ ([String(inPage), args]),
      ),
    press: (key) => page.keyboard.press(key),
    screenshot: () => page.screenshot(),
    goBack: () => traverse(page, () => history.back()),
    goForward: () => traverse(page, () => history.forward()),
  };
}

/**
 * Goes back or forward. Playwright's goBack() would wait for an event that a page from the back/forward cache does not
 * send.
 * @param {import('playwright-core').Page} page
 * @param {() => void} step to a page of another URL
 */
async function traverse(page, step) {
  // page.url() also misses the return of such a page.
  const left = await page.evaluate(() => location.href);
  await page.evaluate(step);
  await until(`another page than ${left}`, () =>
    page.evaluate((url) => location.href !== url && document.readyState === 'complete', left).catch(() => false),
  );
}
