// Makes a core: of wasm, or where a policy forbids WebAssembly, of the same C++ as plain JavaScript.

const PLAIN = 'auth-core-without-wasm.js';

/**
 * @param {import('./listeners.js').Scope} scope
 * @param {string} ownScript the URL beside which the other script lies
 * @param {() => import('../core.js').Core} [createAuthCore] makes wasm cores
 * @returns {() => import('../core.js').Core} throws where neither can be had
 */
export function anyCoreOf(scope, ownScript, createAuthCore = scope.createAuthCore) {
  let mayImport = true;
  return () => {
    try {
      return createAuthCore();
    } catch (error) {
      if (!mayImport) throw error;
      mayImport = false;
      // Works during the first evaluation of the worker's script only, which makes a core where WebAssembly is refused:
      // https://w3c.github.io/ServiceWorker/#importscripts
      try {
        scope.importScripts(new URL(PLAIN, ownScript).href);
      } catch {
        throw error;
      }
      console.warn(
        `auth-service-worker: WebAssembly is forbidden, ${PLAIN} is used, which is slower. Better ` +
          "add 'wasm-unsafe-eval' to script-src in the Content-Security-Policy header of the worker's script.",
      );
      createAuthCore = scope.createAuthCore;
      return createAuthCore();
    }
  };
}

/** @returns {boolean} whether the smallest possible module may be compiled */
export function allowsWasm() {
  try {
    return !!new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  } catch {
    return false;
  }
}
