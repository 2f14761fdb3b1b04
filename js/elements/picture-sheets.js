// Shows pictures without a change of the HTML, since an editor saves what it has in a frame: a style sheet that is no part
// of it gives the elements their content.
import { currentContainer, foundState } from '../page/found-state.js';
import { asBrowserSays } from './reload-element.js';

/** @typedef {Window & typeof globalThis} View */
/**
 * What was added to a document.
 * @typedef {object} Help
 * @property {unknown} epoch of the page, at that time: afterwards these may be another user's pictures
 * @property {CSSStyleSheet} sheet
 * @property {Set<string>} selectors that it has rules for
 * @property {Map<string, Promise<HTMLImageElement | undefined>>} pictures by URL, the same with a blob: URL
 * @property {Set<string>} missing the URLs that failed
 */
/** @type {WeakMap<Document, Help>} */
const helps = new WeakMap();

/**
 * @param {Document} inner
 * @param {() => void} [onForgotten] called when it has shown pictures of an earlier epoch, which are broken again
 * @returns {Help}
 */
function helpOf(inner, onForgotten) {
  const epoch = foundState(currentContainer())?.epoch;
  const known = helps.get(inner);
  if (known?.epoch === epoch && known) return known;
  forgetPictures(inner);
  const { CSSStyleSheet } = /** @type {View} */ (inner.defaultView);
  const help = { epoch, sheet: new CSSStyleSheet(), selectors: new Set(), pictures: new Map(), missing: new Set() };
  helps.set(inner, help);
  if (known) onForgotten?.();
  return help;
}

/** Pictures that failed are requested again. @param {Document} inner */
export const forgetMissing = (inner) => helps.get(inner)?.missing.clear();

/**
 * Takes away the pictures that were added to a document: they may be another user's.
 * @param {Document} inner
 * @returns {boolean} whether there were any
 */
export function forgetPictures(inner) {
  const help = helps.get(inner);
  help?.sheet.replaceSync('');
  for (const picture of help?.pictures.values() ?? [])
    void picture.then((image) => image && URL.revokeObjectURL(image.src));
  return helps.delete(inner);
}

/**
 * @param {HTMLImageElement} image that is broken
 * @param {(url: string) => Promise<Response | undefined>} request
 * @param {() => void} [onForgotten] see helpOf
 * @returns {Promise<boolean>} whether it shows its picture now
 */
export async function showPicture(image, request, onForgotten) {
  const url = image.currentSrc;
  const inner = image.ownerDocument;
  try {
    const help = helpOf(inner, onForgotten);
    if (help.missing.has(url)) return false;
    if (!help.pictures.has(url))
      help.pictures.set(url, pictureFor(/** @type {View} */ (inner.defaultView), url, request));
    const picture = await help.pictures.get(url);
    if (!picture) {
      help.pictures.delete(url);
      help.missing.add(url);
    }
    if (!picture || image.currentSrc !== url || helpOf(inner) !== help) return false;
    const selector = selectorOf(image);
    if (!help.selectors.has(selector)) help.sheet.insertRule(`${selector} { content: url(${picture.src}) !important }`);
    help.selectors.add(selector);
    const root = /** @type {import('./reload-element.js').Root} */ (image.getRootNode());
    const { adoptedStyleSheets } = root;
    if (!adoptedStyleSheets.includes(help.sheet)) root.adoptedStyleSheets = [...adoptedStyleSheets, help.sheet];
    tellSize(image, picture, () => image.currentSrc === url && helps.get(image.ownerDocument) === help);
    return true;
  } catch {
    // The frame is gone, or the image is in no document.
    return false;
  }
}

/**
 * @param {View} view where it is to be shown
 * @param {string} url
 * @param {(url: string) => Promise<Response | undefined>} request
 * @returns {Promise<HTMLImageElement | undefined>} with a blob: URL of that window, which lives as long as its document
 */
async function pictureFor(view, url, request) {
  try {
    const response = await request(url);
    if (!response?.ok) return undefined;
    const picture = Object.assign(new view.Image(), { src: view.URL.createObjectURL(await response.blob()) });
    await picture.decode();
    return picture;
  } catch {
    return undefined;
  }
}

/**
 * Tells scripts the size of what shows. For the browser itself, the image is broken and has none.
 * @param {HTMLImageElement} image
 * @param {HTMLImageElement} picture
 * @param {() => boolean} isShown whether the image shows the picture
 */
function tellSize(image, picture, isShown) {
  for (const name of /** @type {const} */ (['naturalWidth', 'naturalHeight'])) {
    const get = () => asBrowserSays(image, name) || (isShown() ? picture[name] : 0);
    Object.defineProperty(image, name, { configurable: true, get });
  }
}

/** @param {HTMLImageElement} image @returns {string} by the attributes that choose its picture */
function selectorOf(image) {
  const by = (/** @type {Element} */ element) =>
    ['src', 'srcset']
      .flatMap((name) => {
        const value = element.getAttribute(name);
        return value === null ? [] : [`[${name}=${CSS.escape(value)}]`];
      })
      .join('');
  const picture = image.closest('picture');
  if (!picture) return `img${by(image)}`;
  const sources = [...picture.querySelectorAll('source')].map((source) => `:has(> source${by(source)})`);
  return `picture${sources.join('')} img${by(image)}`;
}
