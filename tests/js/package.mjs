// The package as it ships, with the types of its sources.
import { fileURLToPath } from 'node:url';

/** The folder of the package, as a URL and as a path. */
export const PACKAGE = new URL('../../build/wasm/package/', import.meta.url);
export const PACKAGE_FOLDER = fileURLToPath(PACKAGE);

/**
 * @typedef {{
 *   'page.js': typeof import('../../js/page/index.js'),
 *   'elements.js': typeof import('../../js/elements/index.js'),
 *   'refresh.js': typeof import('../../js/refresh/index.js'),
 *   'advice.js': typeof import('../../js/advice.js'),
 *   'authorised.js': typeof import('../../js/authorised/index.js'),
 *   'inspect.js': typeof import('../../js/inspect/index.js'),
 *   'adapters.js': typeof import('../../js/adapters.js'),
 *   'core.js': typeof import('../../js/core.js'),
 *   'core-without-wasm.js': typeof import('../../js/core-without-wasm.js'),
 *   'files.js': typeof import('../../js/files.js'),
 *   'worker.js': typeof import('../../js/worker/module.js'),
 *   'vite.js': typeof import('../../js/vite.js'),
 * }} Modules
 */

/**
 * Imports a module of the package.
 * @template {keyof Modules} Name
 * @param {Name} name
 * @param {string} [query] that of its URL. Another query loads another copy
 * @returns {Promise<Modules[Name]>}
 */
export const importShipped = (name, query = '') => import(new URL(`${name}${query}`, PACKAGE).href);
