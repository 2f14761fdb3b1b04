// Looks at the worker from a page, to find faults, to count, and to show what it does.

export { diagnose } from './diagnose.js';
export { isUnseen } from './image-request.js';
export { getDecisions, getStats } from './stats.js';
export { describeDecision, ruleTexts } from './rule-texts.js';
export { watchWorker } from './watch.js';

/** @typedef {import('../protocol.js').Decision} Decision */
/** @typedef {import('./diagnose.js').Diagnosis} Diagnosis */
/** @typedef {import('./diagnose.js').Finding} Finding */
/** @typedef {import('./stats.js').Stats} Stats */
/** @typedef {import('./watch.js').Watch} Watch */
