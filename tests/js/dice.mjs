/**
 * A linear congruential generator: https://en.wikipedia.org/wiki/Linear_congruential_generator
 * @param {number} seed
 * @returns {(end: number) => number} the next number from 0 on, below `end`
 */
export function dice(seed) {
  let state = seed >>> 0;
  return (end) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}
