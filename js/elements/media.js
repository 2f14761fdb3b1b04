// Sets crossorigin on video and audio of realms.
import { isOnRealmOrigin } from '../page/found-state.js';

const MEDIA = 'video, audio';

/** The functions that look again at what is watched. @type {Set<() => void>} */
const watches = new Set();

/**
 * Sets `crossorigin="anonymous"` on a `<video>` or `<audio>` that may play from a realm and has no such attribute.
 * Without it, Firefox hides the element's requests from the worker. If a load has begun without it and has no data yet,
 * the load starts again.
 * @param {HTMLMediaElement} media
 * @returns {boolean} whether it was set
 */
export function useCrossOrigin(media) {
  const sources = [...media.querySelectorAll('source')];
  if (media.hasAttribute('crossorigin') || ![media, ...sources].some(({ src }) => isOnRealmOrigin(src))) return false;
  media.crossOrigin = 'anonymous';
  if (media.networkState !== media.NETWORK_EMPTY && media.readyState === media.HAVE_NOTHING) loadAgain(media);
  return true;
}

/** @param {HTMLMediaElement} media */
export function loadAgain(media) {
  const { paused } = media;
  media.load();
  // After load(), the element no longer plays by itself.
  if (!paused) media.play().catch(() => {});
}

/**
 * Calls `useCrossOrigin` for all media elements below `root`, now and later. If an element gets into the document in
 * the task in which it gets its `src`, this comes before its first request, in all three engines. Otherwise the load
 * starts again. Call it after registerAuthServiceWorker(), which knows the realms.
 * @param {Document | ShadowRoot} [root] a document without its shadow roots, or a shadow root
 * @returns {() => void} ends it
 */
export function watchMedia(root = document) {
  /** @param {ParentNode} parent */
  const useBelow = (parent) => {
    for (const media of parent.querySelectorAll(MEDIA)) useCrossOrigin(/** @type {HTMLMediaElement} */ (media));
  };
  const observer = new MutationObserver((records) => {
    for (const { target, addedNodes } of records) {
      for (const node of [target, ...addedNodes]) {
        if (!(node instanceof Element)) continue;
        const media = node.closest(MEDIA);
        if (media) useCrossOrigin(/** @type {HTMLMediaElement} */ (media));
        else if (node !== target) useBelow(node);
      }
    }
  });
  const watch = () => useBelow(root);
  watch();
  watches.add(watch);
  observer.observe(root, { subtree: true, childList: true, attributeFilter: ['src'] });
  return () => {
    watches.delete(watch);
    observer.disconnect();
  };
}

/** Looks again at all that is watched, when the page has learned of more realms. */
export function watchAgain() {
  for (const watch of watches) watch();
}
