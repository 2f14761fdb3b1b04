// Finds the token of a URL among the app's: by the core, the same that decides in the worker. Shipped
// with the core, in core.js.
import { CoreMemory } from '../core-memory.js';
import { hello } from '../protocol.js';
import { partsOf } from '../page/token-log.js';

/** cpp/base/step.h: RequestInfo of a plain GET. */
const PLAIN_GET = 0;

/** @typedef {{realmURL: string, token: string}} Found */
/**
 * The token of the longest realm that covers the URL, unless it has expired. Synchronous, since look-ups
 * share the core. What throws once is not to be trusted again.
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
      // A new core: one that has seen other tokens may see a change of user, and decide with care.
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
 * Of wasm, or where a policy forbids WebAssembly, the same C++ as plain JavaScript.
 * @param {import('../page/options.js').FlatOptions} options
 * @returns {Promise<import('../core.js').CoreModule>}
 */
async function moduleOf({ createCoreModule }) {
  if (createCoreModule) return createCoreModule();
  const { default: createWasmModule } = await import('../core.js');
  try {
    return createWasmModule();
  } catch {
    // Beside the published file. Not a name alone: bundles of one file would have both cores in them.
    return (await import(/* @vite-ignore */ new URL('./core-without-wasm.js', import.meta.url).href)).default();
  }
}
