import { warn } from './warn.js';

/**
 * Loads the module that deals with elements. It is separate, since most boots do not need it.
 * @returns {Promise<typeof import('./elements.js') | void> | undefined} undefined where there are no elements.
 *   Never rejects
 */
export function importElements() {
  if (!globalThis.document) return undefined;
  return import('./elements.js').catch((error) =>
    warn('cannot repair images. Serve elements.js beside page.js.', error),
  );
}
