// Charts of how long requests took.
import { TIME_ENDS } from '../protocol.js';

/** @typedef {import('../protocol.js').Decision} Decision */

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT] = [60, 60];

/** Returns the ms until the last step. @param {Decision} decision */
const duration = ({ steps }) => steps.at(-1)?.[0] ?? 0;

/** @param {number[]} counts of requests, by the classes of TIME_ENDS @returns {Element} */
export function histogram(counts) {
  const most = Math.max(1, ...counts);
  const names = [...TIME_ENDS.map((end) => `under ${end} ms`), `over ${TIME_ENDS.at(-1)} ms`];
  const told = names.map((name, i) => `${counts[i] ?? 0} ${name}`).join(', ');
  const chart = draw('svg', {
    role: 'img',
    'aria-label': `Time until the response: ${told}`,
    viewBox: `0 0 ${names.length * WIDTH} ${HEIGHT + 30}`,
  });
  for (const [i, count] of counts.entries()) {
    const height = (count / most) * HEIGHT;
    chart.append(
      draw('rect', { class: 'bar', x: i * WIDTH + 4, y: HEIGHT + 12 - height, width: WIDTH - 8, height }),
      draw('text', { x: (i + 0.5) * WIDTH, y: HEIGHT + 8 - height }, count ? String(count) : ''),
      draw('text', { x: (i + 0.5) * WIDTH, y: HEIGHT + 26 }, names[i].replace('under', '<').replace('over', '>')),
    );
  }
  return chart;
}

/**
 * Shows when a page was asked, the request was sent and the server responded.
 * @param {Decision} decision
 * @returns {Element}
 */
export function timeline(decision) {
  const all = Math.max(1, duration(decision));
  const chart = draw('svg', {
    'aria-hidden': 'true',
    viewBox: '0 0 200 6',
    preserveAspectRatio: 'none',
    class: 'line',
  });
  let from = 0;
  for (const [ms, what] of decision.steps) {
    chart.append(
      draw('rect', {
        class: what,
        x: (from / all) * 200,
        y: 0,
        width: Math.max(1, ((ms - from) / all) * 200),
        height: 6,
      }),
    );
    from = ms;
  }
  return chart;
}

/** @param {string} name @param {Record<string, string | number>} attributes @param {string} [text] */
function draw(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, String(value));
  if (text) element.textContent = text;
  return element;
}
