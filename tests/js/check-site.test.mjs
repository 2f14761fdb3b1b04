// npx auth-service-worker check, against sites that are broken in one way each.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { policiesIn, SitePolicy } from '../../js/site-policy.js';
import { PACKAGE_FOLDER } from './package.mjs';

const { version } = JSON.parse(await readFile(`${PACKAGE_FOLDER}package.json`, 'utf8'));
const CORS = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Authorization, Range' };

/** @typedef {{status?: number, headers?: Record<string, string>, body?: string | Buffer}} SiteResponse */

/**
 * What differs from a good site: by path, or `METHOD path` of the images' server.
 * @type {Record<string, SiteResponse>}
 */
let differences = {};
/** @type {import('node:http').Server[]} */
const servers = [];

/** @param {(key: string, request: import('node:http').IncomingMessage) => SiteResponse} responseTo */
async function startServer(responseTo) {
  const server = createServer((request, response) => {
    const { status = 200, headers = {}, body = '' } = responseTo(/** @type {string} */ (request.url), request);
    response.writeHead(status, headers).end(body);
  });
  servers.push(server);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return `http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
}

/** @type {string} */
let site;
/** @type {string} */
let images;
before(async () => {
  const worker = await readFile(`${PACKAGE_FOLDER}auth-service-worker.js`);
  const script = { 'Content-Type': 'text/javascript' };
  site = await startServer((path) => {
    /** @type {Record<string, SiteResponse>} */
    const good = {
      '/': { headers: { 'Content-Type': 'text/html' } },
      '/auth-service-worker.js': { headers: script, body: worker },
    };
    const given = differences[path] ?? good[path] ?? { status: 404 };
    return { ...good[path], ...given, headers: { ...good[path]?.headers, ...given.headers } };
  });
  images = await startServer((_path, { method, headers }) => {
    /** @type {SiteResponse} */
    const good =
      method === 'OPTIONS'
        ? { status: 204, headers: CORS }
        : headers.authorization === 'Bearer good'
          ? { headers: { ...CORS, 'Content-Type': 'image/png', Vary: 'Authorization' } }
          : { status: 401, headers: CORS };
    return differences[`${method} ${headers.authorization ? 'with' : 'without'}`] ?? good;
  });
});
after(() => servers.forEach((server) => server.close()));

/** @param {string[]} words @returns {Promise<{code: number, out: string, err: string}>} */
const check = (...words) =>
  new Promise((resolve) => {
    execFile(process.execPath, [`${PACKAGE_FOLDER}bin.js`, 'check', ...words], (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });

/** @param {Record<string, SiteResponse>} found */
const faultsOf = async (found, token = 'good') => {
  differences = found;
  const { code, out } = await check(`${site}/`, '--image', `${images}/cat.png`, '--token', token);
  const faults = out.split('\n').filter((line) => line.startsWith('✗'));
  assert.equal(code, faults.length > 0 ? 1 : 0);
  return faults;
};

test('a good site: no fault', async () => {
  assert.deepEqual(await faultsOf({}), []);
});

describe('one fault each, with what to change:', () => {
  const policy = (/** @type {string} */ value) => ({ headers: { 'Content-Security-Policy': value } });
  for (const [name, found, fault] of /** @type {[string, Record<string, SiteResponse>, RegExp][]} */ ([
    [
      'no worker file',
      { '/auth-service-worker.js': { status: 404 } },
      /not there: 404 .* Run "npx auth-service-worker init/,
    ],
    [
      'the site’s HTML in its place',
      { '/auth-service-worker.js': { headers: { 'Content-Type': 'text/html' } } },
      /served as text\/html\. Serve it as text\/javascript/,
    ],
    [
      'a redirect to it',
      { '/auth-service-worker.js': { status: 302, headers: { Location: '/other.js' } } },
      /redirects\. Browsers refuse/,
    ],
    [
      'an old copy',
      { '/auth-service-worker.js': { body: '/*! auth-service-worker 0.0.1, MIT' } },
      new RegExp(`version 0\\.0\\.1, and ${version} is installed`),
    ],
    ['a file without a version', { '/auth-service-worker.js': { body: 'old' } }, /does not name its version\. So it/],
    [
      'wasm forbidden, nothing instead',
      { '/auth-service-worker.js': policy("script-src 'self'") },
      /So the worker does nothing\. Add 'wasm-unsafe-eval'/,
    ],
    [
      'connect-src lacks the realm',
      { '/auth-service-worker.js': policy("connect-src 'self'") },
      /Add http:\/\/localhost:\d+ to connect-src/,
    ],
    [
      'a worker that may not see the page',
      { '/auth-service-worker.js': { headers: { 'Service-Worker-Allowed': '/app/' } } },
      /The page is at \/, and the worker may see only pages below \/app\/\./,
    ],
    ['worker-src forbids the worker', { '/': policy("worker-src 'none'") }, /Add worker-src 'self'/],
    [
      'a meta element forbids the worker',
      { '/': { body: `<meta http-equiv="Content-Security-Policy" content="worker-src 'none'">` } },
      /Add worker-src 'self'/,
    ],
    ['img-src lacks the realm', { '/': policy("img-src 'self'") }, /Add http:\/\/localhost:\d+ to img-src/],
    [
      'OPTIONS wants a token',
      { 'OPTIONS without': { status: 401, headers: CORS } },
      /OPTIONS with 401\. Respond with 204/,
    ],
    [
      'the header is not allowed',
      { 'OPTIONS without': { status: 204, headers: { ...CORS, 'Access-Control-Allow-Headers': 'Range' } } },
      /Send Access-Control-Allow-Headers: Authorization/,
    ],
    [
      '* for all headers',
      { 'OPTIONS without': { status: 204, headers: { ...CORS, 'Access-Control-Allow-Headers': '*' } } },
      /"\*", which does not stand for Authorization/,
    ],
    [
      'errors without CORS',
      { 'GET without': { status: 401 } },
      /The response 401 to a request without a token has no CORS headers/,
    ],
    [
      'the image without CORS',
      { 'GET with': { headers: { 'Content-Type': 'image/png', Vary: 'Authorization' } } },
      /The page may not read the image\./,
    ],
    ['no Vary', { 'GET with': { headers: { ...CORS, 'Content-Type': 'image/png' } } }, /Send Vary: Authorization/],
  ])) {
    test(name, async () => {
      const faults = await faultsOf(found);
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0], fault);
    });
  }

  test('a server that is not there', async () => {
    differences = {};
    const { code, out } = await check(`${site}/`, '--image', 'http://localhost:9/cat.png');
    assert.deepEqual(
      [code, out.split('\n').filter((line) => line.startsWith('✗'))],
      [1, ["✗ The image's server does not respond: http://localhost:9/cat.png."]],
    );
  });

  test('a token that opens nothing', async () => {
    assert.deepEqual(await faultsOf({}, 'bad'), ['✗ The token does not open the image: the server responds with 401.']);
  });
});

describe('--worker', () => {
  const script = { 'Content-Type': 'text/javascript' };
  /** @param {string} body of /sw.js */
  const checkOwn = async (body) => {
    differences = { '/sw.js': { headers: script, body } };
    const { code, out } = await check(`${site}/`, '--worker', '/sw.js');
    return { code, lines: out.split('\n') };
  };

  test('a worker of the site’s own names no version: no fault', async () => {
    const { code, lines } = await checkOwn("importScripts('/auth-service-worker.js');");
    assert.equal(code, 0);
    assert.ok(
      lines.includes(
        '✓ The file does not name a version of the package. It seems to be a worker of your own. Whether it imports ' +
          'the package cannot be seen from outside: call diagnose() in the page.',
      ),
      lines.join('\n'),
    );
  });

  test('an old copy of the package, under another name', async () => {
    const { code, lines } = await checkOwn('/*! auth-service-worker 0.0.1, MIT');
    assert.equal(code, 1);
    assert.ok(lines.some((line) => line.startsWith('✗ The file is of version 0.0.1')));
  });
});

test('a token is never printed', async () => {
  differences = {};
  const { out, err } = await check(`${site}/`, '--image', `${images}/cat.png`, '--token', 'SECRET');
  assert.doesNotMatch(out + err, /SECRET/);
});

test('queries, names and passwords in URLs are not printed', async () => {
  differences = {};
  for (const words of [
    [`${site}/?key=SECRET`, '--worker', '/auth-service-worker.js?key=SECRET'],
    [`${site}/`, '--worker', '/missing.js?key=SECRET', '--image', 'http://localhost:9/cat.png?key=SECRET'],
    [site.replace('//', '//name:SECRET@')],
  ]) {
    const { out, err } = await check(...words);
    assert.doesNotMatch(out + err, /SECRET/);
    assert.match(out, /[✓✗] The page /);
  }
});

test('what is no URL is refused with a sentence', async () => {
  assert.deepEqual(await check('site.example'), {
    code: 1,
    out: '',
    err: 'site.example is not an http or https URL.\n',
  });
});

describe('SitePolicy', () => {
  for (const [policy, directive, url, isAllowed] of /** @type {[string | null, string, string, boolean][]} */ ([
    [null, 'img-src', 'https://r.example/', true],
    ["default-src 'none'", 'img-src', 'https://r.example/', false],
    ["default-src 'none'; img-src *", 'img-src', 'https://r.example/', true],
    ['img-src https:', 'img-src', 'https://r.example/', true],
    ['img-src HTTP:', 'img-src', 'https://r.example/', true],
    ['img-src https:', 'img-src', 'http://r.example/', false],
    ['img-src http://r.example', 'img-src', 'https://r.example/', true],
    ['connect-src wss:', 'connect-src', 'https://r.example/', true],
    ['connect-src wss:', 'connect-src', 'http://r.example/', false],
    ['connect-src ws://r.example', 'connect-src', 'http://r.example/', true],
    ['connect-src ws:', 'connect-src', 'wss://r.example/', true],
    ['img-src r.example', 'img-src', 'https://r.example/', true],
    ['img-src r.example', 'img-src', 'https://r.example:8443/', false],
    ['img-src https://r.example:*', 'img-src', 'https://r.example:8443/', true],
    ['img-src *.example', 'img-src', 'https://r.example/', true],
    ['img-src *.r.example', 'img-src', 'https://r.example/', false],
    ['img-src https://r.example/photos/', 'img-src', 'https://r.example/photos/cat.png', true],
    ['img-src https://r.example/photos/', 'img-src', 'https://r.example/other/cat.png', false],
    ["worker-src 'self'", 'worker-src', 'https://app.example/sw.js', true],
    ["script-src 'self'", 'worker-src', 'https://app.example/sw.js', true],
    ["child-src 'none'", 'worker-src', 'https://app.example/sw.js', false],
    ["script-src 'nonce-a'", 'worker-src', 'https://app.example/sw.js', false],
    ["script-src 'nonce-a' 'strict-dynamic'", 'worker-src', 'https://app.example/sw.js', true],
    ["script-src 'strict-dynamic'; child-src 'none'", 'worker-src', 'https://app.example/sw.js', false],
    ["worker-src 'strict-dynamic'", 'worker-src', 'https://app.example/sw.js', false],
    ["img-src *, img-src 'none'", 'img-src', 'https://r.example/', false],
    ["img-src 'none'; img-src *", 'img-src', 'https://r.example/', false],
  ])) {
    test(`${policy}: ${directive} ${url} ${isAllowed ? 'is' : 'is not'} allowed`, () => {
      assert.equal(new SitePolicy(policy, 'https://app.example').allows(directive, url), isAllowed);
    });
  }

  for (const [policy, isAllowed] of /** @type {[string, boolean][]} */ ([
    ['connect-src https://r.example/photos/', true],
    ['connect-src https://other.example/photos/', false],
    ["connect-src https://r.example/photos/, connect-src 'none'", false],
  ])) {
    test(`${policy}: something of https://r.example ${isAllowed ? 'is' : 'is not'} allowed`, () => {
      const site = new SitePolicy(policy, 'https://app.example');
      assert.equal(site.allowsSomeOf('connect-src', 'https://r.example/other/cat.png'), isAllowed);
    });
  }
});

describe('policies in the HTML of a page', () => {
  for (const [name, html, policies] of /** @type {[string, string, string[]][]} */ ([
    ['in any case and order', `<META Content="img-src 'self'" HTTP-EQUIV=content-security-policy>`, ["img-src 'self'"]],
    [
      'several, with characters by their names',
      `<html><head><meta charset=utf-8><meta http-equiv='Content-Security-Policy' content='img-src &#39;self&#39;'>
      <meta http-equiv="Content-Security-Policy" content="worker-src &apos;none&apos;"></head>`,
      ["img-src 'self'", "worker-src 'none'"],
    ],
    [
      'none where a browser finds no meta element of the head',
      `<!-- <meta http-equiv="Content-Security-Policy" content="a"> -->
      <script>'<meta http-equiv="Content-Security-Policy" content="b">'</script>
      <meta http-equiv="Content-Security-Policy-Report-Only" content="c">
      <body><meta http-equiv="Content-Security-Policy" content="d">`,
      [],
    ],
  ])) {
    test(name, () => assert.deepEqual(policiesIn(html), policies));
  }
});
