/**
 * Calls back when a frame is or comes in the document, or gets other HTML, in time for what it requests. In
 * Chromium a worker that neither runs nor starts by then never hears of most requests of a srcdoc frame, as
 * long as it lives: the frame is told of a controller, but not how to reach it
 * (ServiceWorkerProviderContext::SetController). Shadow roots are not watched.
 * @param {() => void} onFrame
 */
export function watchFrames(onFrame) {
  // Workers have none.
  if (!globalThis.document) return;
  const hasFrame = (/** @type {any} */ node) => node.localName === 'iframe' || node.querySelector?.('iframe');
  if (hasFrame(document)) onFrame();
  new MutationObserver((records) => {
    if (records.some(({ type, addedNodes }) => type === 'attributes' || [...addedNodes].some(hasFrame))) onFrame();
  }).observe(document, { subtree: true, childList: true, attributeFilter: ['srcdoc'] });
}
