// Elements of the page, and how to make them request their images again.

/** @typedef {Document | ShadowRoot} Root */
/**
 * A place where the page names images.
 * @typedef {object} Use
 * @property {string[]} urls
 * @property {Element} [element] that has an `error` event when one cannot be had
 * @property {string | null} [crossOrigin] of the requests
 * @property {() => boolean | Promise<boolean>} [isBroken] missing: this cannot be known
 * @property {() => () => void} detach returns what gives it back
 */

/**
 * A root and the shadow roots in it, the open ones.
 * @param {Root} [root]
 * @returns {Root[]}
 */
export function rootsOf(root = document) {
  const inner = [...root.querySelectorAll('*')].map(({ shadowRoot }) => shadowRoot);
  return [root, ...inner.flatMap((shadow) => (shadow ? rootsOf(shadow) : []))];
}

/** @param {Document} outer @returns {Document[]} with those of its frames that can be seen */
export const documentsIn = (outer) => [
  outer,
  ...rootsOf(outer)
    .flatMap((root) => [...root.querySelectorAll('iframe')])
    .flatMap(({ contentDocument: inner }) => (inner?.defaultView ? documentsIn(inner) : [])),
];

/**
 * An attribute that is taken away and given back makes its element request what it names, unless it is there already.
 * Setting it to its own value does so only for some elements and engines.
 * @param {Element} element
 * @param {string} name
 * @returns {() => void} gives it back
 */
export function detach(element, name) {
  // As a node, since that keeps the namespace of xlink:href.
  const attribute = element.getAttributeNode(name);
  if (attribute) element.removeAttributeNode(attribute);
  return () => void (attribute && element.setAttributeNode(attribute));
}

/** @param {HTMLImageElement} image */
export function reloadImage(image) {
  const name = ['src', 'srcset'].find((known) => image.hasAttribute(known));
  if (name) return detach(image, name)();
  // Only the <source>s of a <picture> name images. This makes it choose again.
  // biome-ignore lint/correctness/noSelfAssign: the assignment itself makes the browser choose.
  image.sizes = image.sizes;
  image.removeAttribute('sizes');
}

/**
 * What the browser says of an image, where scripts are told otherwise.
 * @template {'complete' | 'naturalWidth' | 'naturalHeight'} Name
 * @param {HTMLImageElement} image
 * @param {Name} name
 * @returns {HTMLImageElement[Name]}
 */
export const asBrowserSays = (image, name) => Reflect.get(Object.getPrototypeOf(image), name, image);

/** @param {HTMLImageElement} image @returns {Promise<boolean>} whether its load has failed */
export async function isBroken(image) {
  if (!asBrowserSays(image, 'complete') || image.naturalWidth > 0) return false;
  // An SVG image without a size of its own has no width in Firefox, and decodes.
  return !(await decodes(image));
}

/** @param {HTMLImageElement | SVGImageElement & {decode?: () => Promise<void>}} image once it has ended to load */
const decodes = async (image) => {
  try {
    await image.decode?.();
    return true;
  } catch {
    return false;
  }
};

/**
 * @param {Root} root
 * @returns {Use[]} of its elements
 */
export const usesInElements = (root) => [
  ...[...root.querySelectorAll('img')].map((image) => ({
    element: image,
    urls: [image.currentSrc],
    crossOrigin: image.crossOrigin,
    isBroken: () => isBroken(image),
    // Unless it shows another by now.
    detach: () => () => void (image.naturalWidth === 0 && reloadImage(image)),
  })),
  // Outside of SVG, an element of this name has no `href`.
  ...[...root.querySelectorAll('image')]
    .filter(({ href }) => href?.baseVal)
    .map((image) => ({
      element: image,
      urls: [image.href.baseVal],
      isBroken: async () => !(await decodes(image)),
      detach: () => detach(image, image.hasAttribute('href') ? 'href' : 'xlink:href'),
    })),
  ...[.../** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll('input[type=image]'))].map((element) => ({
    element,
    urls: [element.src],
    detach: () => detach(element, 'src'),
  })),
  ...[...root.querySelectorAll('video')].map((element) => ({
    urls: [element.poster],
    detach: () => detach(element, 'poster'),
  })),
];
