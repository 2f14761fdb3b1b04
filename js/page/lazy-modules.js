import { warnOnce } from './warn.js';

/** The worker is registered first, if that is what the page does now. */
const soon = Promise.resolve();

/**
 * @template Module
 * @param {() => Promise<Module>} load
 * @param {string} text on a failure
 * @returns {Promise<Module | void>} never rejects
 */
const whenLoaded = (load, text) => soon.then(load).catch((error) => warnOnce(text, error));

/** Loads the module that deals with elements. It is separate, since most boots do not need it. */
export const importElements = () =>
  whenLoaded(
    () => import('../elements/index.js'),
    'cannot request broken images again. Serve elements.js beside page.js.',
  );

/** Loads the module that gets new tokens. It is separate, since pages whose tokens last do not need it. */
export const importRefresh = () =>
  whenLoaded(() => import('../refresh/index.js'), 'cannot get new tokens. Serve refresh.js beside page.js.');
