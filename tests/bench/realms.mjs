// The realms and URLs of all measurements. core_bench.cpp makes the same.

export const REALM_COUNTS = [1, 10, 100, 1_000, 10_000, 100_000];
export const URL_LENGTHS = [40, 80, 400, 2_000];
export const KINDS = /** @type {const} */ (['hit', 'miss', 'stranger']);

/** The realms are on four hosts. @param {number} i */
export const realmURL = (i) => `https://r${i % 4}.ex/u${i}/`;

/** @param {number} count @returns {Record<string, string>} */
export const tokensOf = (count) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [realmURL(i), `token-${i}`]));

/**
 * A hit is inside of a realm. A miss is in none, but on a realm's host. A stranger is on another host.
 * @param {typeof KINDS[number]} kind
 * @param {number} length
 * @param {number} realms how many there are
 * @returns {string[]} 64 of them
 */
export function urlsOf(kind, length, realms) {
  return Array.from({ length: 64 }, (_, i) => {
    const realm = Math.floor((i * realms) / 64);
    const start = { hit: realmURL(realm), miss: `https://r${realm % 4}.ex/no${i}/`, stranger: `https://cdn${i}.ex/a/` }[
      kind
    ];
    return `${start}${'images/'.repeat(length / 7)}`.slice(0, length - 4).concat('.png');
  });
}
