// Video and audio of realms.
import { isOnRealmOrigin } from '../page/found-state.js';

const MEDIA = 'video, audio';

/** Those that are watched. @type {Set<() => void>} */
const watches = new Set();

/**
 * Sets `crossorigin="anonymous"` on a `<video>` or `<audio>` that may play from a realm and has no such
 * attribute: without it, Firefox hides the element's requests from the worker. A load that has begun
 * without it, and has no data yet, starts again.
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
  // load() ends the wish to play.
  if (!paused) media.play().catch(() => {});
}

/**
 * `useCrossOrigin` for all media elements below `root`, now and later. It acts before their first
 * request, in all three engines, if an element gets into the document in the task in which it gets its `src`. Otherwise
 * the load starts again. Call it after registerAuthServiceWorker, which knows the realms.
 * @param {Document | ShadowRoot} [root] a document's shadow roots are not below it
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

/** For a page that has learned of more realms. */
export function watchAgain() {
  for (const watch of watches) watch();
}
