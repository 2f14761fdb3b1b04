// Launches WebKitGTK: its MiniBrowser, driven by WebKitWebDriver, on a screen of Xvfb.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { Child, dyingWithParent } from './child.mjs';
import { despiteDriver } from './driver-fault.mjs';
import { until } from './until.mjs';
import { WebDriverSession } from './webdriver.mjs';
import { WorkerHosts, childrenOf } from './webkit-worker-hosts.mjs';

const TRIES = 2;
/** https://www.w3.org/TR/webdriver2/#keyboard-actions */
const KEYS = { Tab: '\uE004', Enter: '\uE007' };

/** @returns {Promise<import('./launcher.mjs').Browser>} */
export const launchWebKit = () => despiteDriver(TRIES, launchOnce);

/** @returns {Promise<import('./launcher.mjs').Browser>} */
async function launchOnce() {
  /** @type {Child[]} */
  const children = [];
  const start = (/** @type {ConstructorParameters<typeof Child>} */ ...how) => {
    const child = new Child(...how);
    children.unshift(child);
    return child;
  };
  const killAll = async () => {
    for (const child of children) await child.kill();
  };
  try {
    const screen = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp']);
    const display = `:${await screen.firstWord()}`;
    const port = await freePort();
    const driver = start('WebKitWebDriver', [`--port=${port}`], { DISPLAY: display });
    const session = await Promise.race([startSession(`http://127.0.0.1:${port}`), driver.failure]);
    const first = await session.firstWindow();
    const [browser] = childrenOf(/** @type {number} */ (driver.pid));
    const hosts = new WorkerHosts(session, browser, first);
    await hosts.start();
    return {
      engine: 'webkit',
      version: session.version,
      openTab: async () => tabOf(session, await hosts.openTab(), hosts, display),
      forget: () => hosts.deleteCookies(),
      // After each stop of the workers, it is more likely that WebKit runs the next ones in a tab.
      isUsable: () => session.isUsable && !hosts.hasKilled,
      async close() {
        hosts.close();
        await session.end().catch(() => {});
        await killAll();
      },
    };
  } catch (error) {
    await killAll();
    throw error;
  }
}

/** @param {string} driver */
function startSession(driver) {
  return WebDriverSession.start(driver, {
    browserName: 'MiniBrowser',
    acceptInsecureCerts: true,
    'webkitgtk:browserOptions': dyingWithParent(miniBrowser(), ['--automation']),
  });
}

function miniBrowser() {
  const paths = readdirSync('/usr/lib').flatMap((folder) =>
    ['webkit2gtk-4.1', 'webkitgtk-6.0'].map((library) => `/usr/lib/${folder}/${library}/MiniBrowser`),
  );
  const path = paths.find((candidate) => existsSync(candidate));
  if (!path) throw new Error('MiniBrowser is not in /usr/lib/*/webkit2gtk-4.1 or /usr/lib/*/webkitgtk-6.0');
  return path;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/**
 * @param {WebDriverSession} session @param {string} window @param {WorkerHosts} hosts @param {string} display
 * @returns {import('./launcher.mjs').Tab}
 */
function tabOf(session, window, hosts, display) {
  const evaluate = (/** @type {(...args: any[]) => any} */ inPage, /** @type {any[]} */ ...args) =>
    session.evaluate(window, inPage, args);
  return {
    evaluate,
    goto: (url) => session.run(window, 'POST', '/url', { url }),
    press(key) {
      const actions = ['keyDown', 'keyUp'].map((type) => ({ type, value: KEYS[key] }));
      return session.run(window, 'POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
    },
    screenshot: async () => Buffer.from(await session.run(window, 'GET', '/screenshot'), 'base64'),
    close: () => hosts.closeTab(window),
    goBack: () => session.run(window, 'POST', '/back', {}),
    goForward: () => session.run(window, 'POST', '/forward', {}),
    stopWorkers: () => hosts.kill(),
    async hardReload() {
      // WebDriver has no command for a hard reload, and its keys reach only the page.
      const title = `reload ${Date.now()}`;
      await evaluate((text) => void (document.title = text), title);
      const key = ['search', '--sync', '--name', title, 'windowfocus', '--sync', 'key', 'ctrl+F5'];
      execFileSync('xdotool', key, { env: { ...process.env, DISPLAY: display }, timeout: 10_000 });
      const isReloaded = (/** @type {string} */ text) => document.title !== text && document.readyState === 'complete';
      await until('the page to be reloaded', () => evaluate(isReloaded, title).catch(() => false));
    },
  };
}
