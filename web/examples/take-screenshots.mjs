// Takes the screenshots of the guide, one of each example after a login, in headless Chromium:
// node web/examples/take-screenshots.mjs [NAME...]
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumOptions } from '../chromium-options.mjs';
import { startExample } from './start.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** The pages are higher, and are shown whole. */
const SIZE = { width: 560, height: 100 };
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

const names = process.argv.slice(2);
const examples = (await readdir(here('.'), { withFileTypes: true }))
  .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
  .map(({ name }) => name);
await mkdir(here('../guide/pictures'), { recursive: true });
const browser = await chromium.launch(chromiumOptions());
try {
  for (const name of names.length > 0 ? names : examples) {
    const example = await startExample(name);
    const page = await browser.newPage({ viewport: SIZE });
    await page.goto(`${example.origin}/`);
    await (name === 'oidc' ? logInAtProvider(page) : logIn(page));
    await page.waitForFunction(showsImages, undefined, { timeout: 20_000 });
    // MapLibre draws its tiles on a canvas, and fades them in.
    await page.waitForLoadState('networkidle');
    if (name === 'map') await page.waitForTimeout(1000);
    const devtools = await page.context().newCDPSession(page);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const { data } = await devtools.send('Page.captureScreenshot', {
      format: 'webp',
      quality: 70,
      captureBeyondViewport: true,
      clip: { x: 0, y: 0, width: SIZE.width, height, scale: 1 },
    });
    await writeFile(here(`../guide/pictures/${name}.webp`), Buffer.from(data, 'base64'));
    await page.close();
    await example.close();
  }
} finally {
  await browser.close();
}

/** In the example of Boxel, the user is logged in already. @param {Page} page */
async function logIn(page) {
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  const button = page.locator('#log-in, #app button').first();
  await page.waitForFunction(() => document.querySelector('#log-in, #app button, img'));
  if ((await button.count()) > 0) await button.click();
}

/** Fills two forms: one for the name, and one for the consent. @param {Page} page */
async function logInAtProvider(page) {
  for (const path of ['**/interaction/*', '**/interaction/*']) {
    await page.waitForURL(path);
    for (const input of await page.locator('input:not([type=hidden])').all()) await input.fill('ada');
    await Promise.all([page.waitForNavigation(), page.locator('form button').first().click()]);
  }
}

/** In the example of OpenTelemetry, the token of one image has been revoked. */
function showsImages() {
  const images = [...document.images].filter(({ src }) => !src.includes('/revoked/'));
  return images.length > 0 && images.every(({ complete, naturalWidth }) => complete && naturalWidth > 0);
}
