// Brings the page's tokens to the worker.
import { AckedPosts } from './acked-posts.js';
import { Backlog } from './backlog.js';
import { claimPage } from './control.js';
import { givenTokensOf } from './given-tokens.js';
import { post } from './post.js';
import { RealmOrigins } from './realm-origins.js';
import { isThenable } from './tokens.js';
import { greet, hasShownVersion2 } from './versions.js';
import { within } from './within.js';

/** Nobody waits for a push; a read that takes longer will hardly end. */
const READ_CAP_MS = 5000;

/** @typedef {Pick<import('./options.js').Settings, 'readTokens' | 'mayHoldTokens' | 'readRealms' | 'knowsAllRealms'>} Sources */
/** @typedef {import('./backlog.js').TokenMessage} TokenMessage */

/**
 * Guarantees: what the app says reaches a worker in the order it was said, at once or when there is
 * one, and is repeated until a worker of version 2 has taken it in; what the app's storage says never
 * overrides what the app said later. Nothing throws.
 */
export class TokenPush {
  realmOrigins = new RealmOrigins();

  #container;
  #given;
  /** @type {ServiceWorkerRegistration | undefined} */
  #registration;
  /** @type {Sources | undefined} */
  #sources;
  #backlog = new Backlog();
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
    this.#given = givenTokensOf(container);
    container.addEventListener('controllerchange', () => this.#push());
    container.ready?.then(
      (registration) => this.useRegistration(this.#registration ?? registration),
      () => {},
    );
    // Workers have none of these.
    globalThis.addEventListener?.('pageshow', ({ persisted }) => persisted && this.#push());
    globalThis.addEventListener?.('storage', ({ key }) => this.#storageChanged(key));
  }

  /**
   * Pushes these tokens, now and to each new worker.
   * @param {Sources} sources
   */
  useTokens(sources) {
    this.#sources = sources;
    this.#pushedTo = undefined;
    this.#pushToNew();
  }

  /**
   * Its active worker gets the tokens even while it does not control the page.
   * @param {ServiceWorkerRegistration} registration
   */
  useRegistration(registration) {
    this.#registration = registration;
    this.#pushToNew();
    // `ready` does not come for a page outside of the scope, a login page say.
    const coming = registration.active ? undefined : (registration.installing ?? registration.waiting);
    coming?.addEventListener('statechange', () => this.#pushToNew());
  }

  /** @param {TokenMessage} message */
  send(message) {
    this.#given.changes++;
    this.#backlog.add(message);
    const worker = this.#worker();
    if (worker) this.#post(worker, [message]);
  }

  /** Says hello, again to a worker that was stopped and does not know the page any more. */
  greet() {
    const worker = this.#worker();
    if (!worker) return;
    whenRead(this.#sources?.readRealms(), (realms) => {
      this.realmOrigins.learn(realms);
      if (worker !== this.#worker()) return;
      const isComplete = Array.isArray(realms) && !!this.#sources?.knowsAllRealms();
      greet(worker, this.realmOrigins.list(), isComplete, () => claimPage(this.#container, this.#registration));
    });
  }

  #worker() {
    return this.#container.controller ?? this.#registration?.active ?? undefined;
  }

  #pushToNew() {
    if (this.#worker() !== this.#pushedTo) this.#push();
  }

  #push() {
    const worker = this.#worker();
    if (!worker) return;
    this.#pushedTo = worker;
    const read = this.#sources?.readTokens();
    const reading = isThenable(read) ? read : undefined;
    this.#reading = reading;
    // At once, in case the read hangs; and again after it.
    if (reading) this.#postAll(worker);
    whenRead(read, (tokens) => {
      if (this.#reading !== reading) return;
      this.#reading = undefined;
      this.#backlog.precede(tokens);
      this.#postAll(worker);
      this.greet();
    });
  }

  /** @param {string | null} key what another tab changed in localStorage; null: all of it */
  #storageChanged(key) {
    if (!this.#sources?.mayHoldTokens(key)) return;
    whenRead(this.#sources.readTokens(), (tokens) => {
      if (tokens === undefined) return;
      for (const message of this.#given.missing(tokens)) this.send(message);
    });
  }

  /** @param {ServiceWorker} worker @param {boolean} [isRepeat] */
  #postAll(worker, isRepeat) {
    this.#acked.drop();
    this.#post(worker, this.#backlog.messages(), isRepeat);
  }

  /** @param {ServiceWorker} worker @param {TokenMessage[]} messages @param {boolean} [isRepeat] */
  #post(worker, messages, isRepeat) {
    for (const message of messages) {
      this.#given.note(message);
      this.realmOrigins.learn('realmURL' in message ? [message.realmURL] : Object.keys(('tokens' in message && message.tokens) || {}));
    }
    if (hasShownVersion2(worker)) {
      this.#acked.post(worker, messages, isRepeat);
    } else {
      for (const message of messages) post(worker, message);
      this.#taken();
    }
  }

  #repeat() {
    const worker = this.#worker();
    if (worker) this.#postAll(worker, true);
  }

  #taken() {
    // Tokens being read may be older than what was said, and will replace all when they are pushed.
    if (!this.#reading) this.#backlog.clear();
  }
}

/**
 * Calls back at once with what is there at once.
 * @template T
 * @param {import('./options.js').Awaitable<T>} value
 * @param {(value: T | undefined) => void} callback
 */
function whenRead(value, callback) {
  if (isThenable(value)) void within(READ_CAP_MS, value).then(callback);
  else callback(value);
}
