/** A fault of the browser's driver, which hangs or cannot do something now. It says nothing about the worker. */
export class DriverFault extends Error {}

/**
 * Tries again after a fault of the driver.
 * @template T
 * @param {number} tries
 * @param {() => Promise<T>} work
 * @param {(fault: DriverFault) => void | Promise<void>} [tell] hears of each but the last, which is thrown
 * @returns {Promise<T>}
 */
export async function despiteDriver(tries, work, tell = () => {}) {
  for (let left = tries; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DriverFault) || --left === 0) throw error;
      await tell(error);
    }
  }
}
