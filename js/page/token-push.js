// Brings the page's tokens to the worker.
import { syncTokens } from '../protocol.js';
import { Backlog } from './backlog.js';
import { isThenable } from './tokens.js';
import { within } from './within.js';

/** Nobody waits for a push; a read that takes longer will hardly end. */
const READ_CAP_MS = 5000;

/**
 * Guarantees: what the app says reaches a worker in the order it was said, at once or when there is
 * one; what the app's storage says never overrides what the app said later. Nothing throws.
 */
export class TokenPush {
  #container;
  /** @type {ServiceWorkerRegistration | undefined} */
  #registration;
  /** @type {import('./options.js').Settings['readTokens']} */
  #readTokens = () => undefined;
  #backlog = new Backlog();
  /** The read whose tokens will be pushed. @type {Promise<void> | undefined} */
  #reading;
  /** The worker that has all tokens. @type {ServiceWorker | undefined} */
  #pushedTo;

  /** @param {ServiceWorkerContainer} container */
  constructor(container) {
    this.#container = container;
    container.addEventListener('controllerchange', () => this.#push());
    container.ready?.then(
      (registration) => this.useRegistration(this.#registration ?? registration),
      () => {},
    );
  }

  /**
   * Pushes these tokens, now and to each new worker.
   * @param {import('./options.js').Settings['readTokens']} readTokens
   */
  useTokens(readTokens) {
    this.#readTokens = readTokens;
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

  /** @param {import('./backlog.js').TokenMessage} message */
  send(message) {
    const worker = this.#worker();
    if (worker) post(worker, message);
    // Tokens being read may be older than the message, and will replace all when they are pushed.
    if (!worker || this.#reading) this.#backlog.add(message);
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
    this.#reading = undefined;
    const tokens = this.#readTokens();
    if (!isThenable(tokens)) {
      this.#deliver(worker, tokens);
      return;
    }
    // At once, in case the read hangs; and again after it.
    for (const message of this.#backlog.messages()) post(worker, message);
    const reading = within(READ_CAP_MS, tokens).then((read) => {
      if (this.#reading !== reading) return;
      this.#reading = undefined;
      this.#deliver(worker, read);
    });
    this.#reading = reading;
  }

  /**
   * @param {ServiceWorker} worker
   * @param {import('../protocol.js').Tokens | undefined} tokens those of the app's storage
   */
  #deliver(worker, tokens) {
    if (tokens && !this.#backlog.isWhole) post(worker, syncTokens(tokens));
    for (const message of this.#backlog.messages()) post(worker, message);
    this.#backlog.clear();
  }
}

/** @param {ServiceWorker} worker @param {import('./backlog.js').TokenMessage} message */
function post(worker, message) {
  try {
    worker.postMessage(message);
  } catch (error) {
    console.warn(
      `auth-service-worker: could not send ${message.type} to the worker. Realm URLs and tokens must be strings.`,
      error,
    );
  }
}
