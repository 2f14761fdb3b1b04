// Documents of a realm on the app's own origin: a token goes along when it is certain that a page of the app asked for
// them, since the server takes a request of the worker for one of the app.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { pushToken, storeTokens, workerStats } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { htmlResponse, startServer } from './servers.mjs';
import { appPage, openApp, test, useBrowser, useStory } from './story.mjs';
import { until } from './until.mjs';

/** Ways to a document, each run in a page; they do not wait for it. @type {Record<string, (url: string) => void>} */
const ways = {
  link: (url) => {
    const link = Object.assign(document.createElement('a'), { href: url });
    document.body.append(link);
    link.click();
  },
  'link without referrer': (url) => {
    const link = Object.assign(document.createElement('a'), { href: url, rel: 'noreferrer' });
    document.body.append(link);
    link.click();
  },
  'link with the policy same-origin': (url) => {
    const link = Object.assign(document.createElement('a'), { href: url, referrerPolicy: 'same-origin' });
    document.body.append(link);
    link.click();
  },
  form: (url) => {
    const form = Object.assign(document.createElement('form'), { action: url });
    document.body.append(form);
    form.submit();
  },
  frame: (url) => document.body.append(Object.assign(document.createElement('iframe'), { src: url })),
  'frame without referrer': (url) =>
    document.body.append(Object.assign(document.createElement('iframe'), { referrerPolicy: 'no-referrer', src: url })),
  window: (url) => void window.open(url),
};

/** These leave the tab where it is. */
const staying = ['frame', 'frame without referrer', 'window'];

/** @param {string} path */
const isThere = (path) => location.pathname === path && document.readyState === 'complete';

/**
 * Settles once the worker has saved that this page has spoken.
 * @param {string} realmURL @param {string} token
 */
const pushTokenToKeep = (realmURL, token) =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(true);
    navigator.serviceWorker.controller?.postMessage({ type: 'set-realm-token', realmURL, token }, [port2]);
  });

/** @param {string} path @returns {string | undefined} the text of that document, in a frame or in place of the page */
const textOf = (path) => {
  const inner = document.querySelector('iframe')?.contentDocument ?? document;
  return inner.location.pathname === path && inner.readyState === 'complete' ? inner.body.textContent : '';
};

const html = '<!doctype html><title>A page</title><body>';
/** Says with which token it was requested. @param {import('node:http').IncomingMessage} request */
const htmlFor = ({ headers }) =>
  htmlResponse(`${html}with ${headers.authorization?.replace('Bearer ', '') ?? 'no token'}`);
const htmlThatNamesItsURL = '<!doctype html><meta name="referrer" content="unsafe-url"><title>A page</title><body>';
const pathOf = (/** @type {string} */ way) => `/r/${way.replaceAll(' ', '-')}`;
const documents = [...Object.keys(ways), 'redirected', 'typed'].map(pathOf);

/** The driver's scripts are no clicks, and WebKit opens windows for those only. */
const opensWindows = engineOfRun !== 'webkit';
const waysOfRun = Object.keys(ways).filter((way) => way !== 'window' || opensWindows);

describe('A document of a realm on the app’s own origin', () => {
  const browser = useBrowser();

  /** @param {import('./story.mjs').Cleanup} t @param {string} [options] of registerAuthServiceWorker */
  const open = async (t, options) => {
    const pages = {
      ...Object.fromEntries(documents.map((path) => [path, htmlFor])),
      '/names-its-URL': htmlThatNamesItsURL,
    };
    const story = await openApp(t, browser, {
      page: () => ({ '/': appPage(options), '/start': appPage(options), ...pages }),
    });
    const { app, tab } = story;
    const elsewhere = await startServer((path, request) => {
      if (path !== '/redirect') return htmlResponse(html);
      const { searchParams } = new URL(request.url ?? '', app.origin);
      return {
        status: 302,
        headers: { Location: searchParams.get('to') ?? '', 'Referrer-Policy': searchParams.get('policy') ?? '' },
      };
    });
    t.after(() => elsewhere.close());
    await tab.goto(`${app.origin}/start`);
    await tab.evaluate(() => void (document.cookie = 'strict=1; SameSite=Strict'));
    await tab.evaluate(pushToken, `${app.origin}/r/`, 'r-token');
    await tab.evaluate(workerStats);
    const visitor = await browser.openTab();
    t.after(() => visitor.close());
    /** Goes there and tells what the server saw. @param {string} from @param {string} way @param {string} [url] @param {() => unknown} [before] */
    const arrive = async (from, way, url = app.origin + pathOf(way), before = () => {}) => {
      await visitor.goto(from);
      await before();
      app.log.entries = [];
      await visitor.evaluate(ways[way], url);
      const path = documents.find((each) => decodeURIComponent(url).endsWith(`${app.origin}${each}`)) ?? '';
      const { authorization, headers } = await app.log.arrival(path);
      // A driver cannot go anywhere while the tab is still on its way.
      if (!staying.includes(way))
        await until(`the tab to be at ${url}`, () => visitor.evaluate(isThere, path).catch(() => false));
      return { authorization, site: headers['sec-fetch-site'], cookie: headers.cookie };
    };
    return { ...story, elsewhere, arrive, visitor };
  };
  const scene = useStory((t) => open(t));

  for (const way of waysOfRun) {
    const isSaid = way !== 'link without referrer' && way !== 'frame without referrer';
    test(`gets ${isSaid ? 'the' : 'no'} token by a ${way} of the app`, async () => {
      const { app, arrive } = scene;
      const authorization = isSaid ? 'Bearer r-token' : undefined;
      assert.deepEqual(await arrive(`${app.origin}/start`, way), {
        authorization,
        site: 'same-origin',
        cookie: 'strict=1',
      });
    });
  }

  for (const way of waysOfRun) {
    test(`gets none by another origin's ${way}, and the server sees whose it is`, async () => {
      const { arrive, elsewhere } = scene;
      const ofTheSite = await arrive(elsewhere.origin, way);
      assert.deepEqual([ofTheSite.authorization, ofTheSite.site], [undefined, 'same-site']);
      const ofAnother = await arrive(elsewhere.origin.replace('localhost', '127.0.0.1'), way);
      assert.deepEqual(ofAnother, { authorization: undefined, site: 'cross-site', cookie: undefined });
    });
  }

  test('gets none by a link of the app that another origin redirects there', async () => {
    const { app, arrive, elsewhere } = scene;
    const url = `${elsewhere.origin}/redirect?to=${encodeURIComponent(`${app.origin}/r/redirected`)}`;
    const { authorization, site } = await arrive(`${app.origin}/start`, 'link', url);
    // Firefox counts the way there and back as one across sites.
    assert.deepEqual([authorization, site], [undefined, engineOfRun === 'firefox' ? 'cross-site' : 'same-site']);
  });

  test('nor when that one sets the referrer policy as well', async () => {
    const { app, arrive, elsewhere } = scene;
    const url = `${elsewhere.origin}/redirect?policy=same-origin&to=${encodeURIComponent(`${app.origin}/r/redirected`)}`;
    assert.equal((await arrive(`${app.origin}/start`, 'link', url)).authorization, undefined);
    // A page that names its whole URL to every site leaves nothing to tell them apart by.
    assert.equal((await arrive(`${app.origin}/names-its-URL`, 'link', url)).authorization, 'Bearer r-token');
  });

  test('gets none for a typed address, nor from a page at the root, whose referrer looks like what a redirect leaves', async () => {
    const { app, arrive, tab } = scene;
    app.log.entries = [];
    await tab.goto(`${app.origin}/r/typed`);
    assert.deepEqual(app.log.authorizationsOf('/r/typed'), [undefined]);
    for (const way of ['link', 'link with the policy same-origin'])
      assert.equal((await arrive(`${app.origin}/`, way)).authorization, undefined);
  });

  test('gets the token by a frame and a link of the app after the worker was stopped, at the first try', async (t) => {
    // This story opens its own app: windows of other stories would be asked first, and have nothing to say.
    const { app, tab, visitor } = await open(t);
    await tab.evaluate(storeTokens, { [`${app.origin}/r/`]: 'r-token' });
    for (const way of ['frame', 'link']) {
      await visitor.goto(`${app.origin}/start`);
      await visitor.evaluate(pushTokenToKeep, `${app.origin}/r/`, 'r-token');
      await tab.stopWorkers();
      app.log.entries = [];
      await visitor.evaluate(ways[way], app.origin + pathOf(way));
      const shown = await until('the document', () => visitor.evaluate(textOf, pathOf(way)).catch(() => ''));
      assert.equal(shown, 'with r-token', way);
      // While the worker starts, Chromium and WebKit request a page without it, for a worker that leaves the page alone:
      // https://github.com/WICG/service-worker-auto-preload
      const ahead = way === 'link' && engineOfRun !== 'firefox' ? [undefined] : [];
      assert.deepEqual(app.log.authorizationsOf(pathOf(way)), [...ahead, 'Bearer r-token'], way);
    }
  });

  test('gets it in any case where the site says so', async (t) => {
    const { app, arrive, elsewhere, tab } = await open(
      t,
      "{ workerURL: '/auth-service-worker.js?authorizesNavigations=true' }",
    );
    await tab.goto(`${app.origin}/r/typed`);
    assert.deepEqual(app.log.authorizationsOf('/r/typed'), ['Bearer r-token']);
    assert.equal((await arrive(elsewhere.origin, 'link')).authorization, 'Bearer r-token');
  });
});
