// Builds an example and serves it, with the servers that it needs. Servers of this machine stand in for
// https://realm.example and the like.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { listen } from '../http-responses.mjs';
import { landscapePng } from '../png-image.mjs';
import { makeProvider } from './oidc/provider.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PACKAGE = here('../../build/wasm/package');
const TOKEN = 'example-token';
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type',
};
/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.webmanifest': 'application/json',
};

/** @typedef {{method: string, path: string, authorization: string | undefined, body: string}} Entry */
/**
 * @typedef {object} Example
 * @property {string} origin of the app
 * @property {string} realms origin of the images
 * @property {string} folder the one that is served
 * @property {Entry[]} log the requests to the images' server
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} name of its folder
 * @param {object} [how]
 * @param {number} [how.port] the app's; the other servers have the next ones. 0: any free ports
 * @param {number} [how.tokenSeconds] how long a token of the login server is valid
 * @param {Record<string, string>} [how.replaced] texts in the example's files, and the texts to build in their place
 * @returns {Promise<Example>}
 */
export async function startExample(name, { port = 0, tokenSeconds = 10, replaced = {} } = {}) {
  /** @type {(() => unknown)[]} */
  const ends = [];
  /** @param {Parameters<typeof listen>[0]} handle @param {number} place */
  const serve = async (handle, place) => {
    const server = await listen(handle, port && port + place);
    ends.unshift(server.close);
    return server.port;
  };
  /** @type {Entry[]} */
  const log = [];
  const folder = here(`../../build/examples/${name}`);

  /** @type {(authorization: string | undefined) => Promise<boolean>} */
  let accepts = async (authorization) => authorization === `Bearer ${TOKEN}`;
  const images = await serve(async (request, response) => {
    const { method = '', url = '/', headers } = request;
    const isImage = method === 'GET' || method === 'HEAD';
    // nginx has asked the login server already.
    const isAllowed = !isImage || name === 'nginx' || (await accepts(headers.authorization));
    let body = '';
    for await (const chunk of request) body += chunk;
    log.push({ method, path: url, authorization: headers.authorization, body });
    const type = isImage ? 'image/png' : 'application/json';
    response.writeHead(isAllowed ? 200 : 401, {
      ...(name !== 'nginx' && CORS),
      'Cache-Control': 'no-store',
      'Content-Type': type,
    });
    response.end(!isImage ? '{}' : isAllowed ? imageOf(url) : '');
  }, 1);

  /** @type {any} */
  let provider;
  const login = await serve(async (request, response) => {
    if (provider) return void provider.callback()(request, response);
    response.writeHead((await accepts(request.headers.authorization)) ? 204 : 401).end();
  }, 2);

  const realm = name === 'nginx' ? await freePort() : images;
  const app = name === 'nginx' ? await freePort() : await serve(serving(folder), 0);
  const origin = `http://localhost:${app}`;
  const texts = {
    'https://realm.example': `http://localhost:${realm}`,
    'https://collector.example': `http://localhost:${images}`,
    'https://login.example': `http://localhost:${login}`,
    // These are the ports in nginx.conf.
    ':4301': `:${app}`,
    ':4302': `:${realm}`,
    ':4303': `:${images}`,
    ':4304': `:${login}`,
    ...replaced,
  };
  await buildExample(name, folder, (text) =>
    Object.entries(texts).reduce((all, [from, to]) => all.replaceAll(from, to), text),
  );
  if (name === 'nginx') ends.unshift(await startNginx(folder, origin));
  if (name === 'oidc') {
    provider = makeProvider(`http://localhost:${login}`, origin, tokenSeconds);
    accepts = async (authorization) =>
      (await provider.AccessToken.find(authorization?.replace('Bearer ', '') ?? ''))?.isValid === true;
  }
  const close = async () => {
    for (const end of ends) await end();
  };
  return { origin, realms: `http://localhost:${realm}`, folder, log, close };
}

/** @returns {Promise<number>} */
async function freePort() {
  const { port, close } = await listen(() => {}, 0);
  close();
  return port;
}

/** @param {string} folder with nginx.conf @param {string} origin of the server @returns {Promise<() => void>} ends it */
async function startNginx(folder, origin) {
  // If root starts nginx, its workers must read the files as root.
  const user = process.getuid?.() === 0 ? ['-g', 'user root;'] : [];
  const nginx = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', ...user], { stdio: ['ignore', 'ignore', 'inherit'] });
  const failed = once(nginx, 'exit').then(
    () => Promise.reject(new Error('nginx has ended')),
    (error) => {
      throw new Error('nginx does not start; Debian has it as nginx-light', { cause: error });
    },
  );
  failed.catch(() => {});
  const responds = async () => {
    while (!(await fetch(origin).catch(() => undefined))) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await Promise.race([responds(), failed]);
  return () => nginx.kill();
}

/** Makes another image for each path. @param {string} path */
function imageOf(path) {
  const seed = [...path].reduce((sum, character) => sum + character.charCodeAt(0), 0);
  return landscapePng(
    { seed, sky: [122, 170, 196], horizon: [236, 229, 212], near: [38, 74, 84], sun: [0.3, 0.2] },
    128,
    128,
  );
}

/**
 * Builds the example with Vite if it has a configuration for that. Otherwise copies its files.
 * @param {string} name
 * @param {string} folder
 * @param {(text: string) => string} write replaces texts
 */
async function buildExample(name, folder, write) {
  const source = here(name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Puts the package where npm would install it.
  await mkdir(here('node_modules'), { recursive: true });
  await symlink(PACKAGE, here('node_modules/auth-service-worker')).catch(() => {});
  const files = await readdir(source);
  if (files.includes('vite.config.js')) {
    const named = {
      name: 'names of servers',
      enforce: /** @type {const} */ ('pre'),
      transform: (/** @type {string} */ code, /** @type {string} */ id) =>
        id.startsWith(source) ? write(code) : undefined,
      transformIndexHtml: { order: /** @type {const} */ ('pre'), handler: write },
    };
    await build({ root: source, plugins: [named], logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
    return;
  }
  for (const file of files) await writeFile(join(folder, file), write(await readFile(join(source, file), 'utf8')));
  execFileSync(process.execPath, [join(PACKAGE, 'bin.js'), 'init', folder, '--page'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** @param {string} folder @returns {Parameters<typeof listen>[0]} */
const serving = (folder) => async (request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const file = extname(path) ? path : '/index.html';
  const body = await readFile(join(folder, file)).catch(() => undefined);
  response.writeHead(body ? 200 : 404, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    'Cache-Control': 'no-cache',
  });
  response.end(body);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = (await readdir(here('.'))).filter((name) => !/[._]/.test(name));
  const [name] = process.argv.slice(2);
  if (names.includes(name)) {
    const { origin } = await startExample(name, { port: 4300 });
    console.log(`The example is at ${origin}. Ctrl-C ends it.`);
  } else {
    console.error(`web/examples/start NAME, where NAME is one of ${names.join(', ')}`);
    process.exitCode = 2;
  }
}
