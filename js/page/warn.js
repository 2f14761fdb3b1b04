/** @param {string} text @param {unknown[]} error none, or one */
export const warn = (text, ...error) => console.warn(`auth-service-worker: ${text}`, ...error);
