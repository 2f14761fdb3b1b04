/** A fault of the browser's driver, which hangs or cannot do something now. It says nothing about the worker. */
export class DriverFault extends Error {}

/** @param {unknown} error */
export const isOfDriver = (error) => error instanceof DriverFault;

/**
 * Tries again after a fault of the driver.
 * @template T
 * @param {number} tries
 * @param {() => Promise<T>} work
 * @param {(error: any) => void | Promise<void>} [tell] hears of each fault except the last one, which is thrown
 * @param {(error: any) => boolean} [mayTryAgain] whether to try again after this error. Default: after faults of the
 *   driver
 * @returns {Promise<T>}
 */
export async function despiteDriver(tries, work, tell = () => {}, mayTryAgain = isOfDriver) {
  for (let left = tries; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!mayTryAgain(error) || --left === 0) throw error;
      await tell(error);
    }
  }
}
