/** A browser's driver hangs, or cannot do something now: that says nothing of the worker. */
export class DriverFault extends Error {}

/**
 * Does it again after a fault of a driver's.
 * @template T
 * @param {number} tries
 * @param {() => Promise<T>} work
 * @param {(fault: DriverFault) => void} [tell] hears of each but the last, which is thrown
 * @returns {Promise<T>}
 */
export async function despiteDriver(tries, work, tell = () => {}) {
  for (let left = tries; ;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DriverFault) || --left === 0) throw error;
      tell(error);
    }
  }
}
