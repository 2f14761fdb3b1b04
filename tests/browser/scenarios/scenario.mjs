import { responses } from './responses.mjs';
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
 * @property {Record<string, Partial<import('../servers.mjs').Realm>>} [realms] by path; three by default
 * @property {import('../servers.mjs').Worker} [worker] the file that ships by default
 * @property {number} [roundTripMs] the time to the app's server; none by default
 * @property {Version[]} [pages] the versions that it is about; all by default
 * @property {Partial<Record<Version, number>>} [asksAtMost]
 * @property {boolean} [asksAboutStrangers] whether the page may be asked about other origins than the realms'
 * @property {(where: Where) => string | false} [breaks] why images always break there. If none breaks, the engine has
 *   changed
 * @property {(where: Where) => string | false} [mayBreak] why images may break there
 * @property {boolean} [needsNoCore] the page knows its worker's version before it is asked, so it looks for no token itself
 * @property {boolean} [isStrict] it is about tokens and images that go where they must not go: once is too often
 * @property {boolean} [isBoot] whether it measures boots, which takes long
 */

/** The scenarios that stories check as well. @type {Scenario[]} */
const toldByStories = [...realms, ...responses, ...apps, ...boxel];

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
