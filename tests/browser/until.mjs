const PATIENCE_MS = 10_000;
const PAUSE_MS = 10;

/**
 * Asks again until the result is truthy.
 * @template T
 * @param {string} what named by the error if that never happens
 * @param {() => T | Promise<T>} ask
 * @param {() => unknown} [seen] what the error says was there instead
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, ask, seen) {
  for (const start = Date.now(); Date.now() - start < PATIENCE_MS; ) {
    const result = await ask();
    if (result) return result;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  const instead = seen ? `; there was ${JSON.stringify(await seen())}` : '';
  throw new Error(`waited ${PATIENCE_MS} ms for ${what}${instead}`);
}
