import { boots } from './boot.mjs';
import { clients } from './clients.mjs';
import { lives } from './lives.mjs';
import { media } from './media.mjs';
import { slowPages } from './slow-pages.mjs';
import { users } from './users.mjs';

/** @typedef {import('./pages.mjs').Version} Version */
/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {(stage: import('./stage.mjs').Stage, settings: {pairs: number}) => Promise<import('./stage.mjs').Outcome>} run
 * @property {Record<string, Partial<import('../servers.mjs').Realm>>} [realms] by path; three when absent
 * @property {number} [roundTripMs] to the app's server; none when absent
 * @property {Version[]} [pages] that it is about; all when absent
 * @property {Partial<Record<Version, number>>} [asksAtMost]
 * @property {(where: {page: Version, engine: import('../launcher.mjs').Engine}) => string | false} [mayBreak]
 *   why images cannot be saved there
 * @property {boolean} [isBoot] measures time, and takes its time for it
 */

/** @type {Scenario[]} */
export const scenarios = [...lives, ...slowPages, ...clients, ...media, ...users, ...boots];
