import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './until.mjs';

/** Far longer than it takes. Chromium's driver may never close a page that is just loading itself again. */
const CLOSE_MS = 10_000;

/**
 * What Chromium and Firefox do alike.
 * @param {import('./launcher.mjs').Engine} engine
 * @param {import('playwright-core').Browser} browser
 * @param {object} own what each does in its own way
 * @param {(page: import('playwright-core').Page) => Promise<void>} own.stopWorkers
 * @param {(page: import('playwright-core').Page) => Promise<void>} own.hardReload
 * @returns {Promise<import('./launcher.mjs').Browser>}
 */
export async function playwrightBrowser(engine, browser, { stopWorkers, hardReload }) {
  const newProfile = () =>
    browser.newContext({ viewport: { width: 800, height: 600 }, ignoreHTTPSErrors: engine === 'firefox' });
  let profile = await newProfile();
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
      await closed(profile.close());
      profile = await newProfile();
    },
    async openTab() {
      const page = await profile.newPage();
      return {
        ...tabOf(page),
        close: () => closed(page.close()),
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
    goto: async (url) => void (await page.goto(url)),
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
 * Not with Playwright's goBack(): it waits for an event that a page from the back/forward cache does not send.
 * @param {import('playwright-core').Page} page
 * @param {() => void} step to a page of another URL
 */
async function traverse(page, step) {
  // Not page.url(): it misses such a return as well.
  const left = await page.evaluate(() => location.href);
  await page.evaluate(step);
  await until(`another page than ${left}`, () =>
    page.evaluate((url) => location.href !== url && document.readyState === 'complete', left).catch(() => false),
  );
}
