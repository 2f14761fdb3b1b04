// Makes one mistake in the text of a file.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text wherever its lines are broken. @param {string} text */
const anyLayout = (text) =>
  new RegExp(
    text
      .split(/\s+/)
      .map((word) => word.replace(/[^\w]/g, '\\$&'))
      .join('\\s+'),
    'g',
  );

/**
 * Returns the mutated text, or what is wrong.
 * @param {string} folder
 * @param {{file: string, from: string, to: string}} mutation
 * @returns {{text: string, problem?: undefined} | {text?: undefined, problem: string}}
 */
export function mutate(folder, { file, from, to }) {
  const path = join(folder, file);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const pattern = anyLayout(from);
  const count = text.match(pattern)?.length ?? 0;
  return count === 1
    ? { text: text.replace(pattern, () => to) }
    : { problem: `no longer applies: found ${count} times in ${file}` };
}
