// Frames in which images may need a repair.

/**
 * Whether the requests of a document bypass the worker that controls the page around it. In Chromium, this is so for
 * frames and windows without a URL of their own. In Firefox, for windows, and for frames that get a srcdoc while they
 * are in the document. In all engines, for documents of a javascript: URL. Call it when the document has its HTML,
 * since Firefox keeps the earlier value.
 * @param {Document} inner
 */
export function isPassedBy({ defaultView }) {
  try {
    return defaultView !== window && !defaultView?.navigator.serviceWorker?.controller;
  } catch {
    // A sandboxed frame has no service worker.
    return false;
  }
}

/** The documents and frames that are watched. @type {WeakSet<Node>} */
const watched = new WeakSet();

/**
 * Calls back for the frames in a document, now and later, and for the frames inside of them. Leaves out frames of other
 * origins, sandboxed frames, and those in shadow roots.
 * @param {Document} outer
 * @param {object} listener
 * @param {() => void} listener.onFrame called when a frame appears or gets other HTML, before it requests anything. In
 *   Chromium, a worker that neither runs nor starts by then never hears of most requests of a srcdoc frame: the frame
 *   is told of a controller, but not how to reach it (ServiceWorkerProviderContext::SetController)
 * @param {(inner: Document) => void} listener.onDocument called when a frame has a document, when it is loaded, and
 *   when it begins anew: document.open() removes all listeners
 */
export function watchFrames(outer, listener) {
  if (watched.has(outer)) return;
  watched.add(outer);
  const { onFrame, onDocument } = listener;
  /** @param {HTMLIFrameElement} frame */
  const enter = ({ contentDocument: inner }) => {
    if (!inner?.defaultView) return;
    onDocument(inner);
    watchFrames(inner, listener);
  };
  const framesIn = (/** @type {ParentNode} */ node) => [...node.querySelectorAll('iframe')];
  const watch = (/** @type {HTMLIFrameElement[]} */ frames) => {
    if (frames.length > 0) onFrame();
    for (const frame of frames) {
      if (!watched.has(frame)) frame.addEventListener('load', () => enter(frame));
      watched.add(frame);
      enter(frame);
    }
  };
  watch(framesIn(outer));
  new MutationObserver((records) => {
    if (records.some(({ type }) => type === 'attributes')) onFrame();
    if (outer !== document && records.some(({ target }) => target === outer)) onDocument(outer);
    // Elements of a frame belong to another window, with another class Element.
    const added = records.flatMap(({ addedNodes }) => [.../** @type {NodeListOf<any>} */ (addedNodes)]);
    watch(added.flatMap((node) => (node.localName === 'iframe' ? [node] : node.nodeType === 1 ? framesIn(node) : [])));
  }).observe(outer, { subtree: true, childList: true, attributeFilter: ['srcdoc'] });
}
