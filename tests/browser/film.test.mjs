import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { makeFilm } from './film.mjs';
import { engineOfRun } from './launcher.mjs';
import { openWarmApp, test, useBrowser } from './story.mjs';

/** Much more than the browser reads ahead, so that it has to request what it seeks. */
const TURNS = 40;

describe('A protected film', () => {
  const browser = useBrowser();

  test('plays and seeks: the Range of the seek arrives with the token', async (t) => {
    const film = await makeFilm(TURNS);
    const { realms, log, tab } = await openWarmApp(t, browser, { realms: { '/r/': { token: 'r-token', file: film } } });

    const { reached, wanted } = await tab.evaluate(async (url) => {
      const video = document.createElement('video');
      Object.assign(video, { crossOrigin: 'anonymous', muted: true, preload: 'metadata', src: url });
      const happened = (/** @type {string} */ event) =>
        new Promise((resolve, reject) => {
          video.addEventListener(event, resolve, { once: true });
          video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
        });
      document.body.append(video);
      await happened('loadeddata');
      const wanted = video.duration - 2;
      video.currentTime = wanted;
      await happened('seeked');
      return { reached: video.currentTime, wanted };
    }, `${realms.origin}/r/film.webm`);

    assert.equal(reached, wanted);
    const requests = log.of('/r/film.webm');
    assert.deepEqual(
      requests.filter(({ authorization }) => authorization !== 'Bearer r-token'),
      [],
    );
    const seek = requests.find(({ range }) => Number(range?.match(/^bytes=(\d+)-/)?.[1]) > film.body.length / 2);
    assert.equal(seek?.status, 206, `the ranges were ${requests.map(({ range }) => range).join(', ')}`);
  });

  test('without crossorigin plays too, except in Firefox, which shows no worker such requests', async (t) => {
    const film = await makeFilm(TURNS);
    const { realms, log, tab } = await openWarmApp(t, browser, { realms: { '/r/': { token: 'r-token', file: film } } });
    const plays = await tab.evaluate(
      (url) =>
        new Promise((resolve) => {
          const video = Object.assign(document.createElement('video'), { muted: true, preload: 'metadata', src: url });
          video.onloadeddata = () => resolve(true);
          video.onerror = () => resolve(false);
          document.body.append(video);
        }),
      `${realms.origin}/r/film.webm`,
    );
    // https://github.com/whatwg/fetch/issues/1936 may make this the rule in all engines.
    const isShown = engineOfRun !== 'firefox';
    assert.equal(plays, isShown);
    const [first] = log.authorizationsOf('/r/film.webm');
    assert.equal(first, isShown ? 'Bearer r-token' : undefined);
  });
});
