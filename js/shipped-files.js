// What a site serves of the package, by what it is for. All names are in the package's folder.

/** The worker, and what it loads only where a policy forbids WebAssembly. */
export const WORKER_FILES = ['auth-service-worker.js', 'auth-core-without-wasm.js'];

/** The same in several files, in the folder `split`. */
export const SPLIT_WORKER_FILES = [
  'auth-service-worker.js',
  'auth-core.js',
  'auth-worker.js',
  'auth-core-without-wasm.js',
];

/** What a page imports, and what that loads from beside itself. */
export const PAGE_FILES = [
  'page.js',
  'advice.js',
  'elements.js',
  'authorised.js',
  'refresh.js',
  'inspect.js',
  'panel.js',
  'status.html',
  'status.js',
  'adapters.js',
  'core.js',
  'core-without-wasm.js',
];
