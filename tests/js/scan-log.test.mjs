// npx auth-service-worker scan, as it is shipped, with logs as servers write them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PACKAGE_FOLDER } from './package.mjs';

const BIN = `${PACKAGE_FOLDER}bin.js`;

/** @type {string} */
let folder;
before(async () => void (folder = await mkdtemp(join(tmpdir(), 'auth-service-worker-'))));
after(() => rm(folder, { recursive: true, force: true }));

const run = (/** @type {string[]} */ ...words) =>
  spawnSync(process.execPath, [BIN, 'scan', ...words], { cwd: folder, encoding: 'utf8', input: '' });

/** @param {string} text @param {...string} words */
async function scan(text, ...words) {
  await writeFile(join(folder, 'access.log'), text);
  const { status, stdout, stderr } = run('access.log', ...words);
  assert.deepEqual([status, stderr], [0, '']);
  return stdout;
}

/** Returns the counts as JSON, without zeros. @param {string} text @param {string[]} words */
async function counts(text, ...words) {
  const { before, after, unread } = JSON.parse(await scan(text, '--json', ...words));
  const short = (/** @type {{requests: number, refused: object}} */ { requests, refused }) => [
    requests,
    Object.fromEntries(Object.entries(refused).filter(([, count]) => count)),
  ];
  return { before: short(before), after: short(after), unread };
}

const FIREFOX = '"https://app.example/" "Mozilla/5.0 (X11) Firefox/140.0"';
const CHROMIUM = '"-" "Mozilla/5.0 \\"quoted\\" Chrome/140"';

describe('scan', () => {
  test('an image that came first without a token, one whose token had expired, and one that stayed broken', async () => {
    const log = `
203.0.113.7 - - [10/Nov/2026:13:55:36 +0100] "GET /photos/a.png HTTP/1.1" 401 12 ${FIREFOX}
203.0.113.7 - - [10/Nov/2026:13:55:36 +0100] "OPTIONS /photos/a.png HTTP/1.1" 204 0 ${FIREFOX}
203.0.113.7 - - [10/Nov/2026:13:55:37 +0100] "GET /photos/a.png HTTP/1.1" 200 51200 ${FIREFOX}
203.0.113.7 - - [10/Nov/2026:14:05:00 +0100] "GET /photos/b.jpg?size=2 HTTP/2.0" 401 12 ${FIREFOX}
203.0.113.7 - - [10/Nov/2026:14:05:02 +0100] "GET /photos/b.jpg?size=2 HTTP/2.0" 304 0 ${FIREFOX}
203.0.113.7 - ada lovelace [10/Nov/2026:14:06:00 +0100] "GET /photos/c.webp HTTP/2.0" 401 12 ${FIREFOX}
203.0.113.7 - - [10/Nov/2026:14:06:00 +0100] "GET /photos/c.webp HTTP/2.0" 200 51200 ${CHROMIUM}
203.0.113.7 - - [10/Nov/2026:14:06:31 +0100] "GET /photos/c.webp HTTP/2.0" 200 51200 ${FIREFOX}
203.0.113.7 - - [10/Nov/2026:14:06:32 +0100] "GET /api/photos HTTP/2.0" 401 12 ${FIREFOX}
`;
    assert.deepEqual(await counts(log), { before: [7, { late: 1, expired: 1, broken: 1 }], after: [0, {}], unread: 0 });
    assert.deepEqual((await counts(log, '--within', '40')).before, [7, { late: 1, expired: 2 }]);
  });

  test('each 401 of an image, until it shows', async () => {
    const at = (/** @type {number} */ second, /** @type {number} */ status) =>
      `203.0.113.7 - - [10/Nov/2026:13:55:${second} +0000] "GET /a.png HTTP/1.1" ${status} 12`;
    assert.deepEqual((await counts([at(10, 401), at(11, 401), at(12, 401), at(13, 206)].join('\n'))).before, [
      4,
      { late: 3 },
    ]);
    assert.deepEqual((await counts([at(10, 401), at(11, 401)].join('\n'))).before, [2, { broken: 2 }]);
  });

  test('before and after a deploy', async () => {
    const log = `203.0.113.7 - - [10/Nov/2026:11:59:59 +0000] "GET /a.png HTTP/1.1" 401 12
203.0.113.7 - - [10/Nov/2026:12:00:00 +0000] "GET /a.png HTTP/1.1" 200 12
203.0.113.7 - - [10/Nov/2026:12:00:01 +0000] "GET /b.png HTTP/1.1" 200 12`;
    assert.deepEqual(await counts(log, '--deploy', '2026-11-10T12:00:00Z'), {
      before: [1, { late: 1 }],
      after: [2, {}],
      unread: 0,
    });
  });

  test('--refresh tells when a token was renewed; --images which paths are images', async () => {
    const log = `203.0.113.7 - - [10/Nov/2026:12:00:00 +0000] "GET /media/1 HTTP/1.1" 401 12
203.0.113.7 - - [10/Nov/2026:12:00:01 +0000] "POST /login/refresh HTTP/1.1" 200 12
203.0.113.7 - - [10/Nov/2026:12:00:02 +0000] "GET /media/1 HTTP/1.1" 200 12
203.0.113.7 - - [10/Nov/2026:12:01:00 +0000] "GET /media/2 HTTP/1.1" 401 12
203.0.113.7 - - [10/Nov/2026:12:01:02 +0000] "GET /media/2 HTTP/1.1" 200 12`;
    assert.deepEqual((await counts(log)).before, [0, {}]);
    assert.deepEqual((await counts(log, '--images', '^/media/', '--refresh', '^/login/refresh$')).before, [
      4,
      { late: 1, expired: 1 },
    ]);
  });

  test('JSON lines of nginx, Caddy and Traefik', async () => {
    const log = `
{"time_iso8601":"2026-11-10T12:00:00+00:00","remote_addr":"203.0.113.7","request":"GET /a.png HTTP/1.1","status":"401","http_user_agent":"Firefox"}
{"time_iso8601":"2026-11-10T12:00:01+00:00","remote_addr":"203.0.113.7","request":"GET /a.png HTTP/1.1","status":"200","http_user_agent":"Firefox"}
{"level":"info","ts":1794312000.25,"logger":"http.log.access","request":{"remote_ip":"203.0.113.8","proto":"HTTP/2.0","method":"GET","host":"app.example","uri":"/a.png","headers":{"User-Agent":["Firefox"]}},"status":401}
{"level":"info","ts":1794312001.25,"logger":"http.log.access","request":{"remote_ip":"203.0.113.8","proto":"HTTP/2.0","method":"GET","host":"app.example","uri":"/a.png","headers":{"User-Agent":["Firefox"]}},"status":200}
{"ClientHost":"203.0.113.9","DownstreamStatus":401,"RequestMethod":"GET","RequestPath":"/a.png","request_User-Agent":"Firefox","time":"2026-11-10T12:00:03Z"}
`;
    assert.deepEqual(await counts(log), { before: [5, { late: 2, broken: 1 }], after: [0, {}], unread: 0 });
  });

  test('a file in which no line can be read is an error', async () => {
    const { status, stdout, stderr } = run(`${PACKAGE_FOLDER}package.json`);
    assert.equal(status, 1);
    assert.match(stdout, /^(\d+) lines, of which \1 could not be read/);
    assert.match(stderr, /package\.json is no log that scan can read\.$/m);
  });

  test('lines that cannot be read are counted, and nothing fails', async () => {
    const log =
      '203.0.113.7 - - [10/Nov/2026:12:00:00 +0000] "GET /a.png HTTP/1.1" 200 12\nhello\n{"a":1}\n{"a":\n203.0.113.7 - - [32/Foo] "GET /a.png" 200 1\n"\\x16\\x03\\x01" 400\n';
    assert.deepEqual(await counts(log), { before: [1, {}], after: [0, {}], unread: 5 });
    assert.match(await scan(log), /^6 lines, of which 5 could not be read\n/);
    assert.match(await scan(''), /responses with 401 +0 \(0\.00 %\)/);
  });

  test('an older log after a newer one: what waits in the first is not shown by the second', async () => {
    const at = (/** @type {string} */ time, /** @type {number} */ status, /** @type {string} */ name) =>
      `203.0.113.7 - - [${time} +0000] "GET /${name}.png HTTP/1.1" ${status} 12\n`;
    const newer = at('11/Nov/2026:10:00:00', 200, 'b') + at('11/Nov/2026:10:00:01', 401, 'a');
    const older = at('10/Nov/2026:10:00:00', 200, 'a') + at('10/Nov/2026:10:00:09', 401, 'c');
    const shown = at('10/Nov/2026:10:00:10', 200, 'c');
    assert.deepEqual((await counts(newer + older + shown)).before, [5, { expired: 1, broken: 1 }]);
    // The request of a video began long before the line that its server writes at its end.
    const video = at('10/Nov/2026:09:50:00', 200, 'd');
    assert.deepEqual((await counts(older + video + shown)).before, [4, { expired: 1 }]);
  });

  test('a request whose client went away shows nothing', async () => {
    const line = (/** @type {number} */ status) =>
      `{"ts":1794312000,"method":"GET","uri":"/a.png","status":${status}}\n`;
    assert.deepEqual((await counts(line(401) + line(0))).before, [2, { broken: 1 }]);
  });

  for (const odd of [
    '{"ts":1794312000,"method":"GET","uri":5,"status":401}',
    '{"ts":1794312000,"request":{"method":"GET","uri":["/a.png"]},"status":401}',
    '{"ts":1794312000,"method":"GET","uri":"/a.png","status":null}',
    '{"ts":1794312000,"method":"GET","uri":"/a.png","status":"no"}',
    '{"ts":null,"method":"GET","uri":"/a.png","status":401}',
    '{"ts":1794312000,"request":null,"status":401}',
  ]) {
    test(`${odd} cannot be read`, async () => {
      const good = '{"ts":1794312000,"method":"GET","uri":"/a.png","status":200}';
      assert.deepEqual(await counts(`${good}\n${odd}`), { before: [1, {}], after: [0, {}], unread: 1 });
    });
  }

  test('the table, and what it cannot tell', async () => {
    const log = `203.0.113.7 - - [10/Nov/2026:11:59:59 +0000] "GET /a.png HTTP/1.1" 401 12
203.0.113.7 - - [10/Nov/2026:12:00:00 +0000] "GET /b.png HTTP/1.1" 200 12
203.0.113.7 - - [10/Nov/2026:12:00:01 +0000] "GET /b.png HTTP/1.1" 200 12`;
    assert.equal(
      await scan(log, '--deploy', '2026-11-10T12:00:00Z'),
      `3 lines
images                                          before             after
requests                                             1                 2
responses with 401                        1 (100.00 %)        0 (0.00 %)
  first without a token, then shown         0 (0.00 %)        0 (0.00 %)
  token expired, then shown                 0 (0.00 %)        0 (0.00 %)
  not shown                               1 (100.00 %)        0 (0.00 %)

A log does not tell which requests had a token, so the kinds are guesses from the order of the responses.
shown: the same client got the same URL within 30 s of the 401.
token expired: the client was shown an image in the half hour before the 401. With --refresh, the guess is better.
A client is an address and a browser's name. People behind one proxy may count as one client.
`,
    );
  });

  test('many lines need no more memory than a few', { timeout: 60_000 }, async () => {
    const words = ['--max-old-space-size=32', BIN, 'scan', '-', '--json'];
    const line = (/** @type {number} */ i) =>
      `203.0.${i % 7}.7 - - [10/Nov/2026:12:${String(Math.floor(i / 5000) % 60).padStart(2, '0')}:00 +0000] "GET /${i}.png HTTP/1.1" 401 12 ${FIREFOX}\n`;
    const input = Array.from({ length: 100_000 }, (_, i) => line(i)).join('');
    const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8', input });
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(stdout).before.refused.broken, 100_000);
  });

  for (const [name, words, error] of /** @type {[string, string[], RegExp][]} */ ([
    ['no log', [], /^scan needs a log/],
    ['a log that is not there', ['no.log'], /^could not read no\.log: /],
    ['a time that is none', ['access.log', '--deploy', 'yesterday'], /^--deploy needs a time/],
    ['a pattern that is none', ['access.log', '--images', '('], /^--images needs a regular expression/],
    ['seconds that are none', ['access.log', '--within', 'x'], /^--within needs a number of seconds/],
  ])) {
    test(`${name}: an error that says so`, async () => {
      await writeFile(join(folder, 'access.log'), '');
      const { status, stderr } = run(...words);
      assert.equal(status, 1);
      assert.match(stderr, error);
    });
  }
});
