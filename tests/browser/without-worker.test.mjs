// A page that has no worker requests files of realms by itself: to show them, to open them in a tab, to save them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { hostname } from 'node:os';
import { launchFirefox } from './firefox.mjs';
import { controlled } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { packageFolder, startApp } from './servers.mjs';
import { appPage, openRealms, useBrowser, useStory } from './story.mjs';
import { until } from './until.mjs';

/** @typedef {typeof import('../../js/authorised/index.js')} Authorised */
/** @typedef {Window & typeof globalThis & {files: Authorised, saved: {name: string, text: Promise<string>}[], stop: () => void}} View */

const file = (/** @type {string} */ type, /** @type {string} */ body) => ({ type, body: Buffer.from(body) });

/** The page's images: whether each shows, and what its `src` is. */
const images = () => [...document.images].map(({ offsetWidth, src }) => ({ isShown: offsetWidth === 64, src }));

/** @typedef {ReturnType<typeof images>} Images */

/** @param {string} src */
const addImage = (src) => document.body.append(Object.assign(new Image(), { src }));

describe('Without a worker', () => {
  const browser = useBrowser();
  /** @type {import('./launcher.mjs').Tab} */
  let tab;
  /** @type {Awaited<ReturnType<typeof openRealms>>} */
  let realms;
  /** @type {typeof realms} */
  let stranger;
  /** @type {string} */
  let realm;

  /** @returns {Promise<Images>} */
  const imagesNow = () => tab.evaluate(images);

  before(async () => {
    const cleanup = /** @type {import('./story.mjs').Cleanup} */ (
      /** @type {unknown} */ ({ after: (/** @type {() => void} */ end) => ends.push(end) })
    );
    stranger = await openRealms(cleanup, { '/': {} });
    realms = await openRealms(cleanup, {
      '/r/': { token: 'r-token' },
      '/r/page.html': { token: 'r-token', file: file('text/html', '<script>opener.isHacked = true</script>') },
      '/r/away.png': { token: 'r-token', location: `${stranger.origin}/away.png` },
      '/r/text': { token: 'r-token', file: file('text/plain', 'x'.repeat(100_000)) },
      '/r-evil/': {},
    });
    realm = `${realms.origin}/r/`;
    const app = await startApp(
      {
        '/': appPage(`{
        workerURL: '/none.js',
        tokens: () => globalThis.tokens ?? { '${realm}': 'old' },
        isLoggedIn: () => !globalThis.tokens,
        realmOf: () => '${realm}',
        reauthenticate: async () => {
          globalThis.logins = (globalThis.logins ?? 0) + 1;
          return 'r-token';
        },
      }`).replace(
          '</script>\n<script type="module">',
          `</script>\n<img src="${realm}first.png"><script type="module">`,
        ),
      },
      'split',
    );
    cleanup.after(() => app.close());
    tab = await browser.openTab();
    await tab.goto(`${app.origin}/`);
    await tab.evaluate(async () => {
      const view = /** @type {any} */ (globalThis);
      view.files = await import(/** @type {any} */ ('/authorised.js'));
      while (!view.auth) await new Promise((resolve) => setTimeout(resolve, 10));
    });
  });
  /** @type {(() => void)[]} */
  const ends = [];
  test.after(() => ends.reverse().forEach((end) => end()));

  test('images are shown by the page itself, once it is asked to: those that have failed, and later ones', async () => {
    assert.deepEqual(
      (await imagesNow()).map(({ isShown }) => isShown),
      [false],
    );
    await tab.evaluate(() => {
      const view = /** @type {View} */ (globalThis);
      view.stop = view.files.showWithoutWorker(document);
    });
    await tab.evaluate(addImage, `${realm}second.png`);
    await tab.evaluate(addImage, `${stranger.origin}/public.png`);
    await tab.evaluate(addImage, `${realms.origin}/r-evil/third.png`);
    await until('both images', async () => (await imagesNow()).every(({ isShown }) => isShown));
    assert.deepEqual(
      (await imagesNow()).map(({ src }) => src),
      [`${realm}first.png`, `${realm}second.png`, `${stranger.origin}/public.png`, `${realms.origin}/r-evil/third.png`],
    );
    assert.equal(await tab.evaluate(() => globalThis.logins), 1, 'one refresh, for the token that the server rejected');
    assert.deepEqual(realms.log.authorizationsOf('/r-evil/third.png'), [undefined]);
    assert.deepEqual(stranger.log.authorizationsOf('/public.png'), [undefined]);
  });

  test('until that is ended', async () => {
    await tab.evaluate(() => /** @type {View} */ (globalThis).stop());
    assert.deepEqual(
      (await imagesNow()).map(({ isShown }) => isShown),
      [false, false, true, true],
    );
    await tab.evaluate(() => document.images[1].remove());
  });

  test('a file gets a blob: URL, with its progress', async () => {
    const { text, progress } = await tab.evaluate(async (url) => {
      /** @type {{loaded: number, total: number | undefined}[]} */
      const progress = [];
      const address = await /** @type {View} */ (globalThis).files.authorisedURL(url, {
        onProgress: (each) => progress.push(each),
      });
      return { text: await (await fetch(address)).text(), progress };
    }, `${realm}text`);
    assert.equal(text.length, 100_000);
    assert.deepEqual(progress.at(-1)?.loaded, 100_000);
  });

  test('what could run scripts as a part of the page is plain text, unless the page trusts it', async () => {
    const types = await tab.evaluate(async (url) => {
      const { files } = /** @type {View} */ (globalThis);
      const typeOf = async (/** @type {object} */ options) =>
        (await fetch(await files.authorisedURL(url, options))).headers.get('content-type');
      return [await typeOf({}), await typeOf({ trusted: true })];
    }, `${realm}page.html`);
    assert.deepEqual(types, ['text/plain', 'text/html']);
  });

  test('errors are in plain words, and an abort is one', async () => {
    const messages = await tab.evaluate(
      async ([missing, gone, text]) => {
        const { authorisedURL } = /** @type {View} */ (globalThis).files;
        const messageOf = (/** @type {string} */ url, signal = new AbortController().signal) =>
          authorisedURL(url, { signal }).then(String, ({ name, message, status }) => [
            name,
            status ?? 0,
            message.replace(/^\S+ /, ''),
          ]);
        return [await messageOf(missing), await messageOf(gone), await messageOf(text, AbortSignal.abort())];
      },
      [`${realms.origin}/none`, 'http://localhost:1/', `${realm}text`],
    );
    assert.deepEqual(messages.slice(0, 2), [
      ['Error', 404, 'responded with 404: there is no such file, or its server failed.'],
      [
        'Error',
        0,
        "could not be requested: its server cannot be reached, or does not allow the token's header in CORS.",
      ],
    ]);
    assert.equal(messages[2][0], 'AbortError');
  });

  test('a redirect to another origin loses the token', async () => {
    await tab.evaluate(
      (url) => /** @type {View} */ (globalThis).files.authorisedURL(url).catch(String),
      `${realm}away.png`,
    );
    assert.deepEqual(stranger.log.authorizationsOf('/away.png').filter(Boolean), []);
  });

  test('a file is saved under its name, or written while it comes', async () => {
    const { saved, written } = await tab.evaluate(async (url) => {
      const { downloadAuthorised } = /** @type {View} */ (globalThis).files;
      /** @type {{name: string, text: string}[]} */
      const saved = [];
      const { click } = HTMLAnchorElement.prototype;
      /** @type {Promise<unknown>[]} */
      const reads = [];
      HTMLAnchorElement.prototype.click = function () {
        reads.push(
          fetch(this.href).then(async (response) =>
            saved.push({ name: this.download, text: (await response.text()).slice(0, 3) }),
          ),
        );
      };
      await downloadAuthorised(url);
      await downloadAuthorised(url, 'my file.txt');
      HTMLAnchorElement.prototype.click = click;
      await Promise.all(reads);
      let written = 0;
      await downloadAuthorised(url, undefined, {
        to: new WritableStream({
          write(chunk) {
            written += chunk.length;
          },
        }),
      });
      return { saved: saved.map(({ name, text }) => `${name} ${text}`).sort(), written };
    }, `${realm}text`);
    assert.deepEqual(saved, ['my file.txt xxx', 'text xxx']);
    assert.equal(written, 100_000);
  });

  test('a file is opened in a tab, at once, and one that cannot be had closes it', async () => {
    const opened = await tab.evaluate(async (url) => {
      const { openAuthorised } = /** @type {View} */ (globalThis).files;
      const { open } = window;
      /** @type {any[]} */
      const windows = [];
      window.open = (...args) => {
        const fake = /** @type {any} */ ({
          args,
          opener: window,
          location: {
            replace(/** @type {string} */ to) {
              fake.to = to;
            },
          },
          close: () => (fake.isClosed = true),
        });
        windows.push(fake);
        return fake;
      };
      const opening = openAuthorised(url);
      const atOnce = windows.length;
      await opening;
      const failure = await openAuthorised(`${url}-none`.replace('/r/', '/none/')).catch(({ status }) => status);
      window.open = () => null;
      const blocked = await openAuthorised(url).catch(({ message }) => message);
      window.open = open;
      return {
        atOnce,
        failure,
        blocked,
        first: { ...windows[0], opener: windows[0].opener, to: windows[0].to.slice(0, 5) },
        isClosed: windows[1].isClosed,
      };
    }, `${realm}cat.png`);
    const { first, ...rest } = opened;
    assert.deepEqual([first.args, first.opener, first.to], [['about:blank', '_blank'], null, 'blob:']);
    assert.deepEqual(rest, {
      atOnce: 1,
      failure: 404,
      blocked: 'the browser did not open a tab. Call openAuthorised() in the handler of a click, before any await.',
      isClosed: true,
    });
  });

  test('a click opens a real tab, which shows the image and cannot reach the page', async () => {
    await tab.evaluate((url) => {
      const button = document.body.appendChild(document.createElement('button'));
      const { openAuthorised } = /** @type {View} */ (globalThis).files;
      button.onclick = () => void Object.assign(globalThis, { opening: openAuthorised(url) });
      button.focus();
    }, `${realm}cat.png`);
    await tab.press('Enter');
    const seen = await tab.evaluate(async () => {
      const opened = await /** @type {any} */ (globalThis).opening;
      while (!opened.document.images[0]?.naturalWidth) await new Promise((resolve) => setTimeout(resolve, 20));
      const { location, opener, document } = opened;
      opened.close();
      return [location.protocol, opener, document.images[0].naturalWidth];
    });
    assert.deepEqual(seen, ['blob:', null, 64]);
  });

  test('a logout takes all of it back', async () => {
    await tab.evaluate(() => {
      const view = /** @type {View} */ (globalThis);
      view.stop = view.files.showWithoutWorker(document);
    });
    await until('the image', async () => (await imagesNow())[0].isShown);
    const isGone = await tab.evaluate(async (url) => {
      const address = await /** @type {View} */ (globalThis).files.authorisedURL(url);
      Object.assign(globalThis, { tokens: {} });
      auth.clearServiceWorkerTokens();
      await new Promise((resolve) => setTimeout(resolve));
      return fetch(address).then(
        () => false,
        () => true,
      );
    }, `${realm}text`);
    assert.equal(isGone, true);
    await until('no image', async () => !(await imagesNow())[0].isShown);
    const status = await tab.evaluate(
      (url) => /** @type {View} */ (globalThis).files.authorisedURL(url).catch(({ status }) => status),
      `${realm}later.png`,
    );
    assert.equal(status, 401);
    assert.deepEqual(realms.log.authorizationsOf('/r/later.png'), [undefined]);
  });
});

/** @param {string} src @param {string | undefined} sandbox @returns {Promise<unknown>} what the page in such a frame says */
const saidInFrame = (src, sandbox) =>
  new Promise((resolve) => {
    addEventListener('message', ({ data }) => resolve(data), { once: true });
    const frame = document.createElement('iframe');
    if (sandbox) frame.setAttribute('sandbox', sandbox);
    frame.src = src;
    document.body.append(frame);
  });

describe('Where no worker can be, the page says why:', () => {
  const browser = useBrowser();
  /** @type {{app: Awaited<ReturnType<typeof startApp>>, tab: import('./launcher.mjs').Tab}} */
  const scene = useStory(async (t) => {
    const page = { type: 'text/javascript', body: readFileSync(`${packageFolder}/page.js`) };
    const says = `
      import { registerAuthServiceWorker, support } from '/page.js';
      const { registered, reason } = await registerAuthServiceWorker();
      parent.postMessage({ ...support(), registered, ...(reason && { why: reason }) }, '*');`;
    const app = await startApp(
      {
        '/': '<!doctype html><body>',
        '/inner': `<!doctype html><script type="module">${says}</script>`,
        // A sandboxed frame has no origin.
        '/page.js': { status: 200, headers: { 'Access-Control-Allow-Origin': '*' }, ...page },
      },
      'self-contained',
      { host: '0.0.0.0' },
    );
    t.after(() => app.close());
    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(`${app.origin}/`);
    return { app, tab };
  });
  const said = (/** @type {string} */ origin, sandbox = '') =>
    scene.tab.evaluate(saidInFrame, `${origin}/inner`, sandbox);

  test('a sandboxed frame', async () => {
    assert.deepEqual(await said(scene.app.origin, 'allow-scripts'), {
      supported: false,
      reason: 'sandboxed',
      registered: false,
      why: 'sandboxed',
    });
  });

  test('plain http, by another name of this machine', async () => {
    assert.deepEqual(await said(scene.app.origin.replace('localhost', hostname())), {
      supported: false,
      reason: 'insecure-context',
      registered: false,
      why: 'insecure-context',
    });
  });

  // Playwright's Chromium blocks cookies of other sites, as private windows do.
  const mayRegister = engineOfRun !== 'chromium';
  test(`a frame of another site: ${mayRegister ? 'it may have one, in a part of the browser for itself' : 'this engine refuses it when it is registered'}`, async () => {
    assert.deepEqual(await said(scene.app.origin.replace('localhost', '127.0.0.1')), {
      supported: true,
      registered: mayRegister,
      ...(!mayRegister && { why: 'registration-failed' }),
    });
  });
});

// The profiles of the other engines' runs are private, so all their stories are of private windows.
describe('In a private window of Firefox', { skip: engineOfRun !== 'firefox' }, () => {
  for (const [name, hasWorkers] of /** @type {const} */ ([
    ['there are workers', true],
    ['without workers, as once, the page says so, and shows its images itself', false],
  ])) {
    test(name, async (t) => {
      const browser = await launchFirefox({
        'browser.privatebrowsing.autostart': true,
        'dom.serviceWorkers.privateBrowsing.enabled': hasWorkers,
      });
      t.after(() => browser.close());
      const realms = await openRealms(t, { '/r/': { token: 'r-token' } });
      const url = `${realms.origin}/r/a.png`;
      const app = await startApp(
        {
          '/': `<!doctype html><img src="${url}"><script type="module">
            import * as auth from '/page.js';
            import { showWithoutWorker } from '/authorised.js';
            const registering = auth.registerAuthServiceWorker({ tokens: () => ({ '${realms.origin}/r/': 'r-token' }) });
            showWithoutWorker(document);
            const { registered, reason } = await registering;
            globalThis.said = { ...auth.support(), registered, ...(reason && { why: reason }) };
          </script>`,
        },
        'self-contained',
      );
      t.after(() => app.close());
      const tab = await browser.openTab();
      await tab.goto(app.origin);
      const said = () => tab.evaluate(() => /** @type {any} */ (globalThis).said);
      assert.deepEqual(
        await until('what the page says', said),
        hasWorkers
          ? { supported: true, registered: true }
          : { supported: false, reason: 'unsupported', registered: false, why: 'unsupported' },
      );
      if (hasWorkers) await tab.evaluate(controlled);
      await until('the image', async () => (await tab.evaluate(images))[0].isShown);
    });
  }
});
