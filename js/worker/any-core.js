// Makes a core: from WebAssembly, or where a policy forbids that, from plain JavaScript made of the same C++.

const PLAIN = 'auth-core-without-wasm.js';

/**
 * @param {import('./listeners.js').Scope} scope
 * @param {string} ownScript the URL of this code's script: the other script is beside it
 * @param {() => import('../core.js').CoreModule} [createCoreModule] makes wasm cores
 * @returns {() => import('../core.js').CoreModule} throws if neither can be made
 */
export function anyCoreOf(scope, ownScript, createCoreModule = scope.createCoreModule) {
  let mayImport = true;
  return () => {
    try {
      return createCoreModule();
    } catch (error) {
      if (!mayImport) throw error;
      mayImport = false;
      // importScripts works only until the worker is installed. So if WebAssembly is forbidden, the install event makes a
      // core: https://w3c.github.io/ServiceWorker/#importscripts
      try {
        scope.importScripts(new URL(PLAIN, ownScript).href);
      } catch {
        throw error;
      }
      console.warn(
        `auth-service-worker: WebAssembly is forbidden, so the worker uses ${PLAIN}, which is slower. ` +
          "Add 'wasm-unsafe-eval' to script-src in the Content-Security-Policy header of the worker's script.",
      );
      createCoreModule = scope.createCoreModule;
      return createCoreModule();
    }
  };
}

/** @returns {unknown} a value if the smallest possible module can be instantiated: WebKit forbids only that step */
export function allowsWasm() {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)));
  } catch {
    return undefined;
  }
}
