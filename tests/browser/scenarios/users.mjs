// One user after another in the same browser.
import { controlled, shownWidths, storeTokens, workerStats } from '../in-page.mjs';
import { pngOfWidth } from '../story.mjs';
import { asksHeard } from './in-page.mjs';

const IMAGES = 10;
const ALICE_SEES = 64;
const BOB_SEES = 32;
const PUBLIC_SEES = 16;

/** @type {import('./scenario.mjs').Scenario[]} */
export const users = [
  {
    name: 'log out, in as another user, new tab',
    isStrict: true,
    realms: {
      '/photos/': {
        token: 'alice-token',
        files: { 'alice-token': pngOfWidth(ALICE_SEES), 'bob-token': pngOfWidth(BOB_SEES) },
        // No `Vary: Authorization`: to the browser's cache this is one image.
        headers: { 'Cache-Control': 'private, max-age=600' },
      },
    },
    async run(stage) {
      const tab = await stage.openWarmTab();
      const urls = stage.urls(IMAGES);
      const alice = await stage.show(tab, urls);

      await tab.evaluate(storeTokens, {});
      await tab.evaluate(() => /** @type {any} */ (globalThis).app.logOut());
      await tab.evaluate(workerStats);
      const nobody = await tab.evaluate(shownWidths, stage.urls(IMAGES, 'nobody'));

      const tokens = { [`${stage.realms.origin}/photos/`]: 'bob-token' };
      await tab.evaluate(storeTokens, tokens);
      await tab.evaluate((all) => /** @type {any} */ (globalThis).app.logIn(all), tokens);
      await tab.evaluate(workerStats);
      const next = await stage.openTab(tokens);
      await stage.goto(next, '/');
      const bob = await next.evaluate(shownWidths, urls);

      const faults = [
        ...(nobody.some((/** @type {number} */ width) => width > 0) ? ['shown to nobody'] : []),
        ...(bob.includes(ALICE_SEES) ? ["bob sees alice's"] : []),
      ];
      return {
        ...alice,
        wanted: 2 * IMAGES,
        broken: alice.broken + bob.filter((/** @type {number} */ width) => width !== BOB_SEES).length,
        fault: faults.join(', ') || undefined,
      };
    },
  },
  {
    name: 'log in after the public preview, new tab',
    isStrict: true,
    pages: [2],
    realms: {
      '/photos/': {
        token: 'alice-token',
        files: { '': pngOfWidth(PUBLIC_SEES), 'alice-token': pngOfWidth(ALICE_SEES) },
        headers: { 'Cache-Control': 'max-age=600' },
      },
    },
    async run(stage) {
      const tab = await stage.openTab({});
      await stage.goto(tab, '/');
      await tab.evaluate(controlled);
      const urls = stage.urls(IMAGES);
      const before = await tab.evaluate(shownWidths, urls);
      await tab.evaluate(storeTokens, stage.tokens);
      await tab.evaluate((all) => /** @type {any} */ (globalThis).app.logIn(all), stage.tokens);
      await tab.evaluate(workerStats);
      const next = await stage.openTab();
      await stage.goto(next, '/');
      const alice = await next.evaluate(shownWidths, urls);
      const others = (/** @type {number[]} */ widths, /** @type {number} */ wanted) =>
        widths.filter((width) => width !== wanted).length;
      return {
        wanted: 2 * IMAGES,
        broken: others(before, PUBLIC_SEES) + others(alice, ALICE_SEES),
        asks: [...(await tab.evaluate(asksHeard)), ...(await next.evaluate(asksHeard))],
        ms: 0,
        fault: alice.includes(PUBLIC_SEES) ? 'alice sees the preview' : undefined,
      };
    },
  },
];
