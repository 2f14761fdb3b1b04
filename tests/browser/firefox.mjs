import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { firefox } from 'playwright-core';
import { playwrightBrowser } from './playwright-browser.mjs';

const STARTED_PROFILE = fileURLToPath(new URL('../../build/firefox-profile', import.meta.url));

const OPTIONS = {
  // The released Firefox speaks WebDriver BiDi; Playwright's own protocol needs Playwright's own build.
  channel: 'moz-firefox',
  executablePath: fileURLToPath(new URL('mortal-firefox', import.meta.url)),
  headless: true,
  // This argument allows `inBrowser`: https://firefox-source-docs.mozilla.org/remote/Security.html
  args: ['--remote-allow-system-access'],
  env: { ...process.env, STARTED_PROFILE },
};

/**
 * @param {Record<string, boolean>} [firefoxUserPrefs] settings of about:config
 * @returns {Promise<import('./launcher.mjs').Browser>}
 */
export async function launchFirefox(firefoxUserPrefs = {}) {
  await startOneProfile();
  const browser = await firefox.launch({ ...OPTIONS, firefoxUserPrefs });
  return playwrightBrowser('firefox', browser, {
    openBeside,
    stopWorkers: () => inBrowser(browser, terminateWorkers),
    hardReload,
  });
}

/** Firefox compiles its own scripts at a profile's first start. mortal-firefox copies the result to the others. */
async function startOneProfile() {
  if (existsSync(STARTED_PROFILE)) return;
  mkdirSync(new URL('../../build', import.meta.url), { recursive: true });
  const folder = mkdtempSync(`${STARTED_PROFILE}-`);
  const context = await firefox.launchPersistentContext(folder, OPTIONS);
  await context.close();
  try {
    renameSync(folder, STARTED_PROFILE);
  } catch {
    // Another launch has started a profile first.
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Opens a tab beside an open page. Playwright's newPage() would open a window. The new tab has the focus, as that
 * window would.
 * @param {import('playwright-core').Page} empty
 */
async function openBeside(empty) {
  const [page] = await Promise.all([
    empty.context().waitForEvent('page'),
    empty.evaluate(() => void open('about:blank', '_blank', 'noopener')),
  ]);
  await page.bringToFront();
  return page;
}

/** @param {import('playwright-core').Page} page */
async function hardReload(page) {
  // Only Firefox has this argument. It means: past the cache and the worker.
  const reload = () => void (/** @type {any} */ (location).reload(true));
  await Promise.all([page.waitForEvent('load'), page.evaluate(reload)]);
}

/** Runs in the browser's own window. Lists the workers, as about:serviceworkers does, and stops them. */
async function terminateWorkers() {
  const { Cc, Ci } = /** @type {any} */ (globalThis);
  const manager = Cc['@mozilla.org/serviceworkers/manager;1'].getService(Ci.nsIServiceWorkerManager);
  const registrations = manager.getAllRegistrations();
  for (let at = 0; at < registrations.length; at++) {
    const { activeWorker, waitingWorker, installingWorker, evaluatingWorker } = registrations.queryElementAt(
      at,
      Ci.nsIServiceWorkerRegistrationInfo,
    );
    for (const worker of [activeWorker, waitingWorker, installingWorker, evaluatingWorker])
      await worker?.terminateWorker();
  }
}

/**
 * Runs a function with the browser's own rights, over Playwright's BiDi connection. That is private to Playwright,
 * but Firefox accepts only one session.
 * @param {import('playwright-core').Browser} browser
 * @param {() => Promise<void>} inBrowserWindow sent as text
 */
async function inBrowser(browser, inBrowserWindow) {
  const { _connection: connection } = /** @type {any} */ (browser);
  const { _browserSession: bidi } = connection.toImpl(browser);
  const { contexts } = await bidi.send('browsingContext.getTree', { 'moz:scope': 'chrome', maxDepth: 0 });
  const { type, exceptionDetails } = await bidi.send('script.evaluate', {
    expression: `(${inBrowserWindow})()`,
    awaitPromise: true,
    target: { context: contexts[0].context },
  });
  if (type !== 'success') throw new Error(exceptionDetails.text);
}
