// The package's help for video and audio. Without crossorigin, Firefox hides their requests from the worker.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { openWarmApp, pageWith, test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

/** An app that watches its media from before its first. @param {string} realm */
const watchingPage = (realm) =>
  `${pageWith(`
  import * as auth from '/page.js';
  import * as elements from '/elements.js';
  Object.assign(globalThis, { auth, elements });
  auth.registerAuthServiceWorker({ realms: ['${realm}'] });
  elements.watchMedia();`)}<body>`;

describe('Media of a realm', () => {
  const browser = useBrowser();

  /** @param {import('./story.mjs').Cleanup} t */
  const open = async (t) => {
    const scene = await openWarmApp(t, browser, { page: watchingPage });
    /** The modes of the requests for a file. @param {string} path */
    const modesOf = async (path) => {
      await scene.log.arrival(path);
      return scene.log.of(path).map(({ headers, authorization }) => `${headers['sec-fetch-mode']} ${authorization}`);
    };
    return { ...scene, modesOf };
  };

  for (const [name, insert] of /** @type {[string, (url: string) => void][]} */ ([
    [
      'inserted with its src',
      (url) => document.body.append(Object.assign(document.createElement('video'), { src: url })),
    ],
    [
      'given its src later',
      (url) => {
        const audio = document.createElement('audio');
        audio.preload = 'auto';
        document.body.append(audio);
        audio.src = url;
      },
    ],
    [
      'in HTML, with a source',
      (url) => document.body.insertAdjacentHTML('beforeend', `<div><video><source src="${url}"></video></div>`),
    ],
    [
      'given a source later',
      (url) => {
        const video = document.createElement('video');
        document.body.append(video);
        setTimeout(() => video.append(Object.assign(document.createElement('source'), { src: url })), 50);
      },
    ],
  ])) {
    test(`${name}: its first request carries the token`, async (t) => {
      const { tab, realms, modesOf } = await open(t);
      await tab.evaluate(insert, `${realms.origin}/r/video.webm`);
      const modes = await modesOf('/r/video.webm');
      assert.deepEqual(
        modes.filter((mode) => mode !== 'cors Bearer r-token'),
        [],
      );
    });
  }

  test('that began to load outside of the document begins anew', async (t) => {
    const { tab, realms, log } = await open(t);
    await tab.evaluate(async (url) => {
      const audio = new Audio(url);
      audio.preload = 'auto';
      await new Promise((resolve) => setTimeout(resolve, 300));
      document.body.append(audio);
    }, `${realms.origin}/r/song.webm`);
    await until('a request with the token', () => log.authorizationsOf('/r/song.webm').includes('Bearer r-token'));
  });

  test('is left alone elsewhere, and where the page has set crossorigin itself', async (t) => {
    const { tab, realms, app } = await open(t);
    const attributes = await tab.evaluate(
      async (realm, elsewhere) => {
        const videos = [elsewhere, realm, realm].map((src) => Object.assign(document.createElement('video'), { src }));
        videos[1].crossOrigin = 'use-credentials';
        document.body.append(...videos);
        await new Promise((resolve) => setTimeout(resolve, 100));
        return videos.map((video) => video.getAttribute('crossorigin'));
      },
      `${realms.origin}/r/video.webm`,
      `${app.origin}/video.webm`,
    );
    assert.deepEqual(attributes, [null, 'use-credentials', 'anonymous']);
  });

  test('one by one, before it is inserted', async (t) => {
    const { tab, realms } = await open(t);
    const results = await tab.evaluate((realm) => {
      const { useCrossOrigin } = /** @type {any} */ (globalThis).elements;
      const video = Object.assign(document.createElement('video'), { src: realm });
      return [useCrossOrigin(video), video.crossOrigin, useCrossOrigin(video)];
    }, `${realms.origin}/r/video.webm`);
    assert.deepEqual(results, [true, 'anonymous', false]);
  });
});
