// Images that the browser requested before the worker was in control.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe } from 'node:test';
import { controlled, pushToken, showImage, storeTokens, workerStats } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { packageFolder, startApp, startServer } from './servers.mjs';
import { coloursIn } from './pixels.mjs';
import { appPage, pageWith, png, test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

/** Long enough for the worker to take control meanwhile. */
const SLOW_MS = 1500;
const cors = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Authorization' };

/** @type {Record<string, {type: string, body: string | Buffer}>} */
const files = {
  css: { type: 'text/css', body: ':root { --is-styled: yes }' },
  vtt: { type: 'text/vtt', body: 'WEBVTT\n\n00:00.000 --> 00:01.000\nWords' },
  png,
};

/** A realm that needs a token for every URL, except below /public/. /slow/ responds late. Below /gone/ is nothing. */
const startRealm = () =>
  startServer(async (path, { method, headers }) => {
    if (method === 'OPTIONS') return { status: 204, headers: cors };
    if (path.startsWith('/gone/')) return { status: 404, headers: cors };
    if (path.startsWith('/public/late/')) await new Promise((resolve) => setTimeout(resolve, 300));
    const isAllowed = path.startsWith('/public/') || headers.authorization === 'Bearer a-token';
    if (!isAllowed && path.startsWith('/slow/')) await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    return isAllowed ? { status: 200, ...files[path.slice(-3)], headers: cors } : { status: 401, headers: cors };
  });

/** Each way in which a page names an image. @param {string} realm its origin @param {string} at '/rejected', '/slow' or '/public' */
const images = (realm, at) => {
  const box = 'display:block;width:9px;height:9px';
  return `
  <style>
    @font-face { font-family: realm; src: url(${realm}${at}/font.woff); }
    @media all { .rule { ${box}; background-image: url(${realm}${at}/rule.png); } }
    .before::before { content: ''; ${box}; background: no-repeat url("${realm}${at}/before.png"); }
    .variable { --image: url(${realm}${at}/variable.png); ${box}; background-image: var(--image); }
    .shorthand { --rest: center / cover; ${box}; background: url(${realm}${at}/shorthand.png) var(--rest); }
  </style>
  <i class="rule"></i><i class="before"></i><i class="variable"></i><i class="shorthand"></i>
  <i style="${box}; background-image: url(${realm}${at}/inline.png)"></i>
  <i style="${box}; background-image: image-set('${realm}${at}/image-set.png' 1x)"></i>
  <img src="${realm}${at}/src.png">
  <img srcset="${realm}${at}/srcset.png 1x">
  <picture><source srcset="${realm}${at}/source.png"><img src="${realm}${at}/unused.png"></picture>
  <svg width="9" height="9"><image href="${realm}${at}/svg.png" width="9" height="9" /></svg>
  <svg width="9" height="9"><image xlink:href="${realm}${at}/xlink.png" width="9" height="9" /></svg>
  <input type="image" src="${realm}${at}/button.png">
  <video poster="${realm}${at}/poster.png"></video>
  <div><template shadowrootmode="open">
    <style>i { ${box}; background-image: url(${realm}${at}/shadow-rule.png); }</style><i></i>
    <img src="${realm}${at}/shadow-src.png">
  </template></div>`;
};
/** More, of which styles do not tell either. @param {string} realm @param {string} at */
const moreImages = (realm, at) =>
  MORE_NAMES.map((name) => {
    const value = `url(${realm}${at}/${name}.png)${name === 'cursor' ? ', auto' : ''}`;
    return `<i style="display: list-item; width: 9px; height: 9px; border: 1px solid; ${name}: ${value}"></i>`;
  }).join('');
const MORE_NAMES = ['list-style-image', 'border-image-source', 'mask-image', 'cursor', 'content'];
const NAMES = [
  'before',
  'button',
  'image-set',
  'inline',
  'poster',
  'rule',
  'shadow-rule',
  'shadow-src',
  'shorthand',
  'source',
  'src',
  'srcset',
  'svg',
  'variable',
  'xlink',
];

const STATELESS = ['before', 'button', 'image-set', 'inline', 'poster', 'rule', 'shadow-rule', 'shorthand', 'variable'];

/** Keeps the page busy at the next ask for longer than the worker waits. */
const busyAtNextAsk = `<script>
  navigator.serviceWorker.addEventListener('message', () => {
    const end = performance.now() + 600 * Number(globalThis.isBusyNext ?? 0);
    while (performance.now() < end);
    globalThis.isBusyNext = false;
  });
</script>`;

/** Shows it, and hears its errors as an app would. @param {string} html @returns {void} */
const insertBroken = (html) => {
  Object.assign(globalThis, { isBusyNext: true, errors: [] });
  const { errors } = /** @type {any} */ (globalThis);
  // The buffer is full, as on a large page: it holds no more than 250 entries.
  performance.setResourceTimingBufferSize(0);
  document.addEventListener('error', ({ target }) => errors.push(/** @type {any} */ (target).outerHTML), true);
  document.body.setHTMLUnsafe(html);
};

/** Makes the page believe that the browser has no image in memory. Its repairs then replace images that show, too. */
const asIfNotInMemory = () => {
  Object.defineProperty(HTMLImageElement.prototype, 'complete', { get: () => false });
  Object.assign(globalThis, { changes: 0 });
  new MutationObserver((records) => {
    /** @type {any} */ (globalThis).changes += records.length;
  }).observe(/** @type {Element} */ (document.querySelector('video')), { attributeFilter: ['poster'] });
};
const posterChanges = () => /** @type {any} */ (globalThis).changes;

describe('A page in which images break', () => {
  const browser = useBrowser();

  for (const [name, isLate] of /** @type {const} */ ([
    ['which was too busy to reply to its worker', true],
    ['which lacked a token that comes later', false],
  ])) {
    test(`${name}, shows them, whatever names them`, async (t) => {
      const realm = await startRealm();
      t.after(() => realm.close());
      const app = await startApp({ '/': `${busyAtNextAsk}${appPage()}<body>` }, 'split');
      t.after(() => app.close());
      const tab = await browser.openTab();
      t.after(() => tab.close());
      await tab.goto(app.origin);
      await tab.evaluate(controlled);
      if (isLate) {
        await tab.evaluate(storeTokens, { [`${realm.origin}/`]: 'a-token' });
        await tab.evaluate(pushToken, `${realm.origin}/`, 'a-token');
        await tab.evaluate(workerStats);
        await tab.stopWorkers();
      }
      await tab.evaluate(insertBroken, images(realm.origin, '/rejected') + moreImages(realm.origin, '/rejected'));
      const sent = () =>
        [...NAMES, ...MORE_NAMES].map((name) => [name, ...realm.log.authorizationsOf(`/rejected/${name}.png`)]);
      if (!isLate) {
        await until('all to break', () => sent().every((all) => all.length > 1));
        await new Promise((resolve) => setTimeout(resolve, 300));
        await tab.evaluate(pushToken, `${realm.origin}/`, 'a-token');
      }
      const lack = () => sent().filter((all) => !all.includes('Bearer a-token'));
      await until('all with a token', () => lack().length === 0, lack);
      assert.deepEqual(
        sent().filter((all) => all.filter(Boolean).length > 2),
        [],
      );
      const widths = () => [...document.images].map(({ naturalWidth }) => naturalWidth);
      await until('the images', async () =>
        (await tab.evaluate(widths)).every((/** @type {number} */ width) => width === 64),
      );
      if (isLate) assert.deepEqual(await tab.evaluate(() => /** @type {any} */ (globalThis).errors), []);
    });
  }

  /** @param {import('./story.mjs').Cleanup} t @param {(realm: string) => string} body @param {string} [head] */
  const open = async (t, body, head = appPage()) => {
    const realm = await startRealm();
    t.after(() => realm.close());
    const app = await startApp({ '/': '<!doctype html>Before', '/app': `${head}<body>${body(realm.origin)}` }, 'split');
    t.after(() => app.close());
    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(app.origin);
    await tab.evaluate(storeTokens, { [`${realm.origin}/`]: 'a-token' });
    await tab.goto(`${app.origin}/app`);
    await tab.evaluate(controlled);
    /** With or without a token, in order: what was requested for each name. @param {string} at */
    const requests = (at) =>
      Object.fromEntries(
        NAMES.map((name) => [
          name,
          realm.log
            .authorizationsOf(`${at}/${name}.png`)
            .map((value) => (value ? 'token' : 'plain'))
            .join(),
        ]),
      );
    return { app, tab, realm, requests };
  };

  for (const at of ['/rejected', '/slow']) {
    test(`requests again what was ${at === '/slow' ? 'rejected once the worker had taken control' : 'rejected'}`, async (t) => {
      const { tab, requests } = await open(t, (realm) => images(realm, at));
      // In any order: a request that was there before may still wait for its turn.
      await until(`all with a token of ${at}`, () =>
        Object.values(requests(at)).every((sent) => sent.includes('token')),
      );
      const widths = await until('all images', () =>
        tab.evaluate(() => {
          const roots = [document, ...[...document.querySelectorAll('div')].map(({ shadowRoot }) => shadowRoot)];
          const images = roots.flatMap((root) => [...(root?.querySelectorAll('img') ?? [])]);
          return images.every(({ naturalWidth }) => naturalWidth > 0) && images.map(({ naturalWidth }) => naturalWidth);
        }),
      );
      assert.deepEqual(widths, [64, 64, 64, 64]);
      const again = Object.entries(requests(at)).filter(([, sent]) => sent.split('token').length > 2);
      assert.deepEqual(again, []);
    });
  }

  for (const [name, rejected, slow] of [
    ['shows it, backgrounds and posters too', '/rejected', '/slow'],
    ['still shows what did not break', '/public', '/public'],
  ]) {
    test(name, async (t) => {
      const columns = ['background', 'inline', 'before', 'variable', 'poster', 'button'];
      const { tab, realm } = await open(
        t,
        (origin) => `
        <style>
          body { margin: 0; display: flex; height: 100vh; background: white; }
          body > * { flex: 1; width: 0; height: 100%; object-fit: cover; background: center / cover; }
          .background { background-image: url(${origin}${slow}/background.png); }
          .before::before { content: ''; display: block; height: 100%; background: center / cover url(${origin}${rejected}/before.png); }
          .variable { --image: url(${origin}${rejected}/variable.png); background-image: var(--image); }
        </style>
        <i class="background"></i><i style="background-image: url(${origin}${rejected}/inline.png)"></i>
        <i class="before"></i><i class="variable"></i>
        <video poster="${origin}${slow}/poster.png"></video><input type="image" src="${origin}${rejected}/button.png">
        <img id="last" hidden src="${origin}/rejected/last.png">`,
      );
      await until('the one that was rejected', () =>
        tab.evaluate(() => /** @type {HTMLImageElement} */ (document.querySelector('#last')).naturalWidth > 0),
      );
      const empty = async () => {
        const places = columns.map((_, at) => /** @type {[number, number]} */ ([(at + 0.5) / columns.length, 0.5]));
        const colours = await coloursIn(tab, places);
        return columns.filter((_, at) => colours[at][0] >= 200);
      };
      const areFull = async () => (await empty()).length === 0;
      await until('an image in each column', areFull, empty);
      await tab.evaluate(asIfNotInMemory);
      for (const name of ['one', 'two']) {
        await tab.evaluate(pushToken, `${realm.origin}/${name}/`, 'a-token');
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      assert.ok((await tab.evaluate(posterChanges)) >= 4, 'the poster has been replaced twice');
      await until('an image in each column after two more repairs', areFull, empty);
    });
  }

  test('shows backgrounds on the next page, too: Firefox uses the parsed style sheet again', async (t) => {
    const { app, tab, realm } = await open(
      t,
      (origin) => `
      <style>
        body { margin: 0; display: flex; height: 100vh; background: white; }
        i { flex: 1; background: center / cover; }
        .rule { background-image: url(${origin}/rejected/rule.png); }
        .variable { --image: url(${origin}/rejected/variable.png); background-image: var(--image); }
      </style>
      <i class="rule"></i><i class="variable"></i>`,
    );
    const colours = () =>
      coloursIn(tab, [
        [0.25, 0.5],
        [0.75, 0.5],
      ]);
    const areFull = async () => (await colours()).every(([red]) => red < 200);
    await until('the backgrounds', areFull, colours);
    for (const page of ['second', 'third']) {
      await tab.goto(`${app.origin}/app`);
      await until(`the backgrounds of the ${page} page`, areFull, colours);
    }
    const rejected = ['rule', 'variable'].flatMap((name) =>
      realm.log.authorizationsOf(`/rejected/${name}.png`).filter((value) => !value),
    );
    assert.ok(rejected.length > 0, 'they failed on the first page');
  });

  test('leaves alone what shows', async (t) => {
    const { tab, realm, requests } = await open(
      t,
      (origin) => `${images(origin, '/public')}<img id="last" src="${origin}/rejected/src.png">`,
    );
    await until('the one that was rejected', () =>
      tab.evaluate(() => document.images[document.images.length - 1].naturalWidth > 0),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    const again = Object.entries(requests('/public')).filter(([, sent]) => sent.includes('token'));
    // These do not tell whether they show it.
    assert.deepEqual(
      again.map(([name]) => name).filter((name) => !STATELESS.includes(name)),
      [],
    );
    assert.deepEqual(realm.log.authorizationsOf('/rejected/src.png'), [undefined, 'Bearer a-token']);
  });

  test('tells the app of a failure that lasts, once, and of no other', async (t) => {
    const early = `<!doctype html><script>${readFileSync(`${packageFolder}/early.js`, 'utf8')}</script>`;
    const names = ['rejected/repaired', 'slow/repaired', 'gone/lasting'];
    const { tab } = await open(
      t,
      (realm) =>
        names
          .map(
            (name) =>
              `<img src="${realm}/${name}.png" onload="heard('${name} shows')" onerror="heard('${name} failed' + (event.isTrusted ? ', says the browser' : ''))">`,
          )
          .join(''),
      `${early}<script>var all = []; const heard = (what) => all.push(what)</script>${appPage()}`,
    );
    const heard = () => tab.evaluate(() => /** @type {any} */ (globalThis).all);
    await until('all three', async () => (await heard()).length >= 3);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual((await heard()).sort(), ['gone/lasting failed', 'rejected/repaired shows', 'slow/repaired shows']);
  });

  test('tells a component of no failure that is repaired', async (t) => {
    const { tab } = await open(
      t,
      (realm) => `<my-avatar name="slow/in-the-page"></my-avatar><script type="module">
        globalThis.all = [];
        const { registerAuthServiceWorker } = await import('/page.js');
        registerAuthServiceWorker();
        customElements.define('my-avatar', class extends HTMLElement {
          connectedCallback() {
            const image = new Image();
            const name = this.getAttribute('name');
            image.onload = () => all.push(name + ' shows');
            image.onerror = () => all.push(name + ' failed');
            image.src = '${realm}/' + name + '.png';
            this.attachShadow({ mode: 'open' }).append(image);
          }
        });
        const card = document.createElement('div');
        card.attachShadow({ mode: 'open' }).innerHTML = '<my-avatar name="slow/in-a-card"></my-avatar><my-avatar name="gone/lasting"></my-avatar>';
        document.body.append(card);
      </script>`,
      `<!doctype html>${pageWith('')}`,
    );
    const heard = () => tab.evaluate(() => /** @type {any} */ (globalThis).all);
    await until('all three', async () => (await heard()).length >= 3);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual((await heard()).sort(), ['gone/lasting failed', 'slow/in-a-card shows', 'slow/in-the-page shows']);
  });

  test('does not repair fonts, scripts, what is in closed shadow roots or outside the document, and what other origins’ style sheets name', async (t) => {
    const other = await startServer(() => ({
      status: 200,
      type: 'text/css',
      body: `.foreign { background: url(${realmOfSheet}/rejected/foreign.png); width: 9px; height: 9px }`,
    }));
    t.after(() => other.close());
    let realmOfSheet = '';
    const { tab, realm } = await open(t, (origin) => {
      realmOfSheet = origin;
      return `
      <script>
        var outside = new Image();
        outside.src = '${origin}/rejected/outside.png';
        var decoded = outside.decode().then(() => 'decoded', ({ name }) => name);
      </script>
      <style>@font-face { font-family: rejected; src: url(${origin}/rejected/font.woff) } body { font-family: rejected }</style>
      <link rel="stylesheet" href="${other.origin}/sheet.css"><p class="foreign">Text</p>
      <script src="${origin}/rejected/script.js"></script>
      <div><template shadowrootmode="closed"><img src="${origin}/rejected/closed.png"></template></div>
      <img src="${origin}/rejected/src.png">`;
    });
    await until('what it repairs', () => tab.evaluate(() => document.images[0]?.naturalWidth > 0));
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const name of ['outside.png', 'font.woff', 'foreign.png', 'script.js', 'closed.png']) {
      // WebKit sometimes requests one twice while it parses.
      assert.deepEqual([...new Set(realm.log.authorizationsOf(`/rejected/${name}`))], [undefined], name);
    }
    assert.equal(await tab.evaluate(() => /** @type {any} */ (globalThis).decoded), 'EncodingError');
  });

  test('repairs style sheets, and in Chromium tracks, too', async (t) => {
    const { realm, tab } = await open(
      t,
      (realm) => `
      <link rel="stylesheet" href="${realm}/rejected/style.css">
      <link rel="stylesheet" crossorigin href="${realm}/rejected/readable.css">
      <video crossorigin><track src="${realm}/rejected/words.vtt"></video>
      <script>document.querySelector('track').track.mode = 'showing'</script>`,
    );
    const isStyled = () => getComputedStyle(document.documentElement).getPropertyValue('--is-styled').trim() === 'yes';
    await until('the style sheet', () => tab.evaluate(isStyled));
    for (const name of ['style', 'readable'])
      await until(`${name}.css`, () => realm.log.authorizationsOf(`/rejected/${name}.css`).includes('Bearer a-token'));
    const isRead = () => tab.evaluate(() => document.querySelector('track')?.readyState === HTMLTrackElement.LOADED);
    // The others request a track that has failed no more.
    if (engineOfRun === 'chromium') return void (await until('the track', isRead));
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(await isRead(), false);
  });

  test('keeps the styles of a style sheet that has loaded', async (t) => {
    const { tab, realm } = await open(
      t,
      (realm) => `
      <link rel="stylesheet" href="${realm}/public/late/style.css" id="sheet">
      <script>
        globalThis.seen = [];
        const look = () => {
          const value = getComputedStyle(document.documentElement).getPropertyValue('--is-styled').trim() || 'no';
          if (seen.at(-1) !== value) seen.push(value);
          requestAnimationFrame(look);
        };
        sheet.addEventListener('load', () => look(), { once: true });
      </script>
      <img src="${realm}/rejected/src.png">`,
    );
    await until('the repair', () => realm.log.authorizationsOf('/rejected/src.png').includes('Bearer a-token'));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const found = await tab.evaluate(() => [
      /** @type {any} */ (globalThis).seen,
      document.querySelectorAll('[rel=stylesheet]').length,
    ]);
    assert.deepEqual(found, [['yes'], 1]);
  });

  test('repairs preloads of images, and no others: what uses an image later shows it', async (t) => {
    const { realm, tab } = await open(
      t,
      (origin) => `
      <link rel="preload" as="image" href="${origin}/rejected/preload.png" onload="tellEnd()" onerror="tellEnd()">
      <link rel="preload" as="image" href="${origin}/slow/preload.png">
      <link rel="preload" as="image" imagesrcset="${origin}/rejected/srcset.png 1x" imagesizes="9px">
      <link rel="preload" as="style" href="${origin}/rejected/style.css">
      <link rel="preload" as="fetch" crossorigin href="${origin}/rejected/data.json">
      <img src="${origin}/rejected/src.png">`,
      // The first has failed before the package is there.
      `<!doctype html><script>var end = new Promise((resolve) => (globalThis.tellEnd = resolve))</script>${pageWith(`
        await end;
        const { registerAuthServiceWorker } = await import('/page.js');
        registerAuthServiceWorker();`)}`,
    );
    for (const path of ['/rejected/preload.png', '/slow/preload.png', '/rejected/srcset.png']) {
      await until(`a request for ${path} with a token`, () =>
        realm.log.authorizationsOf(path).includes('Bearer a-token'),
      );
      assert.equal(await tab.evaluate(showImage, `${realm.origin}${path}`), true);
    }
    for (const path of ['/rejected/style.css', '/rejected/data.json'])
      assert.deepEqual(realm.log.authorizationsOf(path), [undefined], path);
  });

  test('also when the app reads its tokens long after the worker has taken control', async (t) => {
    const { tab, requests } = await open(
      t,
      (realm) => images(realm, '/rejected'),
      appPage(`{
        tokens: async () => {
          await new Promise((resolve) => setTimeout(resolve, 1000));
          return JSON.parse(localStorage.getItem('boxel-session'));
        },
      }`),
    );
    await until('all with a token', () =>
      Object.values(requests('/rejected')).every((sent) => sent.split(',').includes('token')),
    );
    await until('the image', () => tab.evaluate(() => document.images[0].naturalWidth > 0));
  });

  test('also when a worker has claimed it before the package is there', async (t) => {
    const claimed = `<!doctype html><script>
        navigator.serviceWorker.register('/auth-service-worker.js');
        const isControlled = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
      </script>${pageWith(`
        const { registerAuthServiceWorker } = await isControlled.then(() => import('/page.js'));
        registerAuthServiceWorker();`)}`;
    const { tab, requests } = await open(t, (realm) => images(realm, '/rejected'), claimed);
    await until('all with a token', () => Object.values(requests('/rejected')).every((sent) => sent === 'plain,token'));
    await until('the image', () => tab.evaluate(() => document.images[0].naturalWidth > 0));
  });

  test('also on a first visit that reloads itself once it is controlled, and in a second tab that is opened meanwhile', async (t) => {
    const reloading = `<!doctype html><script>
        navigator.serviceWorker.addEventListener('controllerchange', () => {
          if (!sessionStorage.hasReloaded) location.reload();
          sessionStorage.hasReloaded = true;
        });
      </script>${appPage()}`;
    const { app, tab } = await open(t, (realm) => images(realm, '/rejected'), reloading);
    const second = await browser.openTab();
    t.after(() => second.close());
    const isReloaded = () =>
      /** @type {PerformanceNavigationTiming} */ (performance.getEntriesByType('navigation')[0])?.type === 'reload' &&
      document.readyState === 'complete';
    await until('the end of its reload', () => tab.evaluate(isReloaded).catch(() => false));
    await tab.evaluate(async () => {
      for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
      sessionStorage.clear();
    });
    await Promise.all([tab.goto(`${app.origin}/app`), second.goto(`${app.origin}/app`)]);
    const shows = () => [...document.images].every(({ naturalWidth }) => naturalWidth > 0);
    for (const each of [tab, second]) await until('the images', () => each.evaluate(shows).catch(() => false));
  });

  test('asks the worker to take control after a hard reload, and never reloads itself', async (t) => {
    const { tab, realm } = await open(
      t,
      (origin) => `<script>sessionStorage.loads = Number(sessionStorage.loads ?? 0) + 1</script>
      <img src="${origin}/rejected/src.png">`,
    );
    const shows = () =>
      tab.evaluate(() => document.images[0]?.naturalWidth > 0 && !!navigator.serviceWorker.controller);
    await until('the image', shows);
    realm.log.entries.length = 0;
    await tab.hardReload();
    await until('the image again', shows);
    assert.equal(realm.log.authorizationsOf('/rejected/src.png').at(-1), 'Bearer a-token');
    assert.equal(await tab.evaluate(() => sessionStorage.loads), '2');
  });
});
