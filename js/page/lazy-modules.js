import { warnOnce } from './warn.js';

/** Loading starts in a microtask: if the page is about to register the worker, that comes first. */
const soon = Promise.resolve();

/**
 * @template Module
 * @param {() => Promise<Module>} load
 * @param {string} text the warning for a failure
 * @returns {Promise<Module | void>} never rejects
 */
const whenLoaded = (load, text) => soon.then(load).catch((error) => warnOnce(text, error));

/** Loads elements.js. It is a module of its own, since most boots do not need it. */
export const importElements = () =>
  whenLoaded(
    () => import('../elements/index.js'),
    'cannot request broken images again. Serve elements.js beside page.js. With a bundler, load the page again.',
  );

/** Loads refresh.js. It is a module of its own, since pages whose tokens last do not need it. */
export const importRefresh = () =>
  whenLoaded(
    () => import('../refresh/index.js'),
    'cannot get new tokens. Serve refresh.js beside page.js. With a bundler, load the page again.',
  );
