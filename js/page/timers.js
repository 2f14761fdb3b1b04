// The platform's timers and clock, taken when the first module of the package loads: apps replace them while they render or
// test.

const KEY = Symbol.for('auth-service-worker timers');

/** @typedef {Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'> & {elapsed: () => number}} Timers */
/** @type {Timers} */
const timers = (/** @type {any} */ (globalThis)[KEY] ??= {
  setTimeout,
  clearTimeout,
  elapsed: performance.now.bind(performance),
});

const { setTimeout: start, clearTimeout: stop } = timers;
export { start as setTimeout, stop as clearTimeout };

/** Milliseconds that never run backwards, whatever happens to the clock of the machine. @returns {number} */
export const { elapsed } = timers;
