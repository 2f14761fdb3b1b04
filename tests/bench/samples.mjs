// Helpers to measure on a noisy machine: the contenders take turns, and medians count.

/** @param {number[]} values @param {number} [part] 0.5: the median */
export function quantile(values, part = 0.5) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
}

/**
 * Runs each contender in each round, beginning with another one every time.
 * @template {string} Name
 * @template Sample
 * @param {Record<Name, () => Sample | Promise<Sample>>} contenders each measures itself once
 * @param {number} rounds
 * @returns {Promise<Record<Name, Sample[]>>} what they measured
 */
export async function takeTurns(contenders, rounds) {
  const names = /** @type {Name[]} */ (Object.keys(contenders));
  const samples = /** @type {Record<Name, Sample[]>} */ (
    /** @type {unknown} */ (Object.fromEntries(names.map((name) => [name, []])))
  );
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length];
      samples[name].push(await contenders[name]());
    }
  }
  return samples;
}

/**
 * Measures the cost of one call in processor time. A clock would also count the other work of the machine.
 * @param {(i: number) => unknown} call
 * @param {number} ms about how long to call
 * @returns {() => number} ns per call
 */
export function costOf(call, ms = 4) {
  let calls = 1;
  const run = () => {
    const before = process.cpuUsage();
    for (let i = 0; i < calls; i++) call(i);
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / calls;
  };
  // This warms up, and finds how many calls fill the time. One measurement alone may be disturbed.
  while (Math.min(run(), run()) * calls < ms * 1e6) calls *= 2;
  return run;
}

/** @param {number} value @returns {string} with three significant digits */
export const brief = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3));
