// Measures how many bytes of a shipped script a browser loads.
import { transform } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { PACKAGE } from './package.mjs';

/** @param {Uint8Array} bytes */
export const sizesOf = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length,
});

/**
 * @param {string} name of a file of the package
 * @param {boolean} [minified] whether to minify it, as a site's bundler would
 */
export async function shippedSizes(name, minified = false) {
  const text = await readFile(new URL(name, PACKAGE), 'utf8');
  return sizesOf(Buffer.from(minified ? (await transform(text, { minify: true, target: 'es2022' })).code : text));
}

/** @param {(string | number)[][]} rows the first is the head @returns {string} with the numbers to the right */
export function table(rows) {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)));
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const isText = cells[0].map((_, column) => rows.slice(1).every((row) => typeof row[column] === 'string'));
  const line = (/** @type {string[]} */ row) =>
    row
      .map((cell, i) => (isText[i] ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  return cells.map(line).join('\n');
}
