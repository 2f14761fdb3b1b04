// Servers that respond with more than an image or a 401, and images that ask for more than a token.
import { controlled, streamEvents, workerStats } from '../in-page.mjs';
import { until } from '../until.mjs';
import { asksHeard } from './in-page.mjs';

const IMAGES = 10;
const stream = { type: 'text/event-stream', body: Buffer.from('id: 7\nretry: 50\ndata: x\n\n') };
const SIGNATURE = '?X-Amz-Signature=1';

/** @param {string} directory @param {string} [query] */
const imagesOf = (directory, query = '') =>
  Array.from({ length: IMAGES / 2 }, (_, at) => `${directory}${at}.png${query}`);

/**
 * Opens a tab of the app whose worker has the tokens of these realms.
 * @param {import('./stage.mjs').Stage} stage @param {string[]} paths of the realms
 */
async function openTab(stage, ...paths) {
  const entries = paths.map((path) => [stage.realms.origin + path, stage.tokens[stage.realms.origin + path]]);
  const tab = await stage.openTab(Object.fromEntries(entries));
  await stage.goto(tab, '/');
  await tab.evaluate(controlled);
  await until('a worker with all tokens', async () => (await tab.evaluate(workerStats))?.realms === paths.length);
  return tab;
}

/** The CORS headers that allow cookies. They are set once the app's origin is known. @type {Record<string, string>} */
const ofCookies = {};

/** @type {import('./scenario.mjs').Scenario[]} */
export const responses = [
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
      return stage.show(tab, [...imagesOf(`${origin}/moved/`), ...imagesOf(`${origin}/kept/`)]);
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
      return stage.show(tab, [...imagesOf(`${origin}/photos/signed/`, SIGNATURE), ...imagesOf(`${origin}/%70hotos/`)]);
    },
  },
  {
    name: 'images with crossorigin="use-credentials"',
    pages: [2],
    realms: { '/photos/': { token: 'photos-token', headers: ofCookies } },
    async run(stage) {
      Object.assign(ofCookies, {
        'Access-Control-Allow-Origin': stage.app.origin,
        'Access-Control-Allow-Credentials': 'true',
      });
      const tab = await openTab(stage, '/photos/');
      const urls = stage.urls(IMAGES);
      // Cookies ignore ports, so the realm server gets them too.
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
  {
    name: 'parts of one version: Range with If-Range',
    pages: [2],
    asksAtMost: { 2: 0 },
    realms: {
      '/photos/': {
        token: 'photos-token',
        headers: { 'Access-Control-Allow-Headers': 'Authorization, Range, If-Range' },
      },
    },
    async run(stage) {
      const tab = await openTab(stage, '/photos/');
      const urls = stage.urls(IMAGES);
      const statuses = await tab.evaluate(statusesOfParts, urls);
      const seen = urls.flatMap((url) => stage.realms.log.of(new URL(url).pathname));
      const without = seen.filter(({ headers }) => headers['if-range'] !== '"1"').length;
      return {
        wanted: IMAGES,
        broken: statuses.filter((/** @type {number} */ status) => status !== 206).length,
        asks: [],
        ms: 0,
        fault: without > 0 ? `${without} without If-Range` : undefined,
      };
    },
  },
  {
    name: "streams that reconnect: a realm's, and a public one on its host",
    pages: [2],
    realms: { '/photos/': { token: 'photos-token', file: stream }, '/open/': { file: stream } },
    async run(stage) {
      const tab = await openTab(stage, '/photos/');
      const counts = [];
      for (const path of ['/photos/stream', '/open/stream'])
        counts.push(await tab.evaluate(streamEvents, stage.realms.origin + path));
      return {
        wanted: counts.length,
        broken: counts.filter((/** @type {number} */ count) => count < 3).length,
        asks: await tab.evaluate(asksHeard),
        ms: 0,
      };
    },
  },
];

/** @param {string[]} urls @returns {Promise<number[]>} */
const statusesOfParts = (urls) =>
  Promise.all(
    urls.map(async (url) => {
      const headers = { Range: 'bytes=2-5', 'If-Range': '"1"' };
      return (await fetch(url, { headers }).catch(() => undefined))?.status ?? 0;
    }),
  );
