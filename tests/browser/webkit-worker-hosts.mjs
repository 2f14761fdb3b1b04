// WebKit runs all service workers of localhost in one web process: first that of the page that needed the first worker,
// and later that of any other page of localhost. To stop the workers, a test kills this process. Its page dies too, so
// it must not be a page of the test. WebDriver ends its session when a window crashes. So this file opens pages only to
// be killed.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { DriverFault } from './driver-fault.mjs';
import { until } from './until.mjs';

/** WebKit picks a client of a worker. With so many frames of ours, it hardly ever picks a tab. */
const FRAMES = 60;

const page = `<!doctype html>
<script type="module">
  await navigator.serviceWorker.register('/worker.js');
  await navigator.serviceWorker.ready;
  const frames = Array.from({ length: ${FRAMES} }, () =>
    Object.assign(document.createElement('iframe'), { src: '/frame' }));
  document.body.append(...frames);
  await Promise.all(frames.map((frame) => new Promise((resolve) => (frame.onload = resolve))));
  // On a busy machine, the first requests after a kill may bypass their worker.
  const isSeen = async () => (await (await frames[0].contentWindow.fetch('/frame')).text()) === 'seen';
  while (!(await isSeen())) await new Promise((resolve) => setTimeout(resolve, 10));
  globalThis.isReady = true;
</script>`;

const worker = `
onactivate = (event) => event.waitUntil(clients.claim());
onfetch = (event) => {
  if (event.request.mode !== 'navigate') event.respondWith(new Response('seen'));
};`;

/** @type {Record<string, [type: string, body: string]>} */
const files = {
  '/': ['text/html', page],
  '/frame': ['text/html', ''],
  '/worker.js': ['text/javascript', worker],
};

/** @typedef {{window: string, pid: number}} Opened a window and its web process */

export class WorkerHosts {
  hasKilled = false;
  #session;
  #browser;
  #first;
  /** The windows of such pages, by their web process. @type {Map<number, string>} */
  #windows = new Map();
  /** The web processes of tabs, by window. @type {Map<string, number>} */
  #tabs = new Map();
  /**
   * The window of the next tab. It is opened early, when the last tab closes, since its web process takes 200 ms to
   * start. It is not opened earlier, since the newest window has the focus.
   * @type {Promise<Opened> | undefined}
   */
  #next;
  #server = createServer(({ url = '' }, response) => {
    const [type, body] = files[url] ?? ['text/plain', ''];
    response.setHeader('Content-Type', type).end(body);
  });

  /**
   * @param {import('./webdriver.mjs').WebDriverSession} session
   * @param {number} browser its process id
   * @param {string} first a window that stays open
   */
  constructor(session, browser, first) {
    this.#session = session;
    this.#browser = browser;
    this.#first = first;
  }

  /** To be called before any tab needs a worker. */
  async start() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const windows = [await this.#open(), await this.#open()];
    await Promise.all(windows.map((window) => this.#load(window)));
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** @returns {Promise<string>} its window */
  async openTab() {
    const opened = this.#next ?? this.#open();
    this.#next = undefined;
    const { window, pid } = await opened;
    this.#tabs.set(window, pid);
    return window;
  }

  /** @param {string} window */
  async closeTab(window) {
    this.#tabs.delete(window);
    if (this.#tabs.size === 0 && !this.#next) {
      this.#next = this.#open();
      // If there is no next tab, nobody else hears of a failure.
      this.#next.catch(() => {});
    }
    await this.#session.closeWindow(window);
  }

  /** Deletes the cookies of localhost. They are those of every port. */
  async deleteCookies() {
    const [window] = this.#windows.values();
    await this.#session.run(window, 'DELETE', '/cookie');
  }

  async kill() {
    const host = this.#host();
    if (!host) return;
    this.hasKilled = true;
    if ([...this.#tabs.values()].includes(host)) {
      throw new DriverFault('WebKit runs the workers in the process of a tab, so they cannot be stopped without it');
    }
    // While workers run in a process, it continues without its window.
    const window = this.#windows.get(host);
    if (window) await this.#session.closeWindow(window);
    this.#windows.delete(host);
    process.kill(host, 'SIGKILL');
    await this.#load(await this.#open());
    await until('another process for the workers', () => this.#host() !== host);
  }

  /** @param {Opened} opened */
  async #load({ window, pid }) {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    await this.#session.run(window, 'POST', '/url', { url: `http://localhost:${port}/` });
    this.#windows.set(pid, window);
    await until('a page for workers', () => this.#session.evaluate(window, () => 'isReady' in globalThis, []));
  }

  /** @returns {Promise<Opened>} */
  async #open() {
    const before = new Set(childrenOf(this.#browser));
    const window = await this.#session.openWindow(this.#first);
    const [pid] = childrenOf(this.#browser).filter((child) => !before.has(child));
    return { window, pid };
  }

  /** The process in which workers run. */
  #host() {
    return childrenOf(this.#browser).find((child) => threadsOf(child).some((name) => name.endsWith('ServiceWorker')));
  }
}

/** @param {number} pid @returns {number[]} */
export function childrenOf(pid) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(fieldsOf(name)?.[1]) === pid)
    .map(Number);
}

/**
 * Returns the fields after the name: state, parent and so on. The name may hold anything. See proc(5).
 * @param {string} pid
 */
function fieldsOf(pid) {
  return readIfThere(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ');
}

/** @param {number} pid @returns {string[]} */
function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).map(
      (thread) => readIfThere(`/proc/${pid}/task/${thread}/comm`)?.trim() ?? '',
    );
  } catch {
    return [];
  }
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
