// diagnose() finds what is wrong with a site, and watchWorker() tells what its worker does.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { showImage } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { startApp } from './servers.mjs';
import { openApp, openRealms, openWarmApp, pageWith, test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

/** @param {string} url @returns {Promise<string>} */
const diagnosis = async (url) => {
  await globalThis.registered;
  const { diagnose } = await import('/inspect.js');
  return (await diagnose(url)).text;
};

const TOKEN = 'r-token';
/** An expired JWT. */
const EXPIRED = `e30.${Buffer.from(JSON.stringify({ exp: 1_700_000_000 })).toString('base64url')}.s`;

/** @param {Record<string, string>} tokens by path of the realm @param {string} [more] options, as source text @returns {(realms: string) => string} */
const appWith =
  (tokens, more = '') =>
  (origin) => {
    const all = Object.fromEntries(Object.entries(tokens).map(([path, token]) => [origin + path, token]));
    return pageWith(`
    import { registerAuthServiceWorker } from '/page.js';
    globalThis.registered = registerAuthServiceWorker({ tokens: () => (${JSON.stringify(all)}), ${more} });`);
  };
const good = appWith({ '/r/': TOKEN });

/**
 * @typedef {object} Site
 * @property {(realms: string) => string} [page]
 * @property {Record<string, any>} [pages] others
 * @property {Parameters<typeof startApp>[2]} [served]
 * @property {import('./servers.mjs').Worker} [worker]
 * @property {Partial<import('./servers.mjs').Realm>} [realm]
 */
/** @type {[name: string, site: Site, finding: RegExp][]} */
const sites = [
  [
    'without the worker’s file',
    { served: { withheld: ['auth-service-worker.js'] } },
    /✗ The worker's file is not at .*: the server responds with 404\..*init FOLDER/,
  ],
  [
    'that responds to each path with its HTML',
    { pages: { '/auth-service-worker.js': '<title>App</title>' } },
    /✗ .*auth-service-worker\.js is served as text\/html/,
  ],
  [
    'whose file redirects',
    { pages: { '/auth-service-worker.js': { status: 302, headers: { Location: '/other.js' } } } },
    /✗ .* redirects\. Browsers refuse/,
  ],
  ['that never registers', { page: () => pageWith('') }, /✗ registerAuthServiceWorker\(\) has not been called/],
  [
    'outside of its scope',
    { page: appWith({ '/r/': TOKEN }, "scope: '/sub/'") },
    /✗ The worker is registered for .*\/sub\/, and this page is not below that|✗ No service worker is registered for this page/,
  ],
  [
    'with another worker',
    { worker: 'version-1' },
    /✗ The worker does not reply\. Its file is not of this package, or is of an old version/,
  ],
  [
    'whose token is of another realm',
    { page: appWith({ '/r/a.png.txt/': TOKEN }) },
    /✗ The page has no valid token for the image\. Its realms on \S+ are \S+\/r\/a\.png\.txt\/, and the image's URL is in none of them/,
  ],
  [
    'whose token has expired',
    { page: appWith({ '/r/': EXPIRED }), realm: { token: 'other' } },
    /✗ The page has no valid token .* The token of the realm \S+\/r\/ has expired, or is gone\. To get a new one, give the option reauthenticate\.\n/,
  ],
  ['whose server wants another token', { realm: { token: 'other' } }, /✗ The server rejects the token with 401/],
  [
    'whose server responds with its login page',
    { realm: { token: TOKEN, file: { type: 'text/html; charset=utf-8', body: Buffer.from('<title>Log in</title>') } } },
    /✗ The server responds with an HTML page, not with an image/,
  ],
  [
    'whose server does not allow the token',
    { realm: { token: TOKEN, headers: { 'Access-Control-Allow-Headers': 'Range' } } },
    /✗ (The worker's request with the token failed\. )?The server does not let this page send the token.*Access-Control-Allow-Headers: Authorization/,
  ],
  [
    'whose server’s errors have no CORS headers',
    { realm: { token: TOKEN, corsOfErrors: false } },
    /✗ The response to a wrong token has no CORS headers/,
  ],
  [
    'whose page forbids the image',
    {
      page: (origin) =>
        good(origin).replace(
          '<title>',
          '<meta http-equiv="Content-Security-Policy" content="img-src \'self\' data:"><title>',
        ),
    },
    /✗ The policy of this page forbids the image\. Add http:\S+ to img-src/,
  ],
  [
    'whose worker may not fetch it',
    { served: { policy: "connect-src 'self'" }, worker: 'self-contained' },
    /✗ The policy of the worker's file forbids the worker to fetch the image\. Add http:\S+ to connect-src/,
  ],
  [
    'whose worker may not use WebAssembly',
    { served: { policy: "script-src 'self' 'unsafe-inline'" } },
    /✗ The policy of the worker's file forbids WebAssembly\. Add 'wasm-unsafe-eval'/,
  ],
];

/** What other engines may do otherwise. */
const isOfEngine = (/** @type {string} */ name) => /file redirects|allow the token|not fetch it|WebAssembly/.test(name);

describe('diagnose()', () => {
  const browser = useBrowser();

  for (const [name, { page = good, pages, served, worker = 'split', realm = { token: TOKEN } }, finding] of sites) {
    if (engineOfRun !== 'chromium' && !isOfEngine(name)) continue;
    test(`a site ${name}`, async (t) => {
      const realms = await openRealms(t, { '/r/': realm });
      const app = await startApp({ '/': page(realms.origin), ...pages }, worker, served);
      t.after(() => app.close());
      const tab = await browser.openTab();
      t.after(() => tab.close());
      await tab.goto(`${app.origin}/`);
      assert.match(await tab.evaluate(diagnosis, `${realms.origin}/r/a.png`), finding);
    });
  }

  test('a site that works, and the rule of the request', async (t) => {
    const { realms, tab } = await openApp(t, browser, {
      realms: { '/r/': { token: TOKEN } },
      page: good,
      worker: 'self-contained',
    });
    // Browsers show the worker the fragment.
    const text = await tab.evaluate(diagnosis, `${realms.origin}/r/a.png#part`);
    assert.doesNotMatch(text, /✗/);
    assert.match(
      text,
      /✓ What the worker did with the request: sent with the token of its realm; sent with the token of \S+\/r\/ after \d+ ms; response 200 after/,
    );
    assert.match(text, /✓ The image shows/);
  });
});

describe('watchWorker()', () => {
  const browser = useBrowser();

  test('tells each decision and each rejection of the page’s own requests, and counts', async (t) => {
    const { realms, tab, openTab } = await openWarmApp(t, browser, {
      realms: { '/r/': { token: TOKEN }, '/s/': { token: 'other' } },
    });
    const other = await openTab();
    const watch = async () => {
      const { watchWorker, getDecisions } = await import('/inspect.js');
      globalThis.told = [];
      console.groupCollapsed = (line) => void told.push(line);
      watchWorker({
        debug: true,
        onDecision: ({ url, rule }) => told.push(`${rule} ${new URL(url).pathname}`),
        onUnauthorised: ({ url, realm, retried }) =>
          told.push(`${new URL(url).pathname} of ${new URL(realm).pathname} ${retried}`),
        onStats: ({ sent }) => told.push(`sent ${sent > 0}`),
        onWorkerMismatch: () => told.push('mismatch'),
        everyMs: 200,
      });
      await getDecisions();
    };
    await tab.evaluate(watch);
    await other.evaluate(watch);
    await tab.evaluate((realm) => auth.syncTokenToServiceWorker(realm, 'revoked'), `${realms.origin}/s/`);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/a.png`), true);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/s/b.png`), false);
    const tellsAll = () =>
      tab.evaluate(() => told.includes('/s/b.png of /s/ false') && told.includes('token /r/a.png'));
    await until('both to be told', tellsAll);
    assert.equal(
      await other.evaluate(() => told.some((text) => text.includes(' of /'))),
      false,
      'a tab hears of its own rejections',
    );
    assert.equal(await other.evaluate(() => told.includes('token /r/a.png')), true);
    await until('counts', () => tab.evaluate(() => told.includes('sent true')));
    assert.equal(await tab.evaluate(() => told.includes('mismatch')), false);
    const line = `auth-service-worker: image ${realms.origin}/r/a.png: sent with the token of its realm`;
    assert.equal(await tab.evaluate((text) => told.includes(text), line), true);
  });
});
