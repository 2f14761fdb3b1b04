// Decides what happens after a picture failed.
import { importElements } from './lazy-modules.js';
import { clearTimeout, setTimeout } from './platform.js';
import { watchFrames } from './watch-frames.js';

/** The app hears of a failure after this time in any case. */
const LIMIT_MS = 5000;
/** A page that was busy may hear of a failed image before it hears of the worker's ask, in Chromium and Firefox. */
const GRACE_MS = 50;
/** After this time the images of one burst of asks have loaded or failed. */
const PAUSE_MS = 300;

/** What shows a picture and has an `error` event. */
const PICTURES = ['img', 'image', 'input'];

/**
 * Why there may be something to repair: a worker has taken control, there is a token where there was none, or an ask was
 * answered, perhaps too late.
 * @typedef {'control' | 'token' | 'late'} Occasion
 */

/**
 * Decides when what is broken is requested again. Guarantee: the app hears of the failure of a realm's picture when it
 * is certain that it lasts, or after 5 s; until then its `error` event reaches nobody.
 */
export class Mender {
  /** Whether a URL is on the origin of a realm. */
  isOnRealmOrigin;
  #workers;
  /** Elements whose last load failed, as far as the page has heard. @type {WeakSet<Element>} */
  #failed = new WeakSet();
  /** Pictures of whose failure the app has not heard, with their URLs. @type {Map<Element, string>} */
  #held = new Map();
  /** Those of them in frames whose help has not ended. @type {WeakSet<Element>} */
  #inFrames = new WeakSet();
  /** Elements that were loading when others were repaired, perhaps without a token. @type {WeakSet<Element>} */
  #doubtful = new WeakSet();
  /** A worker may still take control of the page. */
  #isWaiting;
  /** Whether the page's first requests may have bypassed the worker, and have not been checked. */
  #isNew = true;
  /** How many asks have no answer yet. */
  #asks = 0;
  /** Of the next repair. @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {import('./own-workers.js').OwnWorkers} workers @param {(url: string) => boolean} isOnRealmOrigin */
  constructor(workers, isOnRealmOrigin) {
    this.#workers = workers;
    this.isOnRealmOrigin = isOnRealmOrigin;
    this.#isWaiting = !workers.controller;
    // Workers have no document.
    if (!globalThis.document) return;
    this.listen(window);
    // In time for takenOver().
    if (this.#isWaiting) void importElements();
  }

  /**
   * Starts helping the frames in a document.
   * @param {Document} outer
   * @param {() => void} onFrame see watchFrames
   */
  watchFrames(outer, onFrame) {
    watchFrames(outer, {
      onFrame,
      onDocument: (inner) => {
        this.listen(/** @type {Window} */ (inner.defaultView));
        void importElements()?.then((elements) => elements?.helpDocument(inner, this.isOnRealmOrigin));
      },
    });
  }

  /** @param {Document} inner of a window that the app has opened */
  helpWindow(inner) {
    this.listen(/** @type {Window} */ (inner.defaultView));
    this.watchFrames(inner, () => {});
  }

  /** Listens for failures there before the app does. @param {EventTarget} target */
  listen(target) {
    // Always the same function, so it is registered once; and again after document.open(), which removes all listeners.
    target.addEventListener('error', this.#hear, true);
  }

  /** @param {Event} event */
  #hear = (event) => {
    // Events that release() dispatches are not trusted. They are for the app.
    if (event.isTrusted && this.hold(/** @type {Element} */ (event.target))) event.stopImmediatePropagation();
  };

  /**
   * @param {import('./early-asks.js').EarlyFailures} early what the early responder has held, and whether the worker
   *   controlled the page then
   */
  takeEarly({ failed = [], wasControlled = false }) {
    if (wasControlled) this.#isNew = false;
    for (const element of failed) if (!this.hold(element, true)) element.dispatchEvent(new Event('error'));
  }

  /**
   * @param {Element} element that has failed
   * @param {boolean} [isOfRealm] as is known already
   * @returns {boolean} whether the app is not to hear of it yet
   */
  hold(element, isOfRealm) {
    const url = urlOf(element);
    if (!isOfRealm && !this.isOnRealmOrigin(url)) return false;
    this.#failed.add(element);
    if (!PICTURES.includes(element.localName)) {
      if (this.#doubtful.has(element)) this.repairSoon();
      return false;
    }
    if (!(this.#isWaiting || this.#workers.controller)) return false;
    this.#held.set(element, url);
    setTimeout(() => this.release(element), LIMIT_MS);
    if (element.ownerDocument !== document) void this.#helpInFrame(element);
    else if (!this.#isWaiting) setTimeout(() => this.#decide(element), GRACE_MS);
    return true;
  }

  /** Its next failure may be that of a request that bypassed the worker. @param {Element} element */
  doubt(element) {
    this.#doubtful.add(element);
  }

  /**
   * @param {Element} element
   * @param {Occasion} occasion
   * @returns {boolean} whether its last load failed, and another may succeed
   */
  mayMend(element, occasion) {
    return this.#failed.has(element) && (occasion !== 'late' || this.#doubtful.has(element));
  }

  /** It requests its picture again, or shows it. @param {Element} element */
  mended(element) {
    this.#held.delete(element);
    this.#doubtful.delete(element);
    this.#failed.delete(element);
  }

  /** Lets the app hear of a failure, unless there is none any more. @param {Element} element */
  release(element) {
    const url = this.#held.get(element);
    this.#held.delete(element);
    const { complete = true, naturalWidth = 0 } = /** @type {Partial<HTMLImageElement>} */ (element);
    const hasEnded = complete || this.#inFrames.has(element);
    if (url !== urlOf(element) || !hasEnded || naturalWidth > 0) return;
    element.dispatchEvent(new Event('error'));
    void importElements()?.then((elements) => elements?.lookWhoAnswers(url));
  }

  /** A worker controls the page, and the page knows its realms. */
  takenOver() {
    const isNew = this.#isNew;
    const wasWaiting = this.#isWaiting;
    this.#isNew = this.#isWaiting = false;
    if (isNew && globalThis.document && (wasWaiting || this.#showsBroken())) void this.#repair('control');
  }

  /** No worker will control the page. */
  givenUp() {
    this.#isWaiting = false;
    for (const element of this.#held.keys()) this.release(element);
  }

  /** An ask has arrived. */
  asked() {
    this.#asks++;
  }

  /** An ask was answered, perhaps too late: a busy page cannot answer in time. @param {boolean} hasToken */
  answered(hasToken) {
    this.#asks--;
    if (hasToken) this.repairSoon();
    else for (const element of this.#held.keys()) this.#decide(element);
  }

  /** The worker has got the token of a realm that had none. */
  tokenCame() {
    if (globalThis.document) void this.#repair('token');
  }

  /**
   * A controller does not show that the page itself was loaded through the worker, which may have claimed the page
   * later. Only Chromium shows that, by `workerStart` of the navigation, and not always.
   */
  #showsBroken() {
    const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
    if (navigation?.workerStart > 0) return false;
    const isBroken = (/** @type {HTMLImageElement} */ { complete, naturalWidth, currentSrc }) =>
      complete && naturalWidth === 0 && this.isOnRealmOrigin(currentSrc);
    return this.#held.size > 0 || [...document.images].some(isBroken);
  }

  /** @param {Element} element that was held, and may have been released since */
  #decide(element) {
    if (this.#asks > 0 || this.#timer || this.#inFrames.has(element) || !this.#held.has(element)) return;
    if (this.#doubtful.has(element)) this.repairSoon();
    else this.release(element);
  }

  /** When the images of this burst of asks have ended. */
  repairSoon() {
    if (!globalThis.document) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#repair('late');
    }, PAUSE_MS);
  }

  /** @param {Occasion} occasion */
  async #repair(occasion) {
    const held = [...this.#held.keys()];
    await (await importElements())?.repair(this, occasion);
    for (const element of held) {
      // It has had its second chance.
      this.#doubtful.delete(element);
      this.#decide(element);
    }
  }

  /** @param {Element} element */
  async #helpInFrame(element) {
    this.#inFrames.add(element);
    const elements = await importElements();
    const isShown = await elements?.showInFrame(/** @type {HTMLImageElement} */ (element));
    this.#inFrames.delete(element);
    if (!isShown) return void setTimeout(() => this.#decide(element), GRACE_MS);
    if (this.#held.has(element)) element.dispatchEvent(new Event('load'));
    this.mended(element);
  }
}

/** @param {any} element @returns {string} '' for the window: its errors are those of scripts */
const urlOf = ({ currentSrc, src, href }) => currentSrc || src || (href?.baseVal ?? href) || '';
