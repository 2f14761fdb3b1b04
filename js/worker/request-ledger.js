// Keeps the requests that the worker may have to respond to, by their numbers in the core.

/**
 * @typedef {object} Entry
 * @property {FetchEvent} event
 * @property {number} at when it came, by performance.now()
 * @property {number} info
 * @property {((response: Response | Promise<Response>) => void) | undefined} resolve set once a response is promised
 * @property {Promise<Response> | undefined} outcome what the request with the token brings; undefined before it is sent
 * @property {number} token the one that it was sent with; 0 before
 * @property {string} realmURL the realm of the token that it was sent with last; '' before
 * @property {string} endedAt the URL where redirects ended; '' if there were none, or before
 * @property {number} status the outcome's, or one of Response in cpp/base/step.h
 * @property {import('../protocol.js').Decision | undefined} decision
 * @property {AbortController | undefined} abort aborts that request. Only with the option abortsOldFetches
 */

/** Guarantee: each event gets the promise of a response at most once, and each promise is kept. */
export class RequestLedger {
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  #lastId = 0;

  /**
   * @param {FetchEvent} event
   * @param {number} info
   * @param {import('../protocol.js').Decision} [decision]
   * @returns {number} its number
   */
  add(event, info, decision) {
    const id = ++this.#lastId;
    this.#entries.set(id, {
      event,
      at: performance.now(),
      info,
      resolve: undefined,
      outcome: undefined,
      token: 0,
      realmURL: '',
      endedAt: '',
      status: 0,
      decision,
      abort: undefined,
    });
    return id;
  }

  get size() {
    return this.#entries.size;
  }

  /** @param {number} id */
  get(id) {
    return this.#entries.get(id);
  }

  /** Promises the event a response. It must be called before the event's dispatch ends. @param {number} id */
  promise(id) {
    const entry = this.#entries.get(id);
    if (!entry || entry.resolve) return entry;
    entry.event.respondWith(new Promise((resolve) => (entry.resolve = resolve)));
    return entry;
  }

  /** @param {number} id @param {Promise<Response>} response */
  respond(id, response) {
    this.promise(id)?.resolve?.(response);
    this.#entries.delete(id);
  }

  /** @param {number} id */
  drop(id) {
    this.#entries.delete(id);
  }

  /**
   * Aborts the requests that are in flight with this token or an earlier one. The page sees a network error. The core
   * hears how each one ended: a response may be in the browser's cache by now.
   * @param {number} token
   */
  abortUpTo(token) {
    for (const entry of this.#entries.values()) if (entry.outcome && entry.token <= token) entry.abort?.abort();
  }

  /**
   * Responds to all requests. If one was sent, it gets what that brings.
   * @param {(id: number) => void} respondPlainly responds to a request that was not sent
   */
  releaseAll(respondPlainly) {
    for (const [id, entry] of this.#entries) {
      if (entry.outcome) this.respond(id, entry.outcome);
      else if (entry.resolve) respondPlainly(id);
      else this.drop(id);
    }
  }
}
