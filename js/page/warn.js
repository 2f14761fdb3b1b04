/** @param {string} text @param {unknown[]} error none, or one */
export const warn = (text, ...error) => console.warn(`auth-service-worker: ${text}`, ...error);

/** Nobody reads more warnings than this. */
const MAX_ONCE = 100;

/** @type {Set<string>} */
const given = new Set();

/** Gives the same warning only once. @param {string} text @param {unknown[]} error none, or one */
export function warnOnce(text, ...error) {
  if (given.has(text) || given.size >= MAX_ONCE) return;
  given.add(text);
  warn(text, ...error);
}

/**
 * Warns of a fault for which js/advice.js has a sentence.
 * @param {import('../advice.js').Fault} fault
 * @param {unknown[]} details for that sentence; never a token
 * @param {unknown[]} error none, or one
 */
export const advise = (fault, details = [], ...error) =>
  void import('../advice.js').then(
    (advice) => advice.advise(fault, details, error),
    // Without advice.js, which shortens them, the details are left out: a token may stand where a realm should.
    () => warnOnce(`${fault}. Serve advice.js beside page.js: it says more.`, ...error),
  );
