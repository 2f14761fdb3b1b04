import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { pushToken, showImage, workerStats } from './in-page.mjs';
import { appPage, openApp, openRealms, test, useBrowser } from './story.mjs';

/** In the order of the realms /1/, /2/ …: its scheme, and what its server must see of the token `t`. */
const schemes = [
  [{ format: 'Token {token}' }, { authorization: 'Token t' }],
  [{ format: 'MediaBrowser Client="App", Token="{token}"' }, { authorization: 'MediaBrowser Client="App", Token="t"' }],
  [{ format: 'Basic {token}' }, { authorization: 'Basic t' }],
  [{ header: 'X-Map-Token' }, { 'x-map-token': 't' }],
  [{ header: 'X-Api-Key', format: 'key {token}' }, { 'x-api-key': 'key t' }],
];
/** The one of all other realms. */
const two = [{}, { header: 'X-Api-Key' }];
const headers = { 'Access-Control-Allow-Headers': 'Authorization, X-Map-Token, X-Api-Key' };

describe('Tokens in other headers and schemes', () => {
  const browser = useBrowser();

  test('reach the server as the options say, and no other origin when it redirects', async (t) => {
    const stranger = await openRealms(t, { '/': { headers } });
    const paths = [...schemes.keys()].map((i) => `/${i + 1}/`);
    const { realms, log, tab } = await openApp(t, browser, {
      realms: {
        ...Object.fromEntries(paths.map((path) => [path, { headers }])),
        '/two/': { headers },
        '/away/': { headers, location: `${stranger.origin}/public.png` },
      },
      page: (origin) => {
        const authorization = [...schemes.map(([scheme], i) => ({ realm: origin + paths[i], ...scheme })), ...two];
        return appPage(JSON.stringify({ worker: { authorization } }));
      },
      worker: 'self-contained',
    });
    for (const path of [...paths, '/two/', '/away/']) await tab.evaluate(pushToken, realms.origin + path, 't');
    await tab.evaluate(workerStats);

    for (const [i, [, seen]] of schemes.entries()) {
      assert.equal(await tab.evaluate(showImage, `${realms.origin}${paths[i]}a.png`), true);
      assert.deepEqual(tokensOf(log, `${paths[i]}a.png`), [seen]);
    }
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/two/a.png`), true);
    assert.deepEqual(tokensOf(log, '/two/a.png'), [{ authorization: 'Bearer t', 'x-api-key': 't' }]);

    // Browsers would take X-Api-Key along.
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/away/a.png`), true);
    assert.deepEqual(tokensOf(log, '/away/a.png'), [{ authorization: 'Bearer t', 'x-api-key': 't' }, {}]);
    assert.deepEqual(tokensOf(stranger.log, '/public.png'), [{}]);
  });

  test('also to a realm of which the app learns later: it registers the worker again', async (t) => {
    const { realms, log, tab } = await openApp(t, browser, { realms: { '/late/': { headers } } });
    const realm = `${realms.origin}/late/`;
    await tab.evaluate(async (url) => {
      const next = new Promise((resolve) => (navigator.serviceWorker.oncontrollerchange = resolve));
      await auth.registerAuthServiceWorker({ worker: { authorization: [{ realm: url, header: 'X-Api-Key' }] } });
      await next;
    }, realm);
    await tab.evaluate(pushToken, realm, 't');
    await tab.evaluate(workerStats);
    assert.equal(await tab.evaluate(showImage, `${realm}a.png`), true);
    assert.deepEqual(tokensOf(log, '/late/a.png'), [{ 'x-api-key': 't' }]);
  });
});

/** What each request for the path had of the token. @param {import('./request-log.mjs').RequestLog} log @param {string} path */
const tokensOf = (log, path) =>
  log.of(path).map((entry) => {
    const names = ['authorization', 'x-map-token', 'x-api-key'].filter((name) => name in entry.headers);
    return Object.fromEntries(names.map((name) => [name, entry.headers[name]]));
  });
