// Makes a core: of wasm, or where a policy forbids WebAssembly, of the same C++ as plain JavaScript.

const PLAIN = 'auth-core-without-wasm.js';

/**
 * @param {import('./listeners.js').Scope} scope
 * @param {string} ownScript the URL beside which the other script lies
 * @param {() => import('../core.js').CoreModule} [createCoreModule] makes wasm cores
 * @returns {() => import('../core.js').CoreModule} throws where neither can be had
 */
export function anyCoreOf(scope, ownScript, createCoreModule = scope.createCoreModule) {
  let mayImport = true;
  return () => {
    try {
      return createCoreModule();
    } catch (error) {
      if (!mayImport) throw error;
      mayImport = false;
      // Works until the worker is installed only, so its install event makes a core where WebAssembly is refused:
      // https://w3c.github.io/ServiceWorker/#importscripts
      try {
        scope.importScripts(new URL(PLAIN, ownScript).href);
      } catch {
        throw error;
      }
      console.warn(
        `auth-service-worker: WebAssembly is forbidden, ${PLAIN} is used, which is slower. Better: ` +
          "add 'wasm-unsafe-eval' to script-src in the Content-Security-Policy header of the worker's script.",
      );
      createCoreModule = scope.createCoreModule;
      return createCoreModule();
    }
  };
}

/** @returns {unknown} something where the smallest possible module may be used: WebKit forbids no more than to instantiate it */
export function allowsWasm() {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)));
  } catch {
    return undefined;
  }
}
