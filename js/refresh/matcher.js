// Finds the token of a URL among the app's tokens, with the core that also decides in the worker. It ships with the
// core, in core.js.
import { CoreMemory } from '../core-memory.js';
import { hello } from '../protocol.js';
import { partsOf } from '../page/token-log.js';

/** The RequestInfo (cpp/base/step.h) of a plain GET. */
const PLAIN_GET = 0;

/** @typedef {{realmURL: string, token: string}} Found */
/**
 * Returns the token of the longest realm that covers the URL, unless it has expired. It is synchronous, since look-ups
 * share the core. A matcher that has thrown must not be used again.
 * @typedef {(tokens: import('../protocol.js').Tokens, url: URL) => Found | undefined} Matcher
 */

/**
 * @param {import('../page/options.js').FlatOptions} options
 * @returns {Promise<Matcher>}
 */
export async function createMatcher(options) {
  const module = await moduleOf(options);
  const memory = new CoreMemory(module);
  /** The core that knows these tokens. @type {{core: import('../core.js').AuthCore, tokens: import('../protocol.js').Tokens} | undefined} */
  let last;
  return (tokens, { href }) => {
    const now = Date.now();
    if (!last || !isSame(last.tokens, tokens)) {
      last?.core.delete();
      // Other tokens need a new core. A core that has seen other tokens may take these for a change of user, and decide
      // more carefully.
      last = { core: new module.AuthCore(memory.putText('{}')), tokens };
      for (const part of partsOf(Object.entries(tokens))) {
        last.core.message(0, 0, memory.putText(JSON.stringify(hello([], false, part))), now);
      }
    }
    const { core } = last;
    module.clock = () => now;
    const id = module._decide(core.address(), memory.putURL(href), PLAIN_GET);
    if (id <= 0) return undefined;
    return { realmURL: memory.text(core.realmOfToken(id)), token: memory.text(core.textOfToken(id)) };
  };
}

/** @param {import('../protocol.js').Tokens} a @param {import('../protocol.js').Tokens} b */
function isSame(a, b) {
  const realms = Object.keys(a);
  return realms.length === Object.keys(b).length && realms.every((realm) => a[realm] === b[realm]);
}

/**
 * Loads the core: as WebAssembly, or where a policy forbids that, as plain JavaScript made from the same C++.
 * @param {import('../page/options.js').FlatOptions} options
 * @returns {Promise<import('../core.js').CoreModule>}
 */
async function moduleOf({ createCoreModule }) {
  if (createCoreModule) return createCoreModule();
  const { default: createWasmModule } = await import('../core.js');
  try {
    return createWasmModule();
  } catch {
    // The file is beside the published one. With a literal name, bundles of one file would contain both cores.
    return (await import(/* @vite-ignore */ new URL('./core-without-wasm.js', import.meta.url).href)).default();
  }
}
