// Decides when the core's state is read and written, and what waits for that.
import { StateStore } from './state-store.js';

/** How long a page or the browser waits at most for storage, which may hang. */
const PATIENCE_MS = 1000;

/**
 * Guarantee: once this version of the worker is active, each core is told what was saved, or that nobody can know it.
 */
export class StateKeeper {
  #scope;
  #core;
  #clients;
  #store;
  /** Whether this core has asked for what was saved. */
  #isAsked = false;
  /** @type {Promise<void> | undefined} */
  #reading;
  #isInstalling = false;
  /** Whether another version of the worker may have saved something since the read. */
  #mayBeOld = false;

  /**
   * @param {ServiceWorkerGlobalScope} scope
   * @param {import('./core-runner.js').CoreRunner} core
   * @param {import('./client-numbers.js').ClientNumbers} clients
   */
  constructor(scope, core, clients) {
    this.#scope = scope;
    this.#core = core;
    this.#clients = clients;
    this.#store = new StateStore(scope.registration.scope);
  }

  /** To be called when a core has been made. */
  begin() {
    this.#isAsked = false;
    if (!this.#isWaiting()) void this.#read();
  }

  installs() {
    this.#isInstalling = true;
  }

  /** Nothing waits for this read: a page's first requests come once this version is active. */
  activates() {
    this.#isInstalling = false;
    // The state that was read before may be of a user who has logged out since.
    if (this.#mayBeOld) this.#isAsked = false;
    this.noteActive();
  }

  /** To be called at a fetch event, which shows that this version is active. */
  noteActive() {
    if (!this.#isAsked && !this.#core.isUnborn) void this.#read();
  }

  /** To be called when the core has something new to keep. */
  save() {
    const { life } = this.#core;
    // A core that has died has no state. The next core may not have read what was saved.
    const spoken = () => this.#clients.idsOf((number) => this.#core.hasSpoken(number));
    this.#store.save(() => (this.#core.life === life ? [this.#core.state(), ...spoken()].join('\n') : ''));
  }

  /** Whether something may not have been saved. The next worker life would then trust an older state. */
  get hasFailed() {
    return this.#store.hasFailed;
  }

  /**
   * Tries again after a failure: storage may have been full, or out of reach. What was heard meanwhile is written after
   * the read.
   */
  retry() {
    if (this.hasFailed) void this.#read();
  }

  /**
   * What the core hears before the saved state is read is written after the read.
   * @returns {Promise<void> | undefined} settles when all that the core wants to keep is written, or takes too long;
   *   undefined: all is written
   */
  get saved() {
    if (!this.#reading && !this.#store.written) return undefined;
    return patiently(Promise.resolve(this.#reading).then(() => this.#store.written));
  }

  /** Keeps the worker running until all is saved. @param {ExtendableEvent} event */
  keepAlive(event) {
    const { saved } = this;
    if (saved) event.waitUntil(saved);
  }

  /** Whether this version waits. Until then, the previous version goes on and saves. Firefox has no `serviceWorker`. */
  #isWaiting() {
    if (!this.#scope.registration.active) return false;
    return this.#isInstalling || ['installing', 'installed'].includes(this.#scope.serviceWorker?.state);
  }

  /** @returns {Promise<void>} */
  async #read() {
    this.#isAsked = true;
    this.#store.hasFailed = false;
    this.#mayBeOld = !!this.#scope.registration.active;
    const reading = this.#store.load().then(
      (saved) => {
        const [state, ...spoken] = String(saved ?? '').split('\n');
        for (const id of spoken) this.#core.clientSpokeBefore(this.#clients.numberOfId(id));
        this.#core.stateLoaded(state);
      },
      () => {
        this.#store.hasFailed = true;
        this.#core.stateUnavailable();
      },
    );
    this.#reading = reading;
    await reading;
    if (this.#reading === reading) this.#reading = undefined;
  }
}

/**
 * @param {Promise<unknown>} promise that never rejects
 * @returns {Promise<void>} settles with it, or when it takes too long
 */
function patiently(promise) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    void promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
