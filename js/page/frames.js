// Frames whose requests pass by the worker although it controls the page around them: in Chromium those without
// a URL of their own, in Firefox those that get a srcdoc when they are in the document, in all engines those with
// a javascript: URL. `controller` does not tell: read before the frame has its HTML, it may stay as it was.
import { isOnRealmOrigin } from './index.js';
import { rootsOf } from './set-again.js';

/** Those whose documents are looked at whenever they change. @type {WeakSet<HTMLIFrameElement>} */
const watched = new WeakSet();
/** Those whose failures are heard. @type {WeakSet<Document>} */
const heard = new WeakSet();
/** Images whose bytes are on the way. @type {WeakSet<Element>} */
const awaited = new WeakSet();

/**
 * Shows the images of realms that are broken in frames, now and later: the page requests them in their stead,
 * and they show the bytes under a blob: URL. Out of reach: frames of other origins and sandboxed ones, a
 * `<picture>`, backgrounds. A Content-Security-Policy has to allow `img-src blob:`.
 * @returns {void}
 */
export function helpFrames() {
  for (const frame of rootsOf().flatMap((root) => [...root.querySelectorAll('iframe')])) {
    if (!watched.has(frame)) frame.addEventListener('load', () => help(frame));
    watched.add(frame);
    help(frame);
  }
}

/** @param {HTMLIFrameElement} frame */
function help({ contentDocument: inner }) {
  if (!inner) return;
  if (!heard.has(inner)) inner.addEventListener('error', ({ target }) => void showFromHere(/** @type {Element} */ (target)), true);
  heard.add(inner);
  for (const image of inner.images) {
    // Firefox knows no width of an SVG picture without a size of its own, which decodes.
    if (image.complete && image.naturalWidth === 0) image.decode().catch(() => showFromHere(image));
  }
}

/** @param {Element} element of a frame, which has another HTMLImageElement */
async function showFromHere(element) {
  if (element.localName !== 'img' || element.closest('picture') || awaited.has(element)) return;
  const image = /** @type {HTMLImageElement} */ (element);
  const url = image.currentSrc;
  if (!navigator.serviceWorker?.controller || !isOnRealmOrigin(url)) return;
  awaited.add(element);
  try {
    const response = await fetch(url);
    if (!response.ok) return;
    const bytes = URL.createObjectURL(await response.blob());
    for (const end of ['load', 'error']) image.addEventListener(end, () => URL.revokeObjectURL(bytes), { once: true });
    if (image.currentSrc !== url) return;
    image.removeAttribute('srcset');
    image.src = bytes;
  } catch {
    // It stays as it is.
  } finally {
    awaited.delete(element);
  }
}
