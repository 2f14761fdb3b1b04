// Holds back the `error` events of images until elements.js knows which failures last.
import { importElements } from './lazy-modules.js';
import { isFirefox, setTimeout } from './platform.js';
import { post } from './posts.js';
import { stats } from '../protocol.js';
import { watchFrames } from './watch-frames.js';

/** After this time the app hears of a failure in any case. */
const LIMIT_MS = 5000;

/** The names of the elements that show an image and have an `error` event. */
const IMAGES = ['img', 'image', 'input'];

/** @typedef {import('../elements/repairer.js').Repairer} Repairer */

/**
 * Guarantee: when a realm's image fails, its `error` event reaches nobody until it is certain that the failure lasts,
 * or until 5 s have passed. The repairer finds out which failures last.
 */
export class Failures {
  /** Whether a URL is on the origin of a realm. */
  isOnRealmOrigin;
  workers;
  /** Elements whose last load failed, as far as the page has heard. @type {WeakSet<Element>} */
  failed = new WeakSet();
  /**
   * Images whose last failure is held back from the app. `isDue`: the repairer has tried what it can, and may decide
   * whether the failure lasts.
   * @type {Map<Element, {url: string, isDue: boolean}>}
   */
  held = new Map();
  /** Held images in frames that are still being repaired. @type {WeakSet<Element>} */
  inFrames = new WeakSet();
  /** @type {Repairer | undefined} */
  repairer;
  /** A worker may still take control of the page. */
  isWaiting;
  /** How many asks have no reply yet. */
  asks = 0;
  /** Whether the page's first requests may have bypassed the worker, and have not been checked. */
  #isNew = true;
  /** Whether the page's first requests have bypassed the worker for certain. */
  #wasWaiting;

  /** @param {import('./own-workers.js').OwnWorkers} workers @param {(url: string) => boolean} isOnRealmOrigin */
  constructor(workers, isOnRealmOrigin) {
    this.workers = workers;
    this.isOnRealmOrigin = isOnRealmOrigin;
    this.isWaiting = this.#wasWaiting = !workers.controller;
    // Workers have no document.
    if (!globalThis.document) return;
    this.listen(window);
    // It has to be there when takenOver() is called, and hears of failures in shadow roots until then.
    if (this.isWaiting) this.#withElements(({ repairerOf }) => repairerOf(this));
  }

  /**
   * Uses elements.js. If it cannot be loaded, everything that is held is released.
   * @param {(elements: typeof import('../elements/index.js')) => unknown} use
   */
  #withElements(use) {
    void importElements().then((elements) => (elements ? use(elements) : this.#releaseAll()));
  }

  /**
   * Starts to repair the frames in a document.
   * @param {Document} outer
   * @param {() => void} onFrame see watchFrames
   */
  watchFrames(outer, onFrame) {
    watchFrames(outer, {
      onFrame,
      onDocument: (inner) => {
        if (this.isOfOther(inner)) return;
        this.listen(/** @type {Window} */ (inner.defaultView));
        this.#withElements(({ repairImages }) => repairImages(inner, this.isOnRealmOrigin));
      },
    });
  }

  /** Listens for failures at the target before the app does. @param {EventTarget} target */
  listen(target) {
    // The function is always the same, so it is registered once. document.open() removes all listeners; then this adds
    // it again.
    target.addEventListener('error', this.#hear, true);
  }

  /** @param {Event} event */
  #hear = (event) => {
    // The events that release() dispatches are not trusted, and are for the app.
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

  /** @param {Document} inner @returns {boolean} whether a page of another app is in that frame */
  isOfOther(inner) {
    return inner !== globalThis.document && this.workers.isOutside(inner.URL);
  }

  /**
   * @param {Element} element that has failed
   * @param {boolean} [isOfRealm] true if that is known already
   * @returns {boolean} whether the app must not hear of it yet
   */
  hold(element, isOfRealm) {
    const url = urlOf(element);
    if ((!isOfRealm && !this.isOnRealmOrigin(url)) || this.isOfOther(element.ownerDocument)) return false;
    this.failed.add(element);
    const { isWaiting } = this;
    const isHeld = IMAGES.includes(element.localName) && (isWaiting || !!this.workers.controller);
    if (isHeld) {
      const failure = { url, isDue: isWaiting && element.ownerDocument === document };
      this.held.set(element, failure);
      setTimeout(() => this.held.get(element) === failure && this.release(element), LIMIT_MS);
    }
    this.#withElements(({ repairerOf }) => repairerOf(this).failed(element, isWaiting));
    return isHeld;
  }

  /** Lets the app hear of a failure that has lasted. @param {Element} element */
  release(element) {
    const url = this.held.get(element)?.url;
    this.held.delete(element);
    const { complete = true, naturalWidth = 0 } = /** @type {Partial<HTMLImageElement>} */ (element);
    const hasEnded = complete || this.inFrames.has(element);
    if (url !== urlOf(element) || !hasEnded || naturalWidth > 0) return;
    element.dispatchEvent(new Event('error'));
    this.#withElements(({ lookWhoResponds }) => lookWhoResponds(url));
  }

  #releaseAll() {
    for (const element of this.held.keys()) this.release(element);
  }

  /**
   * A worker controls the page.
   * @param {boolean} hasRead whether the app's tokens have been read: their realms are not known before
   */
  takenOver(hasRead) {
    this.isWaiting = false;
    if (!hasRead) return;
    const isNew = this.#isNew;
    this.#isNew = false;
    if (!isNew || !globalThis.document) return;
    if (this.#wasWaiting || this.#showsBroken()) this.#repair('control');
    else if (isFirefox()) this.#repairReused();
  }

  /**
   * Firefox keeps a parsed style sheet together with its images, also with those that failed, and uses it again on the
   * next page. The page then requests nothing.
   */
  #repairReused() {
    if (document.readyState === 'complete') this.#repair('late');
    else addEventListener('load', () => this.#repair('late'), { once: true });
  }

  /**
   * A new version of the worker may have taken over from an old one. At this moment, Firefox and WebKit cut off the old
   * worker's responses: some images have failed already, and others are about to.
   */
  controllerChanged() {
    if (!this.#isNew && globalThis.document && this.workers.controller) this.#repair('token');
  }

  /**
   * Asks the page's worker for its counts.
   * @param {(reply: any) => void} onReply never called by a worker of version 1
   * @returns {MessagePort | undefined} see post()
   */
  askStats(onReply) {
    const { controller } = this.workers;
    return controller && post(controller, stats(), onReply);
  }

  /** No worker will control the page. */
  givenUp() {
    this.isWaiting = false;
    this.#releaseAll();
  }

  /** The worker has got the token of a realm whose images may have failed without it. */
  tokenCame() {
    if (globalThis.document) this.#repair('token');
  }

  /** @param {import('../elements/repairer.js').Occasion} occasion */
  #repair(occasion) {
    this.#withElements(({ repairerOf }) => repairerOf(this).repair(occasion));
  }

  /**
   * Tells whether an image may be broken because the page's first requests bypassed the worker. A controller does not
   * prove that they did not: it may have claimed the page later. Only Chromium has such a proof, `workerStart` of the
   * navigation, and not always. jsdom has no such entries.
   */
  #showsBroken() {
    const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (
      performance.getEntriesByType?.('navigation') ?? []
    );
    if (navigation?.workerStart > 0) return false;
    const isBroken = (/** @type {HTMLImageElement} */ { complete, naturalWidth, currentSrc }) =>
      complete && naturalWidth === 0 && this.isOnRealmOrigin(currentSrc);
    return this.held.size > 0 || [...document.querySelectorAll('img')].some(isBroken);
  }
}

/** @param {any} element @returns {string} '' for the window, whose errors are those of scripts */
const urlOf = ({ currentSrc, src, href }) => currentSrc || src || (href?.baseVal ?? href) || '';
