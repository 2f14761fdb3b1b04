/** @param {string} text @param {unknown[]} error none, or one */
export const warn = (text, ...error) => console.warn(`auth-service-worker: ${text}`, ...error);

/** Far more than anyone reads. */
const MAX_ONCE = 100;

/** @type {Set<string>} */
const given = new Set();

/** The same text is given once. @param {string} text @param {unknown[]} error none, or one */
export function warnOnce(text, ...error) {
  if (given.has(text) || given.size >= MAX_ONCE) return;
  given.add(text);
  warn(text, ...error);
}
