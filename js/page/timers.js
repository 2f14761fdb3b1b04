// The platform's timers and clock, taken when the module loads: apps replace them while they render or test.

export const { setTimeout, clearTimeout } = globalThis;

/** Milliseconds that never run backwards, whatever happens to the clock of the machine. @returns {number} */
export const elapsed = performance.now.bind(performance);
