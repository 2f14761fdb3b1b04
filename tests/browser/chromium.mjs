import { chromium } from 'playwright-core';
import { chromiumOptions } from '../../web/chromium-options.mjs';
import { certificateHash } from './certificate.mjs';
import { playwrightBrowser } from './playwright-browser.mjs';

/** @returns {Promise<import('./launcher.mjs').Browser>} */
export async function launchChromium() {
  const options = chromiumOptions();
  const browser = await chromium.launch({
    ...options,
    // `ignoreHTTPSErrors` would not do: Chromium does not cache responses whose certificate it merely tolerates.
    args: [...(options.args ?? []), `--ignore-certificate-errors-spki-list=${certificateHash()}`],
    // Playwright turns the back/forward cache off, but users have it.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  return playwrightBrowser('chromium', browser, {
    openBeside: (empty) => empty.context().newPage(),
    stopWorkers,
    hardReload,
  });
}

/**
 * Stops the workers over the DevTools protocol, and detaches afterwards: Chromium does not stop an idle worker while
 * DevTools watches it.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<void>} settles when none runs any more
 */
async function stopWorkers(page) {
  const devtools = await page.context().newCDPSession(page);
  /** The state of each worker version. @type {Map<string, string>} */
  const states = new Map();
  const stopped = new Promise((resolve) => {
    devtools.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      for (const { versionId, runningStatus } of versions) states.set(versionId, runningStatus);
      if (states.size > 0 && [...states.values()].every((state) => state === 'stopped')) resolve(undefined);
      // An update may start another worker meanwhile.
      else if (versions.some(({ runningStatus }) => runningStatus === 'running'))
        void devtools.send('ServiceWorker.stopAllWorkers').catch(() => {});
    });
  });
  await devtools.send('ServiceWorker.enable');
  await devtools.send('ServiceWorker.stopAllWorkers');
  await stopped;
  await devtools.detach();
}

/** @param {import('playwright-core').Page} page */
async function hardReload(page) {
  const devtools = await page.context().newCDPSession(page);
  await Promise.all([page.waitForEvent('load'), devtools.send('Page.reload', { ignoreCache: true })]);
  await devtools.detach();
}
