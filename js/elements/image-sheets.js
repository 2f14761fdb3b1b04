// Shows images by a style sheet that is no part of the HTML. The HTML stays as it is, since an editor saves the HTML of
// its frame.
import { currentContainer, foundState } from '../page/found-state.js';
import { asBrowserSays } from './reload-element.js';

/** @typedef {Window & typeof globalThis} View */
/**
 * @typedef {object} Shown
 * @property {Promise<HTMLImageElement | undefined>} loaded the same image with a blob: URL
 * @property {Set<WeakRef<HTMLImageElement>>} elements those that show it. An element that has left the document may
 *   return
 * @property {Map<string, CSSRule>} rules by selector
 */
/**
 * The images that were added to a document.
 * @typedef {object} Repair
 * @property {unknown} epoch the page's epoch when they were added. In a later one they may be another user's
 * @property {CSSStyleSheet} sheet
 * @property {Map<string, Shown>} shown by URL
 * @property {Map<string, number>} missing the URLs that failed, with the log's `now`: another token may open them
 */
/** @type {WeakMap<Document, Repair>} */
const repairs = new WeakMap();
/** The style sheet of each document: the document's roots keep it. @type {WeakMap<Document, CSSStyleSheet>} */
const sheets = new WeakMap();

const epochNow = () => foundState(currentContainer() ?? globalThis)?.epoch;

/**
 * @param {Document} inner
 * @param {() => void} [onForgotten] called when images of an earlier epoch were taken away, and are broken again
 * @returns {Repair}
 */
function repairOf(inner, onForgotten) {
  const epoch = epochNow();
  const known = repairs.get(inner);
  if (known?.epoch === epoch && known) return known;
  forgetImages(inner);
  const view = /** @type {View} */ (inner.defaultView);
  const sheet = sheets.get(inner) ?? new view.CSSStyleSheet();
  sheets.set(inner, sheet);
  const repair = { epoch, sheet, shown: new Map(), missing: new Map() };
  repairs.set(inner, repair);
  if (known) onForgotten?.();
  return repair;
}

/** Allows to request again the images whose requests have failed. @param {Document} inner */
export const forgetMissing = (inner) => repairs.get(inner)?.missing.clear();

/**
 * Takes away the images that were added to a document: they may be another user's.
 * @param {Document} inner
 * @returns {boolean} whether there were any
 */
export function forgetImages(inner) {
  const repair = repairs.get(inner);
  repair?.sheet.replaceSync('');
  for (const { loaded } of repair?.shown.values() ?? []) revoke(loaded);
  return repairs.delete(inner);
}

/** @param {Shown['loaded']} loaded */
const revoke = (loaded) => void loaded.then((image) => image && URL.revokeObjectURL(image.src));

/** Takes away what no element shows any more. @param {Repair} repair */
function dropUnused({ shown, sheet }) {
  for (const [url, { loaded, elements, rules }] of shown) {
    for (const element of elements) if (element.deref()?.currentSrc !== url) elements.delete(element);
    if (elements.size > 0) continue;
    for (const rule of rules.values()) sheet.deleteRule([...sheet.cssRules].indexOf(rule));
    shown.delete(url);
    revoke(loaded);
  }
}

/**
 * @param {HTMLImageElement} image that is broken
 * @param {(url: string) => Promise<Response | undefined>} request
 * @param {() => void} [onForgotten] see repairOf
 * @returns {Promise<boolean>} whether it shows now
 */
export async function showImage(image, request, onForgotten) {
  const url = image.currentSrc;
  const inner = image.ownerDocument;
  const now = () => epochNow()?.log.now ?? 0;
  try {
    const repair = repairOf(inner, onForgotten);
    if (repair.missing.get(url) === now()) return false;
    const view = /** @type {View} */ (inner.defaultView);
    const shown = repair.shown.get(url) ?? {
      loaded: loadFor(view, url, request),
      elements: new Set(),
      rules: new Map(),
    };
    repair.shown.set(url, shown);
    shown.elements.add(new WeakRef(image));
    dropUnused(repair);
    const loaded = await shown.loaded;
    if (repairOf(inner) !== repair || repair.shown.get(url) !== shown) return false;
    if (!loaded) {
      repair.shown.delete(url);
      repair.missing.set(url, now());
    }
    if (!loaded || image.currentSrc !== url) return false;
    const selector = selectorOf(image);
    if (!shown.rules.has(selector)) {
      const at = repair.sheet.insertRule(`${selector} { content: url(${loaded.src}) !important }`);
      shown.rules.set(selector, repair.sheet.cssRules[at]);
    }
    const root = /** @type {import('./reload-element.js').Root} */ (image.getRootNode());
    const { adoptedStyleSheets } = root;
    if (!adoptedStyleSheets.includes(repair.sheet)) root.adoptedStyleSheets = [...adoptedStyleSheets, repair.sheet];
    tellSize(image, loaded, () => image.currentSrc === url && repairs.get(image.ownerDocument) === repair);
    return true;
  } catch {
    // The frame is gone, or the image is in no document.
    return false;
  }
}

/**
 * @param {View} view the window that will show it
 * @param {string} url
 * @param {(url: string) => Promise<Response | undefined>} request
 * @returns {Promise<HTMLImageElement | undefined>} with a blob: URL of that window, which is valid as long as its
 *   document lives
 */
async function loadFor(view, url, request) {
  try {
    const response = await request(url);
    if (!response?.ok) return undefined;
    const loaded = Object.assign(new view.Image(), { src: view.URL.createObjectURL(await response.blob()) });
    await loaded.decode();
    return loaded;
  } catch {
    return undefined;
  }
}

/**
 * Tells scripts the size of the image that shows. To the browser, the image is broken and has no size.
 * @param {HTMLImageElement} image
 * @param {HTMLImageElement} loaded
 * @param {() => boolean} isShown whether `image` shows `loaded`
 */
function tellSize(image, loaded, isShown) {
  for (const name of /** @type {const} */ (['naturalWidth', 'naturalHeight'])) {
    const get = () => asBrowserSays(image, name) || (isShown() ? loaded[name] : 0);
    Object.defineProperty(image, name, { configurable: true, get });
  }
}

/** @param {HTMLImageElement} image @returns {string} a selector of the attributes that choose what the image shows */
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
