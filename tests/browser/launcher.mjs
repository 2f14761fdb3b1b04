// One small API for three engines. It has only what all of them can do.
import { launchChromium } from './chromium.mjs';
import { launchFirefox } from './firefox.mjs';
import { launchWebKit } from './webkit.mjs';

/**
 * @typedef {object} Tab
 * @property {(url: string) => Promise<void>} goto resolves after the load event
 * @property {(inPage: (...args: any[]) => any, ...args: any[]) => Promise<any>} evaluate runs a
 *   function, sent as text, in the page; arguments and result are JSON
 * @property {(key: 'Tab' | 'Enter') => Promise<void>} press a key, in the page
 * @property {() => Promise<Buffer>} screenshot a PNG of what is visible
 * @property {() => Promise<void>} close
 * @property {() => Promise<void>} goBack
 * @property {() => Promise<void>} goForward
 * @property {() => Promise<void>} hardReload reloads as with the shift key: past the cache, and in Chromium and Firefox
 *   past the service worker
 * @property {() => Promise<void>} stopWorkers stops every running service worker of the browser, as the browser does
 *   with an idle one. The pages stay as they are
 * @property {(permission: string) => Promise<void>} [allow] decides for the user, in Chromium
 */
/**
 * @typedef {object} Browser
 * @property {Engine} engine
 * @property {string} version
 * @property {() => Promise<Tab>} openTab all tabs share one profile, which is new with each launch
 * @property {() => Promise<void>} forget to be called before the next story, once all tabs are closed. It deletes the
 *   cookies. All else belongs to an origin, and every story has new origins
 * @property {() => boolean} isUsable false if the next story needs a new browser, for example because this one has
 *   crashed
 * @property {() => Promise<void>} close
 */
/** @typedef {keyof typeof engines} Engine */

const engines = { chromium: launchChromium, firefox: launchFirefox, webkit: launchWebKit };

export const engineNames = /** @type {Engine[]} */ (Object.keys(engines));

/** The engine of this run of the stories: ENGINE. @type {Engine} */
export const engineOfRun = engineNamed(process.env.ENGINE ?? 'chromium');

/** @param {string} name @returns {Engine} */
export function engineNamed(name) {
  const engine = engineNames.find((known) => known === name);
  if (!engine) throw new Error(`no engine is called ${name}; there are ${engineNames.join(', ')}`);
  return engine;
}

/** @param {Engine} [engine] @returns {Promise<Browser>} */
export async function launch(engine = engineOfRun) {
  try {
    return await engines[engine]();
  } catch (error) {
    throw new Error(`${engine} does not start; tests/setup test installs what it needs`, { cause: error });
  }
}
