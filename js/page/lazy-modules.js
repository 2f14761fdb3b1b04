import { warnOnce } from './warn.js';

/** The worker is registered first, if that is what the page does now. */
const soon = Promise.resolve();

/**
 * Loads the module that deals with elements. It is separate, since most boots do not need it.
 * @returns {Promise<typeof import('../elements/index.js') | void> | undefined} undefined where there are no elements.
 *   Never rejects
 */
export const importElements = () =>
  globalThis.document &&
  soon
    .then(() => import('../elements/index.js'))
    .catch((error) => warnOnce('cannot request broken images again. Serve elements.js beside page.js.', error));

/**
 * Loads the module that gets new tokens. It is separate, since pages whose tokens last do not need it.
 * @returns {Promise<typeof import('../refresh/index.js') | void>} never rejects
 */
export const importRefresh = () =>
  soon
    .then(() => import('../refresh/index.js'))
    .catch((error) => warnOnce('cannot get new tokens. Serve refresh.js beside page.js.', error));
