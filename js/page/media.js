// Video and audio of realms.
import { isOnRealmOrigin } from './found-state.js';

const MEDIA = 'video, audio';

/** Those that are watched. @type {Set<() => void>} */
const watches = new Set();

/**
 * Sets `crossorigin="anonymous"` on a `<video>` or `<audio>` that may play from a realm and has no such
 * attribute: without it, Firefox shows the worker nothing of the element's requests. A load that has
 * begun without it, and brought nothing yet, begins anew.
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
  // load() forgets that it was to play.
  if (!paused) media.play().catch(() => {});
}

/**
 * `useCrossOrigin` for all media elements below `root`, now and later. In time before their first
 * request, in all three engines, for elements that get into the document in the task in which they get
 * their `src`; later ones begin anew. Call it after registerAuthServiceWorker, which knows the realms.
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

/** For a page that has learned of realms. */
export function watchAgain() {
  for (const watch of watches) watch();
}
