// Servers that answer with more than a picture or a 401, and pictures that ask for more than a token.
import { controlled, workerStats } from '../in-page.mjs';
import { until } from '../until.mjs';

const IMAGES = 10;
const SIGNATURE = '?X-Amz-Signature=1';

/** @param {string} directory @param {string} [query] */
const picturesOf = (directory, query = '') =>
  Array.from({ length: IMAGES / 2 }, (_, at) => `${directory}${at}.png${query}`);

/**
 * A tab of the app whose worker has so many tokens.
 * @param {import('./stage.mjs').Stage} stage @param {string[]} paths of their realms
 */
async function openTab(stage, ...paths) {
  const entries = paths.map((path) => [stage.realms.origin + path, stage.tokens[stage.realms.origin + path]]);
  const tab = await stage.openTab(Object.fromEntries(entries));
  await stage.goto(tab, '/');
  await tab.evaluate(controlled);
  await until('a worker with all tokens', async () => (await tab.evaluate(workerStats))?.realms === paths.length);
  return tab;
}

/** What the server lets cookies come with, once it is known which app asks. @type {Record<string, string>} */
const ofCookies = {};

/** @type {import('./scenario.mjs').Scenario[]} */
export const answers = [
  {
    name: 'redirects to another realm, and to a presigned URL',
    pages: [2],
    asksAtMost: { 2: 0 },
    realms: {
      '/photos/': { token: 'photos-token' },
      '/moved/': { token: 'moved-token', location: '/photos/a.png' },
      '/kept/': { token: 'kept-token', location: `/bucket/a.png${SIGNATURE}` },
      '/bucket/': { isPresigned: true },
    },
    async run(stage) {
      const tab = await openTab(stage, '/photos/', '/moved/', '/kept/');
      const { origin } = stage.realms;
      return stage.show(tab, [...picturesOf(`${origin}/moved/`), ...picturesOf(`${origin}/kept/`)]);
    },
  },
  {
    name: 'presigned URLs inside a realm, and the realm written in another way',
    pages: [2],
    asksAtMost: { 2: 0 },
    realms: {
      '/photos/': { token: 'photos-token' },
      '/%70hotos/': { token: 'photos-token' },
      '/photos/signed/': { isPresigned: true },
    },
    async run(stage) {
      const tab = await openTab(stage, '/photos/');
      const { origin } = stage.realms;
      return stage.show(tab, [
        ...picturesOf(`${origin}/photos/signed/`, SIGNATURE),
        ...picturesOf(`${origin}/%70hotos/`),
      ]);
    },
  },
  {
    name: 'pictures with crossorigin="use-credentials"',
    pages: [2],
    realms: { '/photos/': { token: 'photos-token', headers: ofCookies } },
    async run(stage) {
      Object.assign(ofCookies, {
        'Access-Control-Allow-Origin': stage.app.origin,
        'Access-Control-Allow-Credentials': 'true',
      });
      const tab = await openTab(stage, '/photos/');
      const urls = stage.urls(IMAGES);
      // Cookies know no port, so they are the realm server's as well.
      await tab.evaluate((all) => {
        document.cookie = 'c=1';
        document.body.append(
          ...all.map((/** @type {string} */ src) =>
            Object.assign(new Image(), { crossOrigin: 'use-credentials', src }),
          ),
        );
      }, urls);
      const outcome = await stage.judge(tab, IMAGES);
      const paths = urls.map((url) => new URL(url).pathname);
      const without = paths.filter((path) => stage.realms.log.of(path).some(({ headers }) => headers.cookie !== 'c=1'));
      return { ...outcome, fault: without.length > 0 ? `${without.length} without cookies` : undefined };
    },
  },
];
