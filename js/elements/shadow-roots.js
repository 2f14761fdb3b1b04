// The open shadow roots of a page. The `error` events in them do not reach the window.

/**
 * Calls back for the open shadow roots in a document, now and as they come, and for those inside of them. An element may
 * get its root when its class is defined, which no observer hears of.
 * @param {Document} outer
 * @param {() => boolean} isWanted false: this ends at the next root or change
 * @param {(root: ShadowRoot) => void} onRoot
 */
export function watchShadowRoots(outer, isWanted, onRoot) {
  const watch = (/** @type {Document | ShadowRoot} */ root) => {
    observer.observe(root, { subtree: true, childList: true });
    root.querySelectorAll('*').forEach(look);
  };
  /** @param {Element} element */
  const look = (element) => {
    const { localName, shadowRoot } = element;
    if (!isWanted()) observer.disconnect();
    else if (shadowRoot) {
      onRoot(shadowRoot);
      watch(shadowRoot);
    } else if (localName.includes('-') && !customElements.get(localName)) {
      // Names such as font-face are not those of custom elements: the promise rejects.
      customElements.whenDefined(localName).then(
        () => look(element),
        () => {},
      );
    }
  };
  const observer = new MutationObserver((records) => {
    for (const node of records.flatMap(({ addedNodes }) => [.../** @type {NodeListOf<any>} */ (addedNodes)])) {
      if (node.nodeType !== 1) continue;
      look(node);
      node.querySelectorAll('*').forEach(look);
    }
  });
  watch(outer);
}
