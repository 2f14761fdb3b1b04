import { warnOnce } from './warn.js';

/**
 * Loads the module that gets new tokens. It is separate, since pages whose tokens last do not need it.
 * @returns {Promise<typeof import('./refresh.js') | undefined>} never rejects
 */
export async function importRefresh() {
  try {
    return await import('./refresh.js');
  } catch (error) {
    warnOnce('cannot get new tokens. Serve refresh.js beside page.js.', error);
    return undefined;
  }
}
