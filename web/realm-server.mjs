// Serves the images of the realms from an origin of their own. Each realm has its own token.
import { setTimeout } from 'node:timers/promises';
import parseRange from 'range-parser';
import { listen } from './http-responses.mjs';
import { makeRealms } from './realm-images.mjs';
import { RealmTokens, realmNamedBy } from './realm-tokens.mjs';

/** @typedef {import('./realm-images.mjs').Realm} Realm */
/** @typedef {import('./realm-images.mjs').RealmImage} RealmImage */
/**
 * A request and its response. It never has a token.
 * @typedef {{time: number, method: string, url: string, hasToken: boolean, tokenRealm: string, user: string, status:
 *   number, range: string}} LogEntry tokenRealm: the URL of the realm that the token was made for; user: the token's
 *   user if it was valid
 */
/** @typedef {Awaited<ReturnType<typeof startRealmServer>>} RealmServer */

const entriesKept = 2000;

// Upstream's realm server responds so: any origin, no credentials, Authorization allowed.
const corsHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, Accept, Range',
  'Access-Control-Expose-Headers': 'Content-Range, Content-Length, Accept-Ranges',
};

/** @param {number} wantedPort */
export async function startRealmServer(wantedPort) {
  const realms = await makeRealms();
  /** @type {LogEntry[]} */
  const log = [];
  /** Each response waits this long, as if the network were slow. */
  const network = { delayMs: 0 };
  let origin = '';
  /** @param {Realm} realm */
  const urlOf = (realm) => origin + realm.path;
  const tokens = new RealmTokens(realms, urlOf);

  /** @param {string} path @returns {{realm?: Realm, image?: RealmImage}} */
  function find(path) {
    const realm = realms
      .filter((candidate) => path.startsWith(candidate.path))
      .sort((a, b) => b.path.length - a.path.length)[0];
    return { realm, image: realm?.images.find(({ name }) => path === realm.path + name) };
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @returns {Promise<{status: number, user?: string, headers?: Record<string, string | number>, body?: Buffer}>}
   */
  async function responseTo(request) {
    if (request.method === 'OPTIONS') return { status: 204 };
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405 };
    const { realm, image } = find(new URL(request.url ?? '/', origin).pathname);
    if (!realm || !image) return { status: 404 };
    const user = await tokens.userOf(request.headers.authorization, realm);
    if (!user && realm.users !== 'everyone') return { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } };

    const bytes = image.bytesFor(user ?? 'alice');
    const headers = { 'Content-Type': image.type, 'Accept-Ranges': 'bytes' };
    const ranges = parseRange(bytes.length, request.headers.range ?? '');
    if (ranges === -1) return { status: 416, user, headers: { 'Content-Range': `bytes */${bytes.length}` } };
    // The whole file is a valid response to several ranges: https://www.rfc-editor.org/rfc/rfc9110#section-14.2
    if (ranges === -2 || ranges.length !== 1) return { status: 200, user, headers, body: bytes };
    const [{ start, end }] = ranges;
    return {
      status: 206,
      user,
      headers: { ...headers, 'Content-Range': `bytes ${start}-${end}/${bytes.length}` },
      body: bytes.subarray(start, end + 1),
    };
  }

  const { port, close } = await listen(async (request, response) => {
    await setTimeout(network.delayMs);
    const { status, user, headers, body } = await responseTo(request);
    response.writeHead(status, {
      ...corsHeaders,
      'Cache-Control': 'private, no-store',
      ...headers,
      'Content-Length': body?.length ?? 0,
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    log.push({
      time: Date.now(),
      method: request.method ?? '',
      url: request.url ?? '',
      hasToken: request.headers.authorization !== undefined,
      tokenRealm: realmNamedBy(request.headers.authorization),
      user: user ?? '',
      status,
      range: request.headers.range ?? '',
    });
    if (log.length > entriesKept) log.shift();
  }, wantedPort);
  origin = `http://localhost:${port}`;

  return { origin, realms, tokens, log, network, urlOf, close };
}
