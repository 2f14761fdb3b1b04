// The files of the package that a site serves. All names are in the package's folder.

/** The worker, and what it loads only where a policy forbids WebAssembly. */
export const WORKER_FILES = ['auth-service-worker.js', 'auth-core-without-wasm.js'];

/** The worker in several files, in the folder `split`. */
export const SPLIT_WORKER_FILES = [
  'auth-service-worker.js',
  'auth-core.js',
  'auth-worker.js',
  'auth-core-without-wasm.js',
];

/** The files that a page imports, and those that these load from the same folder. */
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
