// Elements of the page, and how to make them request what they show.

/** @typedef {Document | ShadowRoot} Root */
/**
 * A place that names images.
 * @typedef {object} Use
 * @property {string[]} urls
 * @property {() => () => void} takeAway returns what gives it back
 */

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
 * Taken away and given back, an attribute makes its element request what it names, unless it is there.
 * Setting it to what it is does so for some elements and engines only.
 * @param {Element} element
 * @param {string} name
 * @returns {() => void} gives it back
 */
export function takeAway(element, name) {
  // As a node, which keeps its namespace: xlink:href.
  const attribute = element.getAttributeNode(name);
  if (attribute) element.removeAttributeNode(attribute);
  return () => void (attribute && element.setAttributeNode(attribute));
}

/** @param {HTMLImageElement} image */
export function setImageAgain(image) {
  const name = ['src', 'srcset'].find((known) => image.hasAttribute(known));
  if (name) return takeAway(image, name)();
  // Only the <source>s of a <picture> name images. This makes it choose again.
  image.sizes = image.sizes;
  image.removeAttribute('sizes');
}

/**
 * @param {Root} root
 * @returns {Use[]} of elements that do not tell whether they show their image
 */
export const usesInElements = (root) =>
  [...root.querySelectorAll('input[type=image], video[poster]')].map((element) => {
    const name = element.localName === 'video' ? 'poster' : 'src';
    const { [name]: url } = /** @type {any} */ (element);
    return { urls: [url], takeAway: () => takeAway(element, name) };
  });
