import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { controlled, pushToken, storeTokens, workerStats } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { appPage, openApp, pngOfWidth, test, useBrowser, useStory, version1Page } from './story.mjs';
import { until } from './until.mjs';

/** Ways in which a frame gets its HTML, and the engines in which its requests pass by the worker then. @type {Record<string, string[]>} */
const waysPastTheWorker = {
  srcdoc: [],
  'srcdoc, later': ['firefox'],
  'innerHTML of about:blank': ['chromium'],
  'document.write': ['chromium'],
  'blob: URL': ['chromium'],
  'javascript: URL': ['chromium', 'firefox', 'webkit'],
};

/** @param {string} html @param {string} way @returns {Promise<void>} */
const openFrame = async (html, way) => {
  const frame = document.createElement('iframe');
  const { body } = document;
  if (way === 'srcdoc') frame.srcdoc = html;
  if (way === 'blob: URL') frame.src = URL.createObjectURL(new Blob([html], { type: 'text/html' }));
  if (way === 'javascript: URL') frame.src = `javascript:${JSON.stringify(html)}`;
  const isLoaded = new Promise((resolve) => (frame.onload = resolve));
  // Below what is added, not added itself.
  body.appendChild(document.createElement('p')).append(frame);
  await isLoaded;
  if (way === 'srcdoc, later') {
    const isLoadedAgain = new Promise((resolve) => (frame.onload = resolve));
    frame.srcdoc = html;
    await isLoadedAgain;
  }
  const inner = /** @type {Document} */ (frame.contentDocument);
  if (way === 'innerHTML of about:blank') inner.body.innerHTML = html;
  if (way === 'document.write') {
    inner.write(html);
    inner.close();
  }
};

/** @returns {number} images in frames that show */
const shownInFrames = () =>
  [...document.querySelectorAll('iframe')]
    .flatMap(({ contentDocument }) => [...(contentDocument?.images ?? [])])
    .filter((image) => image.getBoundingClientRect().width === 64).length;

/** @returns {[number, string][]} the width of each image in a frame, and whether a canvas can draw it */
const widthsInFrames = () =>
  [...document.querySelectorAll('iframe')].flatMap(({ contentDocument }) =>
    [...(contentDocument?.images ?? [])].map((image) => {
      try {
        document.createElement('canvas').getContext('2d')?.drawImage(image, 0, 0);
        return [image.naturalWidth, 'drawn'];
      } catch (error) {
        return [image.naturalWidth, /** @type {Error} */ (error).name];
      }
    }),
  );

/** @param {string} src @returns {void} */
const insertIntoFrame = (src) => {
  const inner = /** @type {Document} */ (document.querySelector('iframe')?.contentDocument);
  inner.body.append(Object.assign(inner.createElement('img'), { src }));
};

/** @returns {string[]} what an editor would save of the frames */
const htmlOfFrames = () =>
  [...document.querySelectorAll('iframe')].map(({ contentDocument }) => contentDocument?.body.innerHTML ?? '');

/**
 * Inserts an image into a new, empty frame, as an app does that prints.
 * @param {string} src
 * @returns {Promise<string[]>} what the image heard within half a second
 */
const eventsInFrame = async (src) => {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const inner = /** @type {Document} */ (frame.contentDocument);
  const image = inner.createElement('img');
  /** @type {string[]} */
  const heard = [];
  for (const type of ['load', 'error']) image.addEventListener(type, () => heard.push(type));
  image.src = src;
  inner.body.append(image);
  await new Promise((resolve) => setTimeout(resolve, 500));
  return heard;
};

/** It shows an image, and says what that heard. */
const otherApp = `<!doctype html><title>Another app</title><link rel="icon" href="data:,"><body><script>
  window.show = (src) => new Promise((resolve) => {
    const image = document.createElement('img');
    image.onload = image.onerror = ({ type, isTrusted }) => resolve(isTrusted ? type : 'told by the page');
    image.src = src;
    document.body.append(image);
  });
</script>`;

const IMAGES = 30;

describe('An image in a frame', () => {
  const browser = useBrowser();

  /** @param {import('./story.mjs').Cleanup} t @param {Parameters<typeof openApp>[2]} [scene] */
  const openLoggedIn = async (t, scene) => {
    const story = await openApp(t, browser, scene);
    await story.tab.evaluate(storeTokens, { [`${story.realms.origin}/r/`]: 'r-token' });
    return { ...story, url: (/** @type {string} */ name) => `${story.realms.origin}/r/${name}.png` };
  };
  /** @param {(name: string) => string} url @param {string} name */
  const manyImages = (url, name) =>
    Array.from({ length: IMAGES }, (_, at) => `<img src="${url(`${name}-${at}`)}">`).join('');

  test('gets the token that the page around the frame has', async (t) => {
    const { log, tab, url } = await openLoggedIn(t);
    await tab.evaluate(openFrame, `<img src="${url('a')}">`, 'srcdoc');
    assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
  });

  // The app's page knows its realms.
  const scene = useStory(async (t) => {
    const story = await openLoggedIn(t);
    await story.tab.evaluate(pushToken, `${story.realms.origin}/r/`, 'r-token');
    return story;
  });
  for (const [way, engines] of Object.entries(waysPastTheWorker)) {
    const passesBy = engines.includes(engineOfRun);
    test(`shows, however the frame got its HTML: ${way}${passesBy ? ', past the worker' : ''}`, async () => {
      const { app, log, tab, url } = scene;
      log.entries = [];
      await tab.goto(app.origin);
      await tab.evaluate(workerStats);
      await tab.evaluate(openFrame, `<img src="${url('first')}">`, way);
      await until('the first image', async () => (await tab.evaluate(shownInFrames)) === 1);
      await tab.evaluate(insertIntoFrame, url('second'));
      await until('the second', async () => (await tab.evaluate(shownInFrames)) === 2);
      const width = [64, passesBy ? 'InvalidStateError' : 'drawn'];
      assert.deepEqual(await tab.evaluate(widthsInFrames), [width, width]);
      assert.deepEqual(await tab.evaluate(htmlOfFrames), [`<img src="${url('first')}"><img src="${url('second')}">`]);
      for (const path of ['/r/first.png', '/r/second.png']) {
        assert.deepEqual(log.authorizationsOf(path), passesBy ? [undefined, 'Bearer r-token'] : ['Bearer r-token']);
      }
    });
  }

  /** @type {Parameters<typeof openApp>[2]} */
  const withText = {
    realms: {
      '/r/': { token: 'r-token' },
      '/r/text/': { token: 'r-token', file: { type: 'text/plain', body: Buffer.from('no image') } },
    },
  };

  test('loads, and hears of no error, in an empty frame that was just inserted', async (t) => {
    const { realms, tab, url } = await openLoggedIn(t);
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    assert.deepEqual(await tab.evaluate(eventsInFrame, url('print')), ['load']);
  });

  test('that is none hears so once, is requested with the token once, and stays as it is', async (t) => {
    const { app, log, realms, tab, url } = await openLoggedIn(t, withText);
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    // The first visit may still repair what is in the page by then.
    await tab.goto(app.origin);
    await tab.evaluate(workerStats);
    for (const [way, engines] of Object.entries(waysPastTheWorker)) {
      const path = `text/${way.replace(/\W/g, '')}`;
      await tab.evaluate(openFrame, `<img src="${url(path)}">`, way);
      const sent = engines.includes(engineOfRun) ? [undefined, 'Bearer r-token'] : ['Bearer r-token'];
      await until('the request', () => log.authorizationsOf(`/r/${path}.png`).length === sent.length);
    }
    assert.deepEqual(await tab.evaluate(eventsInFrame, url('text/events')), ['error']);
    // Frames that came later have had none of them requested again.
    for (const [way, engines] of Object.entries(waysPastTheWorker)) {
      const sent = log.authorizationsOf(`/r/text/${way.replace(/\W/g, '')}.png`);
      assert.deepEqual(sent, engines.includes(engineOfRun) ? [undefined, 'Bearer r-token'] : ['Bearer r-token'], way);
    }
    assert.equal((await tab.evaluate(htmlOfFrames)).join().includes('blob:'), false);
  });

  test('is that of the user who is there, also where another had one', async (t) => {
    const { realms, tab, url } = await openLoggedIn(t, {
      realms: { '/r/': { files: { 'r-token': pngOfWidth(50), 'next-token': pngOfWidth(60) } } },
    });
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    await tab.evaluate(openFrame, `<img src="${url('a')}">`, 'javascript: URL');
    const widths = () =>
      tab.evaluate(() =>
        [...(document.querySelector('iframe')?.contentDocument?.images ?? [])].map(({ offsetWidth }) => offsetWidth),
      );
    await until('the first one', async () => (await widths()).join() === '50');
    await tab.evaluate((realmURL) => {
      localStorage.setItem('boxel-session', JSON.stringify({ [realmURL]: 'next-token' }));
      auth.syncAllTokensToServiceWorker({ [realmURL]: 'next-token' });
    }, `${realms.origin}/r/`);
    await tab.evaluate(workerStats);
    await tab.evaluate(insertIntoFrame, url('a'));
    await until('those of the next', async () => (await widths()).join() === '60,60');
  });

  test('is requested again with a new token, after it has waited for an ask about another to which the frame sent no reply', async (t) => {
    const { log, tab, url } = await openLoggedIn(t, {
      realms: { '/public/': {}, '/r/': { token: 'new-token' } },
      page: (origin) =>
        appPage(`{
          realms: ['${origin}/r/'],
          tokens: () => ({}),
          realmOf: ({ href }) => (href.startsWith('${origin}/r/') ? '${origin}/r/' : undefined),
          reauthenticate: async () => 'new-token',
        }`),
    });
    const html = `<img src="${url('first').replace('/r/', '/public/')}"><img src="${url('second')}">`;
    await tab.evaluate(openFrame, html, 'srcdoc');
    await until('both images', async () => (await tab.evaluate(shownInFrames)) === 2);
    assert.deepEqual(log.authorizationsOf('/r/second.png'), [undefined, 'Bearer new-token']);
  });

  test('shows in a window that was opened to print, which can wait for it', async (t) => {
    const { realms, tab, url } = await openLoggedIn(t);
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    await tab.evaluate(
      async (html) => {
        const { helpWindow } = await import(/** @type {any} */ ('/elements.js'));
        const print = async () => {
          const opened = /** @type {Window} */ (window.open(''));
          opened.document.write(html);
          opened.document.close();
          await helpWindow(opened);
          const { width } = opened.document.images[0].getBoundingClientRect();
          opened.close();
          return width;
        };
        const button = document.body.appendChild(document.createElement('button'));
        button.onclick = () => void Object.assign(globalThis, { printed: print() });
        button.focus();
      },
      `<img src="${url('print')}">`,
    );
    // WebKit opens windows for keys and clicks only.
    await tab.press('Enter');
    assert.equal(await tab.evaluate(() => /** @type {any} */ (globalThis).printed), 64);
  });

  test('is left alone where the frame has a URL outside of the scope: it is a page of another app', async (t) => {
    const { app, log, realms, tab } = await openLoggedIn(t, {
      page: () => ({ '/': appPage(), '/app/': appPage(`{scope: '/app/'}`), '/other/': otherApp }),
    });
    await tab.evaluate(async () => (await navigator.serviceWorker.getRegistration('/'))?.unregister());
    await tab.goto(`${app.origin}/app/`);
    await tab.evaluate(controlled);
    await tab.evaluate(pushToken, `${realms.origin}/r/`, 'r-token');
    const heard = await tab.evaluate(async (src) => {
      const frame = Object.assign(document.createElement('iframe'), { src: '/other/' });
      document.body.append(frame);
      await new Promise((resolve) => (frame.onload = resolve));
      return /** @type {any} */ (frame.contentWindow).show(src);
    }, `${realms.origin}/r/other.png`);
    assert.equal(heard, 'error');
    // This leads to a repair, as a late reply does. It looks at all frames.
    await tab.evaluate(pushToken, `${realms.origin}/r/more/`, 'more-token');
    await tab.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
    assert.deepEqual(log.authorizationsOf('/r/other.png'), [undefined]);
  });

  for (const way of ['srcdoc', 'srcdoc, later']) {
    test(`shows after the worker was stopped too: ${way}`, async (t) => {
      const { tab, url } = await openLoggedIn(t);
      // The page knows its realms from a reply.
      await tab.evaluate(openFrame, `<img src="${url('before')}">`, 'srcdoc');
      await tab.stopWorkers();
      await tab.evaluate(openFrame, manyImages(url, 'stopped'), way);
      await until('all images', async () => (await tab.evaluate(shownInFrames)) === 1 + IMAGES);
    });
  }

  test('does not, in Chromium, unless the page starts the worker (js/page/watch-frames.js): most pass by it', async (t) => {
    const { tab, url } = await openLoggedIn(t, { page: () => version1Page });
    await tab.stopWorkers();
    await tab.evaluate(openFrame, manyImages(url, 'stopped'), 'srcdoc');
    assert.equal((await tab.evaluate(shownInFrames)) === IMAGES, engineOfRun !== 'chromium');
    // Whatever else starts it, helps.
    await tab.evaluate(workerStats);
    const before = await tab.evaluate(shownInFrames);
    await tab.evaluate(openFrame, manyImages(url, 'started'), 'srcdoc');
    assert.equal(await tab.evaluate(shownInFrames), before + IMAGES);
  });
});
