/**
 * What Chromium and Firefox do alike.
 * @param {import('playwright-core').Page} page
 * @returns {Omit<import('./launcher.mjs').Tab, 'stopWorkers' | 'hardReload'>}
 */
export function playwrightTab(page) {
  return {
    goto: async (url) => void (await page.goto(url)),
    evaluate: (inPage, ...args) =>
      page.evaluate(([text, values]) => (0, eval)(`(${text})`)(...values), /** @type {[string, any[]]} */ ([String(inPage), args])),
    screenshot: () => page.screenshot(),
    close: () => page.close(),
    goBack: async () => void (await page.goBack()),
    goForward: async () => void (await page.goForward()),
  };
}
