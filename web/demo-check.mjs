// Tests the demo: presses its buttons in headless Chromium and looks at every image.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumOptions } from './chromium-options.mjs';
import { imagesShown } from './image-probe.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./realm-server.mjs').RealmServer} RealmServer */
/** @typedef {{title: string, button: string, user: 'alice' | 'bob' | undefined, mustAsk?: boolean, stopWorker?: boolean}} CheckCase */

/** @type {CheckCase[]} */
const checkCases = [
  { title: 'warm', button: 'again', user: 'alice' },
  { title: 'worker’s tokens dropped', button: 'drop', user: 'alice', mustAsk: true },
  { title: 'token only in localStorage', button: 'storage-only', user: 'alice', mustAsk: true },
  { title: 'worker stopped by the browser', button: 'again', user: 'alice', mustAsk: true, stopWorker: true },
  { title: 'tokens expired', button: 'expire', user: 'alice', mustAsk: true },
  { title: 'logged out', button: 'log-out', user: undefined },
  { title: 'logged in as Bob', button: 'bob', user: 'bob' },
  { title: 'logged in as Alice', button: 'alice', user: 'alice' },
];

/** @param {RealmServer} realmServer @param {CheckCase['user']} user whose paths are returned */
const expectedPaths = ({ realms }, user) =>
  new Set(
    realms
      .filter(({ users }) => users === 'everyone' || (user && users.includes(user)))
      .flatMap(({ path, images }) => images.map(({ name }) => path + name)),
  );

/** @param {Set<string>} expected @param {Set<string>} shown @param {string} where */
const differences = (expected, shown, where) => [
  ...[...expected].filter((path) => !shown.has(path)).map((path) => `${path} is broken ${where}`),
  ...[...shown].filter((path) => !expected.has(path)).map((path) => `${path} shows ${where}, and should not`),
];

/** @param {Page} page @param {string} button */
const pressed = (page, button) =>
  page.evaluate(
    (name) =>
      new Promise((resolve, reject) => {
        setTimeout(reject, 30_000, new Error(`the case "${name}" did not end`));
        document.addEventListener('round', (event) => resolve(/** @type {CustomEvent} */ (event).detail), {
          once: true,
        });
        /** @type {HTMLElement | null} */ (document.querySelector(`[data-case="${name}"]`))?.click();
      }),
    button,
  );

/** @param {Page} page @param {RealmServer} realmServer @param {CheckCase} checkCase */
async function runCase(page, realmServer, checkCase) {
  if (checkCase.stopWorker) {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('ServiceWorker.enable');
    await devtools.send('ServiceWorker.stopAllWorkers');
    await devtools.detach();
  }
  const round = /** @type {import('./demo-page.js').RoundResult} */ (await pressed(page, checkCase.button));
  const withWorker = await imagesShown(page, 'with', realmServer.log);
  const without = await imagesShown(page, 'without', realmServer.log);
  const faults = [
    ...differences(expectedPaths(realmServer, checkCase.user), withWorker.shown, 'with the worker'),
    ...differences(expectedPaths(realmServer, undefined), without.shown, 'without the worker'),
    ...withWorker.wrongBadges,
    ...without.wrongBadges,
  ];
  for (const { url, status, user } of realmServer.log) {
    if (
      url.startsWith('/me/') &&
      url.includes(`side=with&round=${round.round}`) &&
      status === 200 &&
      user !== checkCase.user
    ) {
      faults.push(`${url} shows what belongs to ${user}`);
    }
  }
  if (checkCase.mustAsk && round.asks === 0) faults.push('the worker asked nothing, so this case was not tried');
  const total = realmServer.realms.reduce((sum, { images }) => sum + images.length, 0);
  const cells = [
    checkCase.title,
    `${without.shown.size} of ${total}`,
    `${withWorker.shown.size} of ${total}`,
    String(round.asks),
    String(round.with.milliseconds),
    faults.length ? 'WRONG' : 'as it should be',
  ];
  return { cells, faults: faults.map((fault) => `${checkCase.title}: ${fault}`) };
}

/** Jumps near the video's end. @param {Page} page @param {RealmServer} realmServer */
async function seek(page, realmServer) {
  const before = realmServer.log.length;
  const seconds = await page.$eval(
    '#with video',
    (element) =>
      new Promise((resolve) => {
        const video = /** @type {HTMLVideoElement} */ (element);
        video.onseeked = () => resolve(video.readyState >= 2 && video.currentTime);
        video.onerror = () => resolve(false);
        setTimeout(resolve, 8000, false);
        video.currentTime = video.duration - 4;
      }),
  );
  const responses = realmServer.log
    .slice(before)
    .filter(({ status, range }) => status === 206 && !range.startsWith('bytes=0-'));
  const good = seconds !== false && responses.length > 0;
  return good
    ? {
        text: `video: jumped to second ${seconds}, ${responses.map(({ range }) => `Range ${range} → 206`).join(', ')}`,
        faults: [],
      }
    : { text: 'video: WRONG', faults: [`video: seek ended at ${seconds} with ${responses.length} partial responses`] };
}

/** Waits for the next round that the page begins by itself. @param {Page} page */
const nextRound = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        setTimeout(reject, 30_000, new Error('nothing has happened'));
        document.addEventListener('round', () => resolve(undefined), { once: true });
      }),
  );

/** Another user logs in, in a second tab. @param {Page} page @param {RealmServer} realmServer */
async function inTwoTabs(page, realmServer) {
  const [other] = await Promise.all([page.context().waitForEvent('page'), page.click('text=Open a second tab')]);
  await other.waitForSelector('html[data-ready="yes"]');
  const faults = [];
  for (const user of /** @type {const} */ (['bob', 'alice'])) {
    await Promise.all([nextRound(page), pressed(other, user)]);
    for (const tab of [page, other]) {
      const { shown } = await imagesShown(tab, 'with', realmServer.log);
      faults.push(...differences(expectedPaths(realmServer, user), shown, `in two tabs of ${user}`));
    }
  }
  await other.close();
  return faults;
}

/** @param {Page} page @param {RealmServer} realmServer */
async function onSlowNetwork(page, realmServer) {
  await Promise.all([nextRound(page), page.click('#slow')]);
  const round = /** @type {import('./demo-page.js').RoundResult} */ (await pressed(page, 'expire'));
  const { shown } = await imagesShown(page, 'with', realmServer.log);
  await Promise.all([nextRound(page), page.click('#slow')]);
  const faults = differences(expectedPaths(realmServer, 'alice'), shown, 'on a slow network');
  if (round.with.milliseconds < 2000)
    faults.push(`a slow network: the last image came after ${round.with.milliseconds} ms`);
  return faults;
}

/**
 * Writes the top of the page, narrow enough to have both sides and no panel. Playwright cannot write WebP, but Chromium
 * can: https://chromedevtools.github.io/devtools-protocol/tot/Page/#method-captureScreenshot
 * @param {Page} page @param {string} imageFile
 */
async function writeImage(page, imageFile) {
  const usual = /** @type {{width: number, height: number}} */ (page.viewportSize());
  await page.setViewportSize({ width: 1095, height: 1100 });
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  await devtools.detach();
  await page.setViewportSize(usual);
  await writeFile(imageFile, Buffer.from(data, 'base64'));
  console.log(`image: ${imageFile}`);
}

/** @param {Page} page @param {string} screenshotFile @returns {Promise<boolean>} whether it must be scrolled sideways */
async function onPhone(page, screenshotFile) {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: screenshotFile, fullPage: true });
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

/** @param {string[][]} rows */
function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 || column === row.length - 1 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
        )
        .join('   ')
        .trimEnd(),
    );
  }
}

/**
 * @param {string} appOrigin @param {RealmServer} realmServer @param {string} screenshotFile
 * @param {string} [imageFile] for README.md
 * @returns {Promise<boolean>} whether every image was as it should be
 */
export async function checkDemo(appOrigin, realmServer, screenshotFile, imageFile) {
  const browser = await chromium.launch(chromiumOptions());
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(`page: ${error.message}`));
    await page.goto(appOrigin);
    await page.waitForSelector('html[data-ready="yes"]');

    const rows = [['case', 'without', 'with', 'asks', 'last image, ms', '']];
    const faults = [];
    for (const checkCase of checkCases) {
      const outcome = await runCase(page, realmServer, checkCase);
      rows.push(outcome.cells);
      faults.push(...outcome.faults);
    }
    printTable(rows);
    if (imageFile) await writeImage(page, imageFile);
    const video = await seek(page, realmServer);
    console.log(video.text);
    faults.push(...video.faults);
    faults.push(...(await inTwoTabs(page, realmServer)), ...(await onSlowNetwork(page, realmServer)));
    for (const fault of faults) console.error(fault);

    // While the video has no data ahead, its controls show that it is waiting.
    await page
      .waitForFunction(() => document.querySelector('video')?.readyState === 4, undefined, { timeout: 3000 })
      .catch(() => {});
    await mkdir(dirname(screenshotFile), { recursive: true });
    await page.screenshot({ path: screenshotFile, fullPage: true });
    console.log(`screenshot: ${screenshotFile}`);
    const isWide = await onPhone(page, screenshotFile.replace(/(\.\w+)?$/, '-phone$1'));
    if (isWide) console.error('on a phone, the page is wider than the screen');
    return faults.length === 0 && !isWide;
  } finally {
    await browser.close();
  }
}
