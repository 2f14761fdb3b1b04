// Finds the elements of the page that name images, and makes them request these again.

/** @typedef {Document | ShadowRoot} Root */
/**
 * A place where the page names images.
 * @typedef {object} Use
 * @property {string[]} urls
 * @property {Element} [element] the element that gets an `error` event when an image fails
 * @property {string | null} [crossOrigin] that of the requests
 * @property {() => boolean | Promise<boolean>} [isBroken] missing if nobody can know
 * @property {() => () => void} detach takes the name away. Returns a function that gives it back
 */

/**
 * Returns a root and the open shadow roots in it.
 * @param {Root} [root]
 * @returns {Root[]}
 */
export function rootsOf(root = document) {
  const inner = [...root.querySelectorAll('*')].map(({ shadowRoot }) => shadowRoot);
  return [root, ...inner.flatMap((shadow) => (shadow ? rootsOf(shadow) : []))];
}

/** @param {Document} outer @returns {Document[]} the document, and those of its frames that are accessible */
export const documentsIn = (outer) => [
  outer,
  ...rootsOf(outer)
    .flatMap((root) => [...root.querySelectorAll('iframe')])
    .flatMap(({ contentDocument: inner }) => (inner?.defaultView ? documentsIn(inner) : [])),
];

/**
 * Takes an attribute away. When it is given back, its element requests again what it names, unless the browser still
 * has it. To set an attribute to its own value does so only for some elements and engines.
 * @param {Element} element
 * @param {string} name
 * @returns {() => void} gives it back
 */
export function detach(element, name) {
  // A node keeps the namespace of xlink:href.
  const attribute = element.getAttributeNode(name);
  if (attribute) element.removeAttributeNode(attribute);
  return () => void (attribute && element.setAttributeNode(attribute));
}

/**
 * Takes the poster of a video away. If its attribute is removed and given back while the poster shows, WebKit never shows
 * it again. A URL that no browser can parse makes WebKit load the poster anew.
 * @param {HTMLVideoElement} video
 * @returns {() => void} gives it back
 */
function detachPoster(video) {
  const value = /** @type {string} */ (video.getAttribute('poster'));
  video.poster = 'http://:';
  return () => video.setAttribute('poster', value);
}

/** @param {HTMLImageElement} image */
export function reloadImage(image) {
  const name = ['src', 'srcset'].find((known) => image.hasAttribute(known));
  if (name) return detach(image, name)();
  // If only the <source>s of a <picture> name images, this makes the element choose again.
  // biome-ignore lint/correctness/noSelfAssign: the assignment itself makes the browser choose.
  image.sizes = image.sizes;
  image.removeAttribute('sizes');
}

/**
 * Returns what the browser says of an image, also if scripts are told something else.
 * @template {'complete' | 'naturalWidth' | 'naturalHeight'} Name
 * @param {HTMLImageElement} image
 * @param {Name} name
 * @returns {HTMLImageElement[Name]}
 */
export const asBrowserSays = (image, name) => Reflect.get(Object.getPrototypeOf(image), name, image);

/** @param {HTMLImageElement} image @returns {Promise<boolean>} whether its load has failed */
export async function isBroken(image) {
  if (!asBrowserSays(image, 'complete') || image.naturalWidth > 0) return false;
  // In Firefox, an SVG image without a size of its own has no width, but can be decoded.
  return !(await decodes(image));
}

/** @param {HTMLImageElement | SVGImageElement & {decode?: () => Promise<void>}} image whose load has ended */
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
 * @returns {Use[]} those of its elements
 */
export const usesInElements = (root) => [
  ...[...root.querySelectorAll('img')].map((image) => ({
    element: image,
    urls: [image.currentSrc],
    crossOrigin: image.crossOrigin,
    isBroken: () => isBroken(image),
    // Only if the image is still broken: it may show another one by now.
    detach: () => () => void (image.naturalWidth === 0 && reloadImage(image)),
  })),
  // An element of this name outside of SVG has no `href`.
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
    detach: () => detachPoster(element),
  })),
];
