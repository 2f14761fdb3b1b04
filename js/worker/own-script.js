// Finds the script that this code was loaded from. importScripts resolves paths against the worker's own script, which
// may be another one in another folder, and no interface tells the URL of an imported script.

/**
 * @param {Pick<WorkerGlobalScope, 'location'>} scope
 * @param {string | undefined} [stack] of an error made here: its first place is in this code's script
 * @returns {string} the URL of the script without its query, which WebKit does not tell
 */
export function ownScriptURL({ location }, stack = new Error().stack) {
  // `at URL:1:2` or `at name (URL:1:2)` in Chromium, `name@URL:1:2` elsewhere. Of a script from its store Firefox tells
  // what importScripts was called with.
  const place = /^(?:\s*at (?:.*\()?|[^@\n]*@)(\S+?):\d+:\d+\)?$/m.exec(stack ?? '')?.[1];
  const { origin, pathname } = new URL(place ?? '', location.href);
  return origin + pathname;
}
