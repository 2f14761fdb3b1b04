// Servers of an app and of realms, each on its own origin. Their logs judge the stories.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import parseRange from 'range-parser';
import { PAGE_FILES } from '../../js/shipped-files.js';
import { certificate } from './certificate.mjs';
import { RequestLog } from './request-log.mjs';

/** @typedef {import('node:http').IncomingMessage} Incoming */
/** @typedef {import('node:http').ServerResponse} Outgoing */
/**
 * @typedef {object} ServedResponse
 * @property {number} status
 * @property {Record<string, string>} [headers]
 * @property {string} [type]
 * @property {string | Buffer} [body]
 * @property {{at: number, ms: number}} [stall] the body is sent up to `at`, and the rest after `ms`
 */

/** The package under test; AUTH_PACKAGE names another folder of that shape. */
export const packageFolder =
  process.env.AUTH_PACKAGE ?? fileURLToPath(new URL('../../build/wasm/package', import.meta.url));

const modulesFolder = fileURLToPath(new URL('../../js', import.meta.url));

/** The files of the package that pages load, whichever form the worker has. */
const ofPages = ['early.js', ...PAGE_FILES];

/** @typedef {Awaited<ReturnType<typeof startServer>>} Server */

/**
 * A browser keeps the workers of an origin as long as it runs, so no two of these servers share one.
 * @type {Set<number>}
 */
const usedPorts = new Set();

/**
 * @param {import('node:http').Server | import('node:https').Server} server
 * @param {string} host
 * @returns {Promise<number>} the port, which the system chooses
 */
async function listenOnNewPort(server, host) {
  for (;;) {
    await new Promise((resolve) => server.listen(0, host, () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    if (!usedPorts.has(port)) {
      usedPorts.add(port);
      return port;
    }
    await new Promise((resolve) => server.close(resolve));
  }
}

/**
 * Starts a server on a port that the system chooses. Its responses are not cached, so it sees each request.
 * @param {(path: string, request: Incoming) => ServedResponse | Promise<ServedResponse>} respond the path has no query
 * @param {object} [how]
 * @param {number} [how.roundTripMs] the wait before each response, as if there were a network between
 * @param {string} [how.host] the host that it listens on
 * @param {boolean} [how.isSecure] over https
 */
export async function startServer(respond, { roundTripMs = 0, host = '127.0.0.1', isSecure = false } = {}) {
  const log = new RequestLog();
  /** @type {import('node:http').RequestListener} */
  const listener = async (request, response) => {
    const entry = log.add(request);
    try {
      for await (const chunk of request) entry.body += chunk;
    } catch {
      return; // The browser has broken the request off.
    }
    if (roundTripMs) await new Promise((resolve) => setTimeout(resolve, roundTripMs));
    const { status, headers, type, body = '', stall } = await respond(entry.path, request);
    response.writeHead(status, {
      'Cache-Control': 'no-store',
      ...(type && { 'Content-Type': type }),
      'Content-Length': Buffer.byteLength(body),
      ...headers,
    });
    if (stall) {
      response.write(body.slice(0, stall.at));
      await new Promise((resolve) => setTimeout(resolve, stall.ms));
    }
    response.end(request.method === 'HEAD' ? undefined : body.slice(stall?.at ?? 0));
    entry.status = status;
  };
  const server = isSecure ? createSecureServer(certificate(), listener) : createServer(listener);
  const port = await listenOnNewPort(server, host);
  return {
    origin: `${isSecure ? 'https' : 'http'}://localhost:${port}`,
    log,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * Makes a response without `no-store`, so that browsers may keep the page in the back/forward cache.
 * @param {string} body
 * @returns {ServedResponse}
 */
export const htmlResponse = (body) => ({
  status: 200,
  type: 'text/html; charset=utf-8',
  headers: { 'Cache-Control': 'no-cache' },
  body,
});

/** @type {Record<string, string>} */
const types = { '.html': 'text/html', '.css': 'text/css' };

/** @typedef {keyof typeof workerFolders} Worker */
const workerFolders = {
  split: `${packageFolder}/split`,
  'self-contained': packageFolder,
  'version-1': fileURLToPath(new URL('version-1', import.meta.url)),
};

/**
 * Starts the app's server. It has the app's pages, the worker at `/auth-service-worker.js`, the page package in any
 * folder, and the libraries below `/node_modules/`.
 * @param {Record<string, string | ServedResponse | ((request: Incoming) => ServedResponse | Promise<ServedResponse>)>} pages HTML, or another response, by path; may be
 *   changed later
 * @param {Worker} worker
 * @param {object} [how]
 * @param {string} [how.policy] Content-Security-Policy of everything
 * @param {string[]} [how.withheld] names of files that are not served
 * @param {number} [how.roundTripMs] see startServer
 * @param {string} [how.host] see startServer
 * @param {boolean} [how.isSecure] see startServer
 */
export function startApp(pages, worker, { policy, withheld = [], ...how } = {}) {
  /** @type {Record<string, string>} */
  const headers = policy ? { 'Content-Security-Policy': policy } : {};
  const workerFolder = workerFolders[worker];
  return startServer(async (path, request) => {
    if (Object.hasOwn(pages, path)) {
      const page = pages[path];
      if (typeof page === 'function') return page(request);
      const served = typeof page === 'string' ? htmlResponse(page) : page;
      return { ...served, headers: { ...served.headers, ...headers } };
    }
    const name = basename(path);
    if (withheld.includes(name)) return { status: 404 };
    const folder = ofPages.includes(name) ? packageFolder : workerFolder;
    const file = path.startsWith('/node_modules/') ? modulesFolder + path : `${folder}/${name}`;
    try {
      return { status: 200, headers, type: types[extname(name)] ?? 'text/javascript', body: await readFile(file) };
    } catch {
      return { status: 404 };
    }
  }, how);
}

/**
 * A realm: all that is below a path of the realm server.
 * @typedef {object} Realm
 * @property {string} [token] the one that may read. Without `token` and `files`, everyone may
 * @property {Record<string, File>} [files] the file that each token gets
 * @property {boolean} [cors] false: no response has CORS headers
 * @property {boolean} [corsOfErrors] false: rejections have no CORS headers, as with nginx without \`always\`
 * @property {number} [rejection] the status of a rejection; 401 by default
 * @property {number} [rejectionMs] how long a rejection takes
 * @property {boolean} [isPresigned] URLs carry a signature. With a token as well, they have one authorisation too many
 * @property {string} [location] the URL that all requests are redirected to
 * @property {Record<string, string>} [headers] those of its responses, besides the CORS headers
 * @property {ServedResponse['stall']} [stall]
 * @property {File} file the response of each of its URLs
 */
/** @typedef {{type: string, body: Buffer}} File */

/** The CORS headers of Boxel's realm server: any origin, no credentials, Authorization allowed. */
const corsHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, OPTIONS',
  'Access-Control-Allow-Headers': 'Authorization',
};

/**
 * A URL belongs to the realm with the longest path that its own path begins with.
 * @param {Record<string, Realm>} realms by path
 * @param {Parameters<typeof startServer>[1]} [how]
 */
export function startRealmServer(realms, how) {
  const paths = Object.keys(realms).sort((a, b) => b.length - a.length);
  return startServer(async (path, request) => {
    const at = paths.find((candidate) => path.startsWith(candidate));
    if (at === undefined) return { status: 404, headers: corsHeaders };
    const realm = realms[at];
    const headers = { ...(realm.cors !== false && corsHeaders), ...realm.headers };
    if (request.method === 'OPTIONS') return { status: 204, headers };
    const token = request.headers.authorization?.replace(/^Bearer /, '');
    const file = realm.files
      ? realm.files[token ?? '']
      : !realm.token || token === realm.token
        ? realm.file
        : undefined;
    if (realm.isPresigned && token) return { status: 400, headers };
    if (!file) {
      if (realm.rejectionMs) await new Promise((resolve) => setTimeout(resolve, realm.rejectionMs));
      return {
        status: realm.rejection ?? 401,
        headers: { ...(realm.corsOfErrors !== false && headers), 'WWW-Authenticate': 'Bearer' },
      };
    }
    if (realm.location) return { status: 302, headers: { ...headers, Location: realm.location } };
    return { ...fileResponse(file, headers, request.headers.range), stall: realm.stall };
  }, how);
}

/** @param {File} file @param {Record<string, string>} headers @param {string | undefined} range */
function fileResponse({ type, body }, headers, range) {
  const ranges = parseRange(body.length, range ?? '');
  if (ranges === -1) return { status: 416, headers: { ...headers, 'Content-Range': `bytes */${body.length}` } };
  const all = { ...headers, 'Accept-Ranges': 'bytes' };
  if (ranges === -2 || ranges.length !== 1) return { status: 200, headers: all, type, body };
  const [{ start, end }] = ranges;
  return {
    status: 206,
    headers: { ...all, 'Content-Range': `bytes ${start}-${end}/${body.length}` },
    type,
    body: body.subarray(start, end + 1),
  };
}
