// Brings the page's tokens to the worker.
import { syncTokens } from '../protocol.js';
import { AckedPosts } from './acked-posts.js';
import { covers } from './covers.js';
import { Greeter } from './greeter.js';
import { importElements } from './import-elements.js';
import { stateOf } from './page-state.js';
import { post } from './post.js';
import { isThenable, mayHoldTokens, readTokens } from './tokens.js';
import { Told } from './told.js';
import { hasShownVersion2 } from './version-2.js';
import { watchFrames } from './watch-frames.js';
import { whenRead } from './within.js';

/** @typedef {import('./told.js').TokenMessage} TokenMessage */

/**
 * Guarantees: what the app says reaches a worker in the order it was said, at once or when there is
 * one, and is repeated until a worker of version 2 has taken it in; what the app's storage says never
 * overrides what the app said later. Nothing throws.
 */
export class TokenPush {
  greeter;
  /** Ends the wait for a worker that controls the page: it is there, or none will come. */
  endWait = () => {};
  /** @type {Promise<void>} */
  wait = new Promise((resolve) => (this.endWait = resolve));

  #container;
  /** @type {ServiceWorkerRegistration | undefined} */
  #registration;
  /** @type {import('./options.js').AuthServiceWorkerOptions | undefined} */
  #options;
  /** All that was said to workers. */
  #told;
  /** What the app said that no worker is known to have taken in. */
  #backlog = new Told();
  #acked = new AckedPosts(
    () => this.#repeat(),
    () => this.#taken(),
  );
  /** The read whose tokens will be pushed. @type {PromiseLike<unknown> | undefined} */
  #reading;
  /** The worker that has all tokens. @type {ServiceWorker | undefined} */
  #pushedTo;

  /** @param {ServiceWorkerContainer} container */
  constructor(container) {
    this.#container = container;
    this.#told = stateOf(container).told;
    this.greeter = new Greeter(container);
    container.addEventListener('controllerchange', () => {
      if (container.controller) this.endWait();
      this.#push();
    });
    container.ready?.then(
      (registration) => this.useRegistration(this.#registration ?? registration),
      () => {},
    );
    // Workers have none of these.
    globalThis.addEventListener?.('pageshow', ({ persisted }) => persisted && this.#push());
    globalThis.addEventListener?.('storage', ({ key }) => this.#storageChanged(key));
    watchFrames(() => {
      this.greet();
      importElements()?.then((elements) => elements?.helpFrames());
    });
  }

  /**
   * Pushes the app's tokens, now and to each new worker.
   * @param {import('./options.js').AuthServiceWorkerOptions} options
   */
  useOptions(options) {
    this.#options = options;
    this.greeter.useRealms(options);
    this.#pushedTo = undefined;
    this.#pushToNew();
  }

  /**
   * Its active worker gets the tokens even while it does not control the page.
   * @param {ServiceWorkerRegistration} registration
   */
  useRegistration(registration) {
    this.#registration = registration;
    if (!covers(registration)) this.endWait();
    this.#pushToNew();
    // `ready` does not come for a page outside of the scope, a login page say.
    (registration.installing ?? registration.waiting)?.addEventListener('statechange', () => this.#pushToNew());
  }

  /** @param {TokenMessage} message */
  send(message) {
    this.#told.changes++;
    this.#backlog.add(message);
    const worker = this.#worker();
    if (worker) this.#post(worker, [message]);
  }

  /** An ask was answered. @param {boolean} isForgotten the worker was stopped, and does not know the page any more */
  answered(isForgotten) {
    this.greeter.learn(this.#told.realms());
    if (isForgotten) this.greet();
  }

  greet() {
    const worker = this.#worker();
    if (worker) this.greeter.greet(worker, this.#registration);
  }

  #worker() {
    return this.#container.controller ?? this.#registration?.active;
  }

  #pushToNew() {
    if (this.#worker() !== this.#pushedTo) this.#push();
  }

  #push() {
    const worker = this.#worker();
    if (!worker) return;
    this.#pushedTo = worker;
    const read = this.#options && readTokens(this.#options);
    const reading = isThenable(read) ? read : undefined;
    this.#reading = reading;
    // At once, in case the read hangs; and again after it.
    if (reading) this.#postAll(worker, this.#backlog);
    whenRead(read, (tokens) => {
      if (this.#reading !== reading) return;
      this.#reading = undefined;
      const all = new Told();
      if (tokens) all.add(syncTokens(tokens));
      for (const message of this.#backlog.messages()) all.add(message);
      this.#postAll(worker, all);
      this.greet();
    });
  }

  /** @param {string | null} key what another tab changed in localStorage; null: all of it */
  #storageChanged(key) {
    if (!this.#options || !mayHoldTokens(this.#options, key)) return;
    whenRead(readTokens(this.#options), (tokens) => {
      if (tokens === undefined) return;
      for (const message of this.#told.missing(tokens)) this.send(message);
    });
  }

  /** In place of all that waits for its acknowledgement. @param {ServiceWorker} worker @param {Told} all @param {boolean} [isRepeat] */
  #postAll(worker, all, isRepeat) {
    this.#acked.drop();
    this.#post(worker, all.messages(), isRepeat);
  }

  /** @param {ServiceWorker} worker @param {TokenMessage[]} messages @param {boolean} [isRepeat] */
  #post(worker, messages, isRepeat) {
    for (const message of messages) this.#told.add(message);
    this.greeter.learn(this.#told.realms());
    if (hasShownVersion2(worker)) {
      this.#acked.post(worker, messages, isRepeat);
    } else {
      for (const message of messages) post(worker, message);
      this.#taken();
    }
  }

  #repeat() {
    const worker = this.#worker();
    if (worker) this.#postAll(worker, this.#told, true);
  }

  #taken() {
    // Tokens being read may be older than what was said, and will replace all when they are pushed.
    if (!this.#reading) this.#backlog.clear();
  }
}
