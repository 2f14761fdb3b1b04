// Finds the token of a URL among the app's: by the wasm core, the same that decides in the worker.
import { CoreMemory } from '../core-memory.js';
import { syncTokens } from '../protocol.js';
import { normaliseRealmURL } from '../realm-url.js';
import { coreOf, loadCore } from './options.js';
import { warn } from './warn.js';

/** cpp/step.h: Traits of a plain GET. */
const PLAIN_GET = 0;

/**
 * @typedef {{realmURL: string, token: string}} Found
 * @typedef {object} LoadedCore
 * @property {import('../core.js').Core} core
 * @property {CoreMemory} memory
 * @property {string} synced the tokens the core has, as JSON
 */

export class Matcher {
  #options;
  /** @type {Promise<LoadedCore> | undefined} */
  #loaded;
  #hasWarned = false;

  /** @param {import('./options.js').FlatOptions} options */
  constructor(options) {
    this.#options = options;
    loadCore(options);
  }

  /**
   * The token of the longest realm that covers the URL, unless it has expired.
   * @param {import('./tokens.js').Read} tokens
   * @param {URL} url
   * @returns {Promise<Found | undefined>} never rejects
   */
  async find(tokens, { href }) {
    if (!tokens || Object.keys(tokens).length === 0) return undefined;
    const loaded = (this.#loaded ??= this.#load());
    try {
      return this.#look(await loaded, tokens, href);
    } catch (error) {
      // A core that threw is not to be trusted again. Another ask tries a new one.
      if (this.#loaded === loaded) this.#loaded = undefined;
      this.#warn(error);
      return undefined;
    }
  }

  /** @returns {Promise<LoadedCore>} */
  async #load() {
    const core = await coreOf(this.#options);
    const memory = new CoreMemory(core);
    core.start(memory.putText('{}'));
    return { core, memory, synced: '' };
  }

  /**
   * Without a pause, since look-ups share the core.
   * @param {LoadedCore} loaded
   * @param {import('../protocol.js').Tokens} tokens
   * @param {string} href
   * @returns {Found | undefined}
   */
  #look(loaded, tokens, href) {
    const { core, memory } = loaded;
    const now = Date.now();
    const realms = Object.entries(tokens).map(([realmURL, token]) => [normaliseRealmURL(realmURL), token]);
    const json = JSON.stringify(syncTokens(Object.fromEntries(realms)));
    if (json !== loaded.synced) {
      // A new core: one that has seen other tokens may see a change of user, and decide with care.
      core.start(memory.putText('{}'));
      core.message(0, 0, memory.putText(json), now);
      loaded.synced = json;
    }
    const id = core._decide(memory.putURL(href), PLAIN_GET, now);
    if (id <= 0) return undefined;
    const [realmURL, token] = memory.text(core.realmToken(id)).split(' ');
    return token ? { realmURL, token } : undefined;
  }

  /** @param {unknown} error */
  #warn(error) {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn(
      "cannot look up tokens, only refresh them. Serve core.js beside page.js; a Content-Security-Policy needs 'wasm-unsafe-eval'.",
      error,
    );
  }
}
