// Finds the script that this code was loaded from. importScripts resolves paths against the worker's own script, which
// may be another script in another folder. No interface tells the URL of an imported script.

/** @typedef {ErrorConstructor & {stackTraceLimit?: number}} Limited */

/**
 * @param {Pick<WorkerGlobalScope, 'location'>} scope
 * @param {string | undefined} [stack] the stack of an error made here: its first place is in this code's script
 * @returns {string} the URL of the script, without its query, since WebKit does not tell that
 */
export function ownScriptURL({ location }, stack = ownStack()) {
  // `at URL:1:2` or `at name (URL:1:2)` in Chromium, `name@URL:1:2` elsewhere. For a script from its store, Firefox
  // tells the text that importScripts was called with.
  const place = /^(?:\s*at (?:.*\()?|[^@\n]*@)(\S+?):\d+:\d+\)?$/m.exec(stack ?? '')?.[1];
  const { origin, pathname } = new URL(place ?? '', location.href);
  return origin + pathname;
}

/** One place is enough. V8 parses the function of each place once more, and for the script itself that takes 3 ms. */
function ownStack() {
  const limit = /** @type {Limited} */ (Error).stackTraceLimit;
  /** @type {Limited} */ (Error).stackTraceLimit = 1;
  const { stack } = new Error();
  /** @type {Limited} */ (Error).stackTraceLimit = limit;
  return stack;
}
