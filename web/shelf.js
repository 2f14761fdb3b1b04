// Shows the images of all realms, as a page would that knows nothing of tokens. Both sides of the demo use this file
// unchanged.
import { catalogue } from '/catalogue.js';
import { callApi } from '/api.js';
import { make } from '/dom.js';

/** @typedef {{shown: string[], broken: string[], milliseconds: number}} ShelfResult  time to the last image that shows */

const patience = 8000;

/** @param {HTMLElement} frame @param {string} url @returns {Promise<boolean>} whether it shows */
function showImage(frame, url) {
  const image = make('img', { alt: '' });
  const done = new Promise((resolve) => {
    image.onload = () => resolve(image.naturalWidth > 0);
    image.onerror = () => resolve(false);
  });
  image.src = url;
  frame.append(image);
  return done;
}

/** @param {HTMLElement} frame @param {string} url @returns {Promise<boolean>} */
function showVideo(frame, url) {
  // Without crossorigin, the request is no-cors. Firefox hides such media requests from workers.
  const video = make('video', { crossorigin: 'anonymous', controls: '', muted: '', preload: 'metadata' });
  const done = new Promise((resolve) => {
    video.onloadeddata = () => resolve(video.videoWidth > 0);
    video.onerror = () => resolve(false);
  });
  video.src = url;
  frame.append(video);
  return done;
}

/**
 * Shows a background. No event tells whether it has loaded, so the realm server's log is asked.
 * @param {HTMLElement} frame @param {string} url @param {number} round
 * @returns {Promise<number | false>} the time of the response
 */
async function showBackground(frame, url, round) {
  const box = make('div', { class: 'background' });
  box.style.backgroundImage = `url("${url}")`;
  frame.append(box);
  const { pathname, search } = new URL(url);
  for (const end = Date.now() + patience; Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    const entries = /** @type {import('./realm-server.mjs').LogEntry[]} */ (
      await callApi('/_log', { since: String(round) })
    );
    const entry = entries.find(({ method, url: logged }) => method === 'GET' && logged === pathname + search);
    if (entry) return entry.status === 200 && entry.time;
  }
  return false;
}

const show = { image: showImage, background: showBackground, video: showVideo };

/**
 * Replaces the shelf's images. Every URL carries the round, so nothing comes from a memory cache.
 * @param {HTMLElement} shelf @param {'with' | 'without'} side @param {number} round when it began, in ms
 * @returns {Promise<ShelfResult>}
 */
export async function showShelf(shelf, side, round) {
  const started = Date.now();
  /** @type {ShelfResult} */
  const result = { shown: [], broken: [], milliseconds: 0 };
  /** @type {(() => Promise<void>)[]} */
  const loads = [];

  const sections = catalogue.realms.map((realm) => {
    const figures = realm.images.map((image) => {
      const frame = make('div', { class: 'frame' });
      const badge = make('span', { class: 'badge' }, 'loading');
      const kind = { image: '<img>', background: 'background', video: '<video>' }[image.kind];
      const path = realm.path + image.name;
      const figure = make(
        'figure',
        { 'data-state': 'loading', 'data-path': path, 'data-kind': image.kind },
        frame,
        make('figcaption', {}, make('b', {}, image.name), make('span', {}, kind), badge),
      );
      const url = `${realm.url}${image.name}?side=${side}&round=${round}`;
      loads.push(async () => {
        const late = new Promise((resolve) => setTimeout(resolve, patience, false));
        const shown = await Promise.race([late, show[image.kind](frame, url, round)]);
        figure.dataset.state = badge.textContent = shown ? 'shown' : 'broken';
        (shown ? result.shown : result.broken).push(path);
        const at = typeof shown === 'number' ? shown : Date.now();
        if (shown) result.milliseconds = Math.max(result.milliseconds, at - started);
      });
      return figure;
    });
    return make(
      'section',
      { class: 'realm' },
      make('h3', {}, realm.path, make('small', {}, realm.note)),
      make('div', { class: 'images' }, ...figures),
    );
  });
  shelf.replaceChildren(...sections);
  await Promise.all(loads.map((load) => load()));
  return result;
}
