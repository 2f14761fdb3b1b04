// Serves the demo's pages, the worker and the page package, and stands in for the app's own API.
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { PAGE_FILES, SPLIT_WORKER_FILES, WORKER_FILES } from '../js/shipped-files.js';
import { respondWithJson, listen } from './http-responses.mjs';
import { users } from './realm-images.mjs';

/** @typedef {import('./realm-images.mjs').User} User */
/** @typedef {import('./realm-server.mjs').RealmServer} RealmServer */

const packageFolder = new URL('../build/wasm/package/', import.meta.url);
const pageFiles = [
  'demo.css',
  'demo-page.js',
  'without-page.js',
  'shelf.js',
  'session.js',
  'cases.js',
  'facts.js',
  'dom.js',
  'api.js',
];

/** @param {boolean} single the self-contained worker file instead of the one that imports two others */
export function filesServed(single) {
  const files = new Map(pageFiles.map((name) => [`/${name}`, new URL(name, import.meta.url)]));
  // The worker's scope is /app/, so pages below /without/ never have a worker.
  files.set('/app/', new URL('index.html', import.meta.url));
  files.set('/without/', new URL('without.html', import.meta.url));
  for (const name of ['early.js', ...PAGE_FILES]) files.set(`/${name}`, new URL(name, packageFolder));
  const workerFolder = single ? packageFolder : new URL('split/', packageFolder);
  for (const name of single ? WORKER_FILES : SPLIT_WORKER_FILES) files.set(`/${name}`, new URL(name, workerFolder));
  return files;
}

/** @param {RealmServer} realmServer */
function catalogueOf({ realms, origin, urlOf }) {
  return {
    origin,
    realms: realms.map((realm) => ({
      url: urlOf(realm),
      path: realm.path,
      note: realm.note,
      users: realm.users,
      images: realm.images.map(({ name, kind }) => ({ name, kind })),
    })),
  };
}

/** @param {number} wantedPort @param {RealmServer} realmServer @param {boolean} single */
export async function startAppServer(wantedPort, realmServer, single) {
  const files = filesServed(single);
  const started = Date.now();
  const catalogue = `export const catalogue = ${JSON.stringify({ ...catalogueOf(realmServer), started })};\n`;
  // A site with this worker cannot be stricter: WebAssembly needs 'wasm-unsafe-eval'.
  const policy =
    `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: ${realmServer.origin}; ` +
    `media-src ${realmServer.origin}; connect-src 'self' ${realmServer.origin}`;

  // The API uses only POST, and the worker leaves that alone. So the worker's counters count only images.
  /** @type {Record<string, (query: URLSearchParams) => unknown>} */
  const api = {
    '/_login': (query) => realmServer.tokens.issue(userOf(query)),
    '/_expired': (query) => realmServer.tokens.issue(userOf(query), { expired: true }),
    '/_refresh': async (query) => {
      await setTimeout(realmServer.network.delayMs);
      return realmServer.tokens.issue(userOf(query), { realmURL: query.get('realm') ?? '' });
    },
    '/_network': (query) => {
      if (query.has('delay')) realmServer.network.delayMs = Number(query.get('delay'));
      return realmServer.network;
    },
    '/_log': (query) => realmServer.log.filter(({ time }) => time >= Number(query.get('since'))),
  };

  const { port, close } = await listen(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST') {
      if (!Object.hasOwn(api, pathname)) return respondWithJson(response, 404, {});
      return respondWithJson(response, 200, await api[pathname](searchParams));
    }
    if (pathname === '/') return void response.writeHead(302, { Location: '/app/' }).end();
    const file = files.get(pathname);
    if (!file && pathname !== '/catalogue.js') return void response.writeHead(404).end();
    const ending = file?.pathname.split('.').pop();
    const type = { html: 'text/html; charset=utf-8', css: 'text/css' }[ending ?? ''] ?? 'text/javascript';
    const body = file ? await readFile(file) : catalogue;
    response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-cache', 'Content-Security-Policy': policy });
    response.end(request.method === 'HEAD' ? undefined : body);
  }, wantedPort);

  return { origin: `http://localhost:${port}`, close };
}

/** @param {URLSearchParams} query @returns {User} */
function userOf(query) {
  const user = /** @type {User} */ (query.get('user'));
  if (!users.includes(user)) throw new Error(`no user ${user}`);
  return user;
}
