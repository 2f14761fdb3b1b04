import { warn } from './warn.js';

/**
 * The module that deals with elements, apart from the page's own: most boots do without.
 * @returns {Promise<typeof import('./elements.js') | void> | undefined} undefined where there are no elements.
 *   Never rejects
 */
export function importElements() {
  if (!globalThis.document) return undefined;
  return import('./elements.js').catch((error) =>
    warn('cannot repair images. Serve elements.js beside page.js.', error),
  );
}
