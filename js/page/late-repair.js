import { importElements } from './import-elements.js';

/** The images of one burst of asks have ended by then. */
const PAUSE_MS = 300;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * After an ask that brought a token: a page that was too busy to answer in time has images that are
 * broken although it has their token.
 * @returns {void}
 */
export function repairSoon() {
  if (!globalThis.document) return;
  clearTimeout(timer);
  timer = setTimeout(() => importElements()?.then((elements) => elements?.repairLate()), PAUSE_MS);
}
