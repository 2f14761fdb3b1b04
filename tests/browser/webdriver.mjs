// The part of WebDriver that the launcher needs, over fetch(): https://www.w3.org/TR/webdriver2/
import { DriverFault } from './driver-fault.mjs';

const START_PATIENCE_MS = 15_000;
const PAUSE_MS = 25;
/** The driver ends a script or a load of a page that takes longer. */
const PAGE_PATIENCE_MS = 60_000;
/** A command that takes longer has failed: the driver itself may hang. */
const DRIVER_PATIENCE_MS = PAGE_PATIENCE_MS + 5000;
const END_PATIENCE_MS = 5000;

/**
 * Guarantees: commands reach the driver one at a time, each for its own window. None takes longer than its limit.
 */
export class WebDriverSession {
  #url;
  /** The window that commands go to. @type {string | undefined} */
  #current;
  /** Settles when all earlier commands have ended. @type {Promise<unknown>} */
  #queue = Promise.resolve();

  /** @param {string} url @param {string} version of the browser */
  constructor(url, version) {
    this.#url = url;
    this.version = version;
    /** False once a command got no response. */
    this.isUsable = true;
  }

  /**
   * @param {string} driver the URL of the driver, which may still be starting
   * @param {object} capabilities
   */
  static async start(driver, capabilities) {
    await untilReady(driver);
    const { sessionId, capabilities: actual } = await command('POST', `${driver}/session`, {
      capabilities: { alwaysMatch: capabilities },
    });
    const session = new WebDriverSession(`${driver}/session/${sessionId}`, actual.browserVersion);
    await session.#send('POST', '/timeouts', { script: PAGE_PATIENCE_MS, pageLoad: PAGE_PATIENCE_MS });
    return session;
  }

  /** @returns {Promise<string>} the handle of the window that the session began with */
  firstWindow() {
    return this.#inTurn(() => this.#send('GET', '/window'));
  }

  /** @param {string} beside a window that is open @returns {Promise<string>} the handle of a new one */
  openWindow(beside) {
    return this.#inTurn(async () => {
      await this.#use(beside);
      const { handle } = await this.#send('POST', '/window/new', { type: 'window' });
      return handle;
    });
  }

  /** @param {string} window */
  closeWindow(window) {
    return this.#inTurn(async () => {
      await this.#use(window);
      this.#current = undefined;
      await this.#send('DELETE', '/window');
    });
  }

  /** @param {string} window @param {'GET' | 'POST' | 'DELETE'} method @param {string} path @param {object} [body] */
  run(window, method, path, body) {
    return this.#inTurn(async () => {
      await this.#use(window);
      return this.#send(method, path, body);
    });
  }

  /**
   * @param {string} window
   * @param {(...args: any[]) => any} inPage sent as text; may return a promise
   * @param {any[]} args JSON
   */
  async evaluate(window, inPage, args) {
    const script = `const [args, done] = arguments;
      Promise.resolve().then(() => (${inPage})(...args)).then(
        (value) => done({ value }),
        (error) => done({ error: String(error?.stack ?? error) + ' ' + error }));`;
    const { value, error } = await this.run(window, 'POST', '/execute/async', { script, args: [args] });
    if (error) throw new Error(error);
    return value;
  }

  /** Ends the session without waiting for earlier commands: one of them may hang. */
  end() {
    return command('DELETE', this.#url, undefined, END_PATIENCE_MS);
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  #inTurn(work) {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }

  /** @param {string} window */
  async #use(window) {
    if (this.#current === window) return;
    await this.#send('POST', '/window', { handle: window });
    this.#current = window;
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  async #send(method, path, body) {
    try {
      return await command(method, this.#url + path, body);
    } catch (error) {
      if (error instanceof DriverFault) this.isUsable = false;
      throw error;
    }
  }
}

/** @param {string} method @param {string} url @param {object} [body] @param {number} [patienceMs] @returns {Promise<any>} */
async function command(method, url, body, patienceMs = DRIVER_PATIENCE_MS) {
  const what = `${method} ${new URL(url).pathname}`;
  const response = await fetch(url, {
    method,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(patienceMs),
  }).catch((cause) => {
    throw new DriverFault(`${what}: the driver gives no response`, { cause });
  });
  const { value } = await response.json();
  if (value?.error) throw new Error(`${what}: ${value.error}: ${value.message}`);
  return value;
}

/** @param {string} driver */
async function untilReady(driver) {
  for (const start = Date.now(); ; ) {
    try {
      return void (await command('GET', `${driver}/status`));
    } catch (error) {
      if (Date.now() - start > START_PATIENCE_MS)
        throw new Error(`no WebDriver responds at ${driver}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
