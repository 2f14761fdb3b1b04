// Brings the page's tokens to the worker.
import { syncTokens } from '../protocol.js';
import { AckedPosts } from './acked-posts.js';
import { covers } from './covers.js';
import { Greeter } from './greeter.js';
import { Mender } from './mender.js';
import { stateOf } from './page-state.js';
import { post } from './post.js';
import { isThenable, mayHoldTokens, readTokens } from './tokens.js';
import { Told } from './told.js';
import { hasShownVersion2 } from './version-2.js';
import { whenRead } from './within.js';

/** @typedef {import('./told.js').TokenMessage} TokenMessage */

/**
 * Guarantees: what the app says reaches a worker in the order it was said, at once or when there is
 * one, and is repeated until a worker of version 2 has taken it in; what the app's storage says never
 * overrides what the app said later. Nothing throws.
 */
export class TokenPush {
  greeter;
  mender;
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
  /** Whether the app has said a token for a realm that had none. */
  #hasTokenCome = false;
  /** The worker that has all tokens. @type {ServiceWorker | undefined} */
  #pushedTo;

  /** @param {ServiceWorkerContainer} container */
  constructor(container) {
    this.#container = container;
    this.#told = stateOf(container).told;
    this.mender = new Mender(container, (url) => this.greeter.hasRealmOn(url));
    this.greeter = new Greeter(container, () => this.mender.takenOver());
    this.wait.then(() => container.controller || this.mender.givenUp());
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
    if (globalThis.document) this.mender.watchFrames(document, () => this.greet());
  }

  /**
   * Pushes the app's tokens, now and to each new worker.
   * @param {import('./options.js').AuthServiceWorkerOptions} options
   */
  useOptions(options) {
    this.#options = options;
    this.greeter.useRealms(options);
    // Pictures may fail before there is a worker to push them to.
    if (!this.#worker()) whenRead(readTokens(options), (tokens) => this.greeter.learn(Object.keys(tokens ?? {})));
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
    this.#hasTokenCome ||= this.#told.hasNew(message);
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
    if (this.#hasTokenCome) this.mender.tokenCame();
    this.#hasTokenCome = false;
  }
}
