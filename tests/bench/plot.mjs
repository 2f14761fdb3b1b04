// Makes plots as SVG.

const COLOURS = ['#1f6feb', '#d1242f', '#8250df', '#6e7781', '#1a7f37', '#bf8700'];
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [760, 420, 70, 150, 40, 50];

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** @param {number} x @param {number} y @param {string} text @param {string} [attributes] */
const label = (x, y, text, attributes = '') => `<text x="${x}" y="${y}" ${attributes}>${escaped(text)}</text>`;

/** @param {string} title @param {string[]} parts @param {number} [height] */
const svg = (title, parts, height = HEIGHT) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
${label(LEFT, 22, title, 'font-size="15"')}
${parts.join('\n')}
</svg>
`;

/**
 * @param {object} plot
 * @param {string} plot.title
 * @param {string} plot.x what runs to the right
 * @param {string} plot.y what runs upwards
 * @param {boolean} [plot.log] whether both axes are logarithmic
 * @param {{name: string, points: [number, number][]}[]} plot.series
 */
export function linePlot({ title, x, y, log = false, series }) {
  const scale = log ? Math.log10 : (/** @type {number} */ value) => value;
  const all = series.flatMap(({ points }) => points).filter((point) => point.every(Number.isFinite));
  const range = (/** @type {number[]} */ values) => {
    const [low, high] = [Math.min(...values.map(scale)), Math.max(...values.map(scale))];
    return log ? [Math.floor(low), Math.ceil(high)] : [Math.min(0, low), high];
  };
  const [xLow, xHigh] = range(all.map(([px]) => px));
  const [yLow, yHigh] = range(all.map(([, py]) => py));
  const atX = (/** @type {number} */ value) => LEFT + ((scale(value) - xLow) / (xHigh - xLow)) * (WIDTH - LEFT - RIGHT);
  const atY = (/** @type {number} */ value) =>
    HEIGHT - BOTTOM - ((scale(value) - yLow) / (yHigh - yLow)) * (HEIGHT - TOP - BOTTOM);
  const ticks = (/** @type {number} */ low, /** @type {number} */ high) =>
    log
      ? Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
      : Array.from({ length: 6 }, (_, i) => low + ((high - low) * i) / 5);
  const parts = [
    ...ticks(yLow, yHigh).map(
      (tick) =>
        `<path d="M${LEFT} ${atY(tick)}H${WIDTH - RIGHT}" stroke="#d0d7de"/>${label(LEFT - 6, atY(tick) + 4, tick.toLocaleString('en'), 'text-anchor="end"')}`,
    ),
    ...ticks(xLow, xHigh).map((tick) =>
      label(atX(tick), HEIGHT - BOTTOM + 18, tick.toLocaleString('en'), 'text-anchor="middle"'),
    ),
    label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x, 'text-anchor="middle"'),
    label(LEFT - 6, TOP - 4, y, 'text-anchor="end"'),
  ];
  series.forEach(({ name, points }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const line = points
      .filter((point) => point.every(Number.isFinite))
      .map(([px, py]) => `${atX(px).toFixed(1)},${atY(py).toFixed(1)}`);
    parts.push(`<polyline points="${line.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    parts.push(label(WIDTH - RIGHT + 8, TOP + 16 + i * 18, name, `fill="${colour}"`));
  });
  return svg(title, parts);
}

/**
 * Bars made of parts, one below the other.
 * @param {object} plot
 * @param {string} plot.title
 * @param {string} plot.unit
 * @param {{name: string, parts: Record<string, number>}[]} plot.bars
 */
export function barPlot({ title, unit, bars }) {
  const names = [...new Set(bars.flatMap(({ parts }) => Object.keys(parts)))];
  const sum = (/** @type {Record<string, number>} */ parts) => Object.values(parts).reduce((a, b) => a + b, 0);
  const longest = Math.max(...bars.map(({ parts }) => sum(parts)));
  const start = 190;
  const drawn = bars.flatMap(({ name, parts }, row) => {
    const top = TOP + row * 34;
    let at = start;
    const boxes = Object.entries(parts).map(([part, value]) => {
      const width = (value / longest) * (WIDTH - start - 90);
      const box = `<rect x="${at.toFixed(1)}" y="${top}" width="${Math.max(0, width).toFixed(1)}" height="24" fill="${COLOURS[names.indexOf(part) % COLOURS.length]}"><title>${escaped(part)}: ${value.toFixed(1)} ${unit}</title></rect>`;
      at += Math.max(0, width);
      return box;
    });
    return [
      label(start - 8, top + 16, name, 'text-anchor="end"'),
      ...boxes,
      label(at + 6, top + 16, `${sum(parts).toFixed(1)} ${unit}`),
    ];
  });
  const legendTop = TOP + bars.length * 34 + 20;
  const legend = names.map((name, i) =>
    label(
      start + (i % 3) * 180,
      legendTop + Math.floor(i / 3) * 18,
      `■ ${name}`,
      `fill="${COLOURS[i % COLOURS.length]}"`,
    ),
  );
  return svg(title, [...drawn, ...legend], legendTop + Math.ceil(names.length / 3) * 18 + 10);
}
