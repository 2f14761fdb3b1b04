/**
 * The one range of a Range header (RFC 9110 §14). Several ranges, and what is no byte range at all,
 * count as no range: the whole file is a valid answer to those.
 * @param {string | undefined} header @param {number} size of the file
 * @returns {{first: number, last: number} | undefined | 'unsatisfiable'}
 */
export function byteRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (!match[1] && !match[2])) return undefined;
  const first = match[1] ? Number(match[1]) : Math.max(0, size - Number(match[2]));
  const last = match[1] && match[2] ? Math.min(Number(match[2]), size - 1) : size - 1;
  return first > last ? 'unsatisfiable' : { first, last };
}
