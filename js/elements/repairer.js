// Decides what happens after an image failed.
import { withTimeout } from '../page/async.js';
import { clearTimeout, setTimeout } from '../page/platform.js';
import { repair } from './repair.js';
import { showInFrame } from './frames.js';
import { watchShadowRoots } from './shadow-roots.js';

/** In Chromium and Firefox, a busy page may hear of a failed image before it hears of the worker's ask. */
const GRACE_MS = 50;
/** By then a worker that was stopped has started and replied. A worker of version 1 does not reply. */
const REPLY_MS = 1000;
/** After this time the images of one burst of asks have loaded or failed. */
const PAUSE_MS = 300;

/**
 * The reason why something may need a repair. `control`: a worker has taken control. `token`: a realm without a valid
 * token has got one. `late`: the page has replied to an ask, perhaps too late.
 * @typedef {'control' | 'token' | 'late'} Occasion
 */

/** @typedef {{url: string, isDue: boolean}} Failure see Failures.held */

/** @param {import('../page/failures.js').Failures} failures */
export const repairerOf = (failures) => (failures.repairer ??= new Repairer(failures));

/** Decides when broken images are requested again, and which failures last. */
export class Repairer {
  /** Whether a URL is on the origin of a realm. */
  isOnRealmOrigin;
  #failures;
  /** Elements that were loading when others were repaired, perhaps without a token. @type {WeakSet<Element>} */
  #doubtful = new WeakSet();
  /**
   * The URLs of images whose requests have bypassed the worker. Each is requested again once, so a worker that crashes
   * each time causes no loop.
   * @type {WeakMap<Element, string>}
   */
  #bypassed = new WeakMap();
  /** When the worker started: the reply that is awaited. @type {Promise<number | undefined> | undefined} */
  #workerStart;
  /** The timer of the next repair. @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {import('../page/failures.js').Failures} failures */
  constructor(failures) {
    this.#failures = failures;
    this.isOnRealmOrigin = failures.isOnRealmOrigin;
    // Later, each repair listens at the roots that it finds.
    if (failures.isWaiting && globalThis.document)
      watchShadowRoots(
        document,
        () => failures.isWaiting,
        (root) => this.listen(root),
      );
  }

  /** See Failures. @param {EventTarget} target */
  listen(target) {
    this.#failures.listen(target);
  }

  /** @param {Element} element @param {boolean} wasWaiting for a worker to take control of the page, when it failed */
  failed(element, wasWaiting) {
    const failure = this.#failures.held.get(element);
    if (!failure) {
      if (this.#doubtful.has(element)) this.repairSoon();
    } else if (element.ownerDocument !== document) void this.#repairInFrame(element, failure);
    else if (!wasWaiting) void this.#decideUnderWorker(element, failure);
  }

  /**
   * Decides about a failure in a page that a worker controls. When the worker's process has ended, WebKit may let the
   * next requests bypass the worker, and does not start it for them. A worker that has started after a failure cannot
   * have seen the request that failed.
   * @param {Element} element
   * @param {Failure} failure
   */
  async #decideUnderWorker(element, failure) {
    const failedAt = Date.now();
    this.#workerStart ??= this.#askWorkerStart().finally(() => (this.#workerStart = undefined));
    const grace = new Promise((resolve) => setTimeout(resolve, GRACE_MS, undefined));
    const [startedAt = 0] = await Promise.all([this.#workerStart, grace]);
    if (this.#failures.held.get(element) !== failure) return;
    if (startedAt > failedAt && this.#bypassed.get(element) !== failure.url) {
      this.#bypassed.set(element, failure.url);
      this.doubt(element);
    }
    this.#decideNow(element, failure);
  }

  /** @returns {Promise<number | undefined>} in ms since 1970; undefined if the worker does not reply */
  async #askWorkerStart() {
    /** @type {MessagePort | undefined} */
    let port;
    const reply = new Promise((resolve) => (port = this.#failures.askStats(resolve)));
    const counts = port && (await withTimeout(REPLY_MS, reply));
    port?.close();
    return counts?.startedAt;
  }

  /** Whether the page may change the document. @param {Document} inner */
  mayRepairIn(inner) {
    return !this.#failures.isOfOther(inner);
  }

  /**
   * Notes that the element's next failure may be that of a request that bypassed the worker.
   * @param {Element} element
   */
  doubt(element) {
    this.#doubtful.add(element);
  }

  /**
   * Notes a failure for which the element has had no event: another request for its URL has failed.
   * @param {Element} element
   */
  mayHaveFailed(element) {
    this.#failures.failed.add(element);
  }

  /**
   * @param {Element} element
   * @param {Occasion} occasion
   * @returns {boolean} whether its last load failed, and another may succeed
   */
  mayRepair(element, occasion) {
    return this.#failures.failed.has(element) && (occasion !== 'late' || this.#doubtful.has(element));
  }

  /** To be called when the element requests its image again, or shows it. @param {Element} element */
  repaired(element) {
    this.#failures.held.delete(element);
    this.#failures.failed.delete(element);
    this.#doubtful.delete(element);
  }

  /**
   * To be called when the page has replied to an ask. That may be too late: a busy page cannot reply in time.
   * @param {boolean} hasToken
   */
  replied(hasToken) {
    if (hasToken) this.repairSoon();
    else for (const element of this.#failures.held.keys()) this.#decide(element);
  }

  /** Repairs once the images of this burst of asks have loaded or failed. */
  repairSoon() {
    if (!globalThis.document) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.repair('late');
    }, PAUSE_MS);
  }

  /** @param {Occasion} occasion */
  async repair(occasion) {
    const held = [...this.#failures.held.keys()];
    try {
      await repair(this, occasion);
    } finally {
      for (const element of held) {
        // The repair was its second chance.
        this.#doubtful.delete(element);
        this.#decide(element);
      }
    }
  }

  /** @param {Element} element @param {Failure} failure with which it was held */
  #decideNow(element, failure) {
    failure.isDue = true;
    this.#decide(element);
  }

  /** @param {Element} element that was held, and may have been released since */
  #decide(element) {
    const { asks, held } = this.#failures;
    if (asks > 0 || this.#timer || !held.get(element)?.isDue) return;
    if (this.#doubtful.has(element)) this.repairSoon();
    else this.#failures.release(element);
  }

  /** @param {Element} element @param {Failure} failure */
  async #repairInFrame(element, failure) {
    const { held, inFrames } = this.#failures;
    inFrames.add(element);
    let isShown = false;
    try {
      isShown = await showInFrame(/** @type {HTMLImageElement} */ (element));
    } finally {
      inFrames.delete(element);
      if (!isShown) setTimeout(() => this.#decideNow(element, failure), GRACE_MS);
    }
    if (!isShown) return;
    if (held.has(element)) element.dispatchEvent(new Event('load'));
    this.repaired(element);
  }
}
