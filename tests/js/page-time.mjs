// Time that moves only when a test says so. This must be imported before the page's modules, which keep the platform's
// timers when they load.
import { mock } from 'node:test';

export const START = Date.UTC(2026, 0, 1);

export function stopTime() {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START });
}

stopTime();
/** The clock of the machine may be set back; this one moves with the timers. */
let setBack = 0;
performance.now = () => Date.now() - START + setBack;
export const setClockBack = (/** @type {number} */ ms) => {
  setBack += ms;
  mock.timers.setTime(Date.now() - ms);
};
