// The results of a scenario in one engine with one kind of page, over all repetitions.

/** @typedef {import('./stage.mjs').Outcome} Outcome */
/**
 * @typedef {object} Cell
 * @property {string} scenario
 * @property {string} engine
 * @property {import('./scenario.mjs').Version} page
 * @property {number} wanted
 * @property {number} broken
 * @property {number} asks the highest number in one repetition
 * @property {number} ms the median
 * @property {string} [text] shown instead of these numbers
 * @property {string[]} faults all that is not as it should be
 * @property {string} [mayBreak] why images may break here
 */

/**
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {import('../launcher.mjs').Engine} engine
 * @param {import('./scenario.mjs').Version} page
 * @param {Outcome[]} outcomes
 * @returns {Cell}
 */
export function cellOf(scenario, engine, page, outcomes) {
  const broken = outcomes.reduce((sum, outcome) => sum + outcome.broken, 0);
  const asks = Math.max(...outcomes.map(({ asks }) => asks.length));
  const breaks = scenario.breaks?.({ page, engine });
  const mayBreak = breaks || scenario.mayBreak?.({ page, engine }) || undefined;
  const asksAtMost = scenario.asksAtMost?.[page] ?? Infinity;
  const faults = outcomes.flatMap(({ fault }) => fault ?? []);
  if (broken > 0 && !mayBreak) faults.push(`${broken} broken`);
  if (breaks && outcomes.some((outcome) => outcome.broken === 0)) faults.push(`none broken, although ${breaks}`);
  if (asks > asksAtMost) faults.push(`more than ${asksAtMost} asks`);
  return {
    scenario: scenario.name,
    engine,
    page,
    wanted: outcomes.reduce((sum, { wanted }) => sum + wanted, 0),
    broken,
    asks,
    ms: outcomes.map(({ ms }) => ms).sort((a, b) => a - b)[outcomes.length >> 1],
    text: outcomes[0].text,
    faults,
    mayBreak: broken > 0 ? mayBreak : undefined,
  };
}
