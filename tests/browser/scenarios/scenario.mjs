import { answers } from './answers.mjs';
import { apps } from './apps.mjs';
import { boots } from './boot.mjs';
import { boxel } from './boxel.mjs';
import { clients } from './clients.mjs';
import { lives } from './lives.mjs';
import { media } from './media.mjs';
import { realms } from './realms.mjs';
import { refreshes } from './refreshes.mjs';
import { slowPages } from './slow-pages.mjs';
import { users } from './users.mjs';

/** @typedef {import('./pages.mjs').Version} Version */
/** @typedef {{page: Version, engine: import('../launcher.mjs').Engine}} Where */
/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {(stage: import('./stage.mjs').Stage, settings: {pairs: number}) => Promise<import('./stage.mjs').Outcome>} run
 * @property {Record<string, Partial<import('../servers.mjs').Realm>>} [realms] by path; three when absent
 * @property {import('../servers.mjs').Worker} [worker] the file that ships when absent
 * @property {number} [roundTripMs] to the app's server; none when absent
 * @property {Version[]} [pages] that it is about; all when absent
 * @property {Partial<Record<Version, number>>} [asksAtMost]
 * @property {boolean} [asksAboutStrangers] the page may be asked about other origins than that of the realms
 * @property {(where: Where) => string | false} [breaks] why images cannot be saved there: some are broken each
 *   time, and when none is, the engine has changed
 * @property {(where: Where) => string | false} [mayBreak] why they cannot always be saved there
 * @property {boolean} [needsNoCore] the page knows its worker's version before it is asked, so it looks for no token itself
 * @property {boolean} [isStrict] it is about tokens and images that go where they must not go: once is too often
 * @property {boolean} [isBoot] measures time, and takes its time for it
 */

/** What stories check as well. @type {Scenario[]} */
const toldByStories = [...realms, ...answers, ...apps, ...boxel];

/** @type {Scenario[]} */
export const scenarios = [
  ...lives,
  ...slowPages,
  ...clients,
  ...media,
  ...refreshes,
  ...toldByStories,
  ...users,
  ...boots,
];

/** Those that CI runs. */
export const quickScenarios = scenarios.filter(
  (scenario) => scenario.isStrict || !(scenario.isBoot || toldByStories.includes(scenario)),
);
