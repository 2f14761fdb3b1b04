// The matrix as Markdown.

/** @typedef {import('./cell.mjs').Cell} Cell */

/**
 * @param {Cell[]} cells
 * @param {{engine: string, version: string}[]} browsers
 */
export function tableOf(cells, browsers) {
  const rows = [...new Set(cells.map(({ scenario, page }) => `${scenario} | ${page}`))];
  const notes = [...new Set(cells.flatMap(({ mayBreak }) => mayBreak ?? []))];
  const lines = rows.map((row) => {
    const texts = browsers.map(({ engine }) => {
      const cell = cells.find((each) => `${each.scenario} | ${each.page}` === row && each.engine === engine);
      return cell ? textOf(cell, notes) : '';
    });
    return `| ${row} | ${texts.join(' | ')} |`;
  });
  return [
    `| scenario | page | ${browsers.map(({ engine, version }) => `${engine} ${version}`).join(' | ')} |`,
    `|---|---|${'---|'.repeat(browsers.length)}`,
    ...lines,
    '',
    ...notes.map((note, at) => `${at + 1}. ${note}`),
    ...(notes.length ? [''] : []),
    summaryOf(cells),
  ].join('\n');
}

/** @param {Cell} cell @param {string[]} notes */
function textOf(cell, notes) {
  const { wanted, broken, asks, ms, text, faults, mayBreak } = cell;
  const asked = `${asks} ask${asks === 1 ? '' : 's'}`;
  const shown = text ?? [...(wanted ? [`${broken}/${wanted}`] : []), asked, ...(ms ? [`${ms} ms`] : [])].join(' · ');
  const note = mayBreak ? ` (${notes.indexOf(mayBreak) + 1})` : '';
  return faults.length ? `**${shown}**${note} ✗ ${faults.join(', ')}` : shown + note;
}

/** @param {Cell[]} cells */
function summaryOf(cells) {
  const sum = (/** @type {Cell[]} */ some) => some.reduce((total, { broken }) => total + broken, 0);
  const excused = sum(cells.filter(({ mayBreak }) => mayBreak));
  const wanted = cells.reduce((total, cell) => total + cell.wanted, 0);
  return `broken ${sum(cells)} of ${wanted}${excused ? `, ${excused} of them for the reasons noted` : ''}`;
}
