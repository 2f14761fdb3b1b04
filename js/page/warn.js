/** @param {string} text @param {unknown[]} error none, or one */
export const warn = (text, ...error) => console.warn(`auth-service-worker: ${text}`, ...error);

/** Far more than anyone reads. */
const MAX_ONCE = 100;

/** @type {Set<string>} */
const told = new Set();

/** The same text is not told again. @param {string} text @param {unknown[]} error none, or one */
export function warnOnce(text, ...error) {
  if (told.has(text) || told.size >= MAX_ONCE) return;
  told.add(text);
  warn(text, ...error);
}
