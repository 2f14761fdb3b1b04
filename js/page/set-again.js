// Elements of the page, and how to make them request what they show.

/** @typedef {Document | ShadowRoot} Root */

/**
 * The document and its shadow roots, the open ones.
 * @param {Root} [root]
 * @returns {Root[]}
 */
export function rootsOf(root = document) {
  const inner = [...root.querySelectorAll('*')].map(({ shadowRoot }) => shadowRoot);
  return [root, ...inner.flatMap((shadow) => (shadow ? rootsOf(shadow) : []))];
}

/**
 * Takes the attribute away and sets it again. Setting alone is enough for some elements and engines
 * only. A picture that the page has is taken from memory; a broken one is requested:
 * https://html.spec.whatwg.org/multipage/images.html#the-list-of-available-images
 * @param {Element} element
 * @param {string} name
 */
export function setAgain(element, name) {
  const attribute = element.getAttributeNode(name);
  if (attribute) {
    // As a node, which keeps its namespace: xlink:href.
    element.removeAttributeNode(attribute);
    element.setAttributeNode(attribute);
  } else {
    element.setAttribute(name, '');
    element.removeAttribute(name);
  }
}

/** @param {HTMLImageElement} image */
export const setImageAgain = (image) =>
  // `sizes` where only the <source>s of a <picture> name images: any of these makes it choose again.
  setAgain(image, ['src', 'srcset'].find((name) => image.hasAttribute(name)) ?? 'sizes');
