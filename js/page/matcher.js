// Finds the token of a URL among the app's: by the core, the same that decides in the worker. Shipped
// with the core, in core.js.
import { CoreMemory } from '../core-memory.js';
import { setRealmToken } from '../protocol.js';
import { normaliseRealmURL } from '../realm-url.js';

/** cpp/step.h: Traits of a plain GET. */
const PLAIN_GET = 0;

/** @typedef {{realmURL: string, token: string}} Found */
/**
 * The token of the longest realm that covers the URL, unless it has expired. Synchronous, since look-ups
 * share the core. What throws once is not to be trusted again.
 * @typedef {(tokens: import('../protocol.js').Tokens, url: URL) => Found | undefined} Matcher
 */

/**
 * @param {import('./options.js').FlatOptions} options
 * @returns {Promise<Matcher>}
 */
export async function createMatcher(options) {
  const core = await coreOf(options);
  const memory = new CoreMemory(core);
  let known = '';
  return (tokens, { href }) => {
    const now = Date.now();
    const json = JSON.stringify(tokens);
    if (json !== known) {
      // A new core: one that has seen other tokens may see a change of user, and decide with care.
      core.start(memory.putText('{}'));
      // One by one: all in one message may be too large.
      for (const [realmURL, token] of Object.entries(tokens)) {
        const message = setRealmToken(normaliseRealmURL(realmURL), token);
        core.message(0, 0, memory.putText(JSON.stringify(message)), now);
      }
      known = json;
    }
    core.clock = () => now;
    const id = core._decide(memory.putURL(href), PLAIN_GET);
    if (id <= 0) return undefined;
    const [realmURL, token] = memory.text(core.realmToken(id)).split(' ');
    return token ? { realmURL, token } : undefined;
  };
}

/**
 * Of wasm, or where a policy forbids WebAssembly, the same C++ as plain JavaScript.
 * @param {import('./options.js').FlatOptions} options
 * @returns {Promise<import('../core.js').Core>}
 */
async function coreOf({ createCore }) {
  if (createCore) return createCore();
  const { default: createAuthCore } = await import('../core.js');
  try {
    return createAuthCore();
  } catch {
    return (await import('../core-without-wasm.js')).default();
  }
}
