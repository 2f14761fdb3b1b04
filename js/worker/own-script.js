// Finds the script that this code was loaded from. importScripts resolves paths against the worker's own script, which
// may be another one in another folder, and no interface tells the URL of an imported script.

/**
 * @param {Pick<WorkerGlobalScope, 'location'>} scope
 * @param {string | undefined} [stack] of an error made here: its first line with a URL names this code's script
 * @returns {string} the URL of the script, with its query
 */
export function ownScriptURL({ location }, stack = new Error().stack) {
  return /https?:\/\/[^\s)]+?(?=:\d+:\d+)/.exec(stack ?? '')?.[0] ?? location.href;
}
