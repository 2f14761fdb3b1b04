import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { makeVideo } from './video.mjs';
import { pushToken, workerStats } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { openWarmApp, test, useBrowser } from './story.mjs';

/** Much more than the browser reads ahead, so that it has to request what it seeks. */
const TURNS = 40;

/** In the page. @param {string} url @param {string | null} crossOrigin @returns {Promise<{reached: number, wanted: number}>} */
const seekToTheEnd = async (url, crossOrigin) => {
  const video = document.createElement('video');
  Object.assign(video, { crossOrigin, muted: true, preload: 'metadata', src: url });
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
};

/** What a seek has requested. @param {import('./request-log.mjs').Entry[]} requests @param {Buffer} body the video */
const seekOf = (requests, body) =>
  requests.find(({ range }) => Number(range?.match(/^bytes=(\d+)-/)?.[1]) > body.length / 2);

describe('A protected video', () => {
  const browser = useBrowser();

  test('plays and seeks: the Range of the seek arrives with the token', async (t) => {
    const video = await makeVideo(TURNS);
    const { realms, log, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { token: 'r-token', file: video } },
    });

    const { reached, wanted } = await tab.evaluate(seekToTheEnd, `${realms.origin}/r/video.webm`, 'anonymous');

    assert.equal(reached, wanted);
    const requests = log.of('/r/video.webm');
    assert.deepEqual(
      requests.filter(({ authorization }) => authorization !== 'Bearer r-token'),
      [],
    );
    const seek = seekOf(requests, video.body);
    assert.equal(seek?.status, 206, `the ranges were ${requests.map(({ range }) => range).join(', ')}`);
  });

  test('without crossorigin plays too, except in Firefox, which shows no worker such requests', async (t) => {
    const video = await makeVideo(TURNS);
    const { realms, log, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { token: 'r-token', file: video } },
    });
    const plays = await tab.evaluate(
      (url) =>
        new Promise((resolve) => {
          const video = Object.assign(document.createElement('video'), { muted: true, preload: 'metadata', src: url });
          video.onloadeddata = () => resolve(true);
          video.onerror = () => resolve(false);
          document.body.append(video);
        }),
      `${realms.origin}/r/video.webm`,
    );
    // https://github.com/whatwg/fetch/issues/1936 may make this the rule in all engines.
    const isShown = engineOfRun !== 'firefox';
    assert.equal(plays, isShown);
    const [first] = log.authorizationsOf('/r/video.webm');
    assert.equal(first, isShown ? 'Bearer r-token' : undefined);
  });

  test('that is public still seeks after a logout, though all that is cached revalidates', async (t) => {
    const video = await makeVideo(TURNS);
    const { realms, log, tab } = await openWarmApp(t, browser, {
      realms: { '/r/': { token: 'r-token' }, '/p/': { file: video } },
    });
    await tab.evaluate(pushToken, `${realms.origin}/p/`, 'p-token');
    await tab.evaluate(() => navigator.serviceWorker.controller?.postMessage({ type: 'clear-tokens' }));
    await tab.evaluate(workerStats);

    const { reached, wanted } = await tab.evaluate(seekToTheEnd, `${realms.origin}/p/video.webm`, null);

    assert.equal(reached, wanted);
    const requests = log.of('/p/video.webm');
    assert.deepEqual(
      requests.filter(({ authorization }) => authorization),
      [],
    );
    assert.equal(
      seekOf(requests, video.body)?.status,
      206,
      `the ranges were ${requests.map(({ range }) => range).join(', ')}`,
    );
  });
});
