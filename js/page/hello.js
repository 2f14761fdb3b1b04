// Makes the page known to its worker.
import { BUILD, claim, hello, speaksVersion2 } from '../protocol.js';
import { readRealms } from './options.js';
import { post } from './posts.js';
import { attempt, isThenable, whenRead } from './async.js';
import { parsedURL } from '../realm-url.js';
import { serialisedRealm } from './tokens.js';
import { noteHello, noteVersion2 } from './version-2.js';
import { advise } from './warn.js';

/** A worker has no more realms than this. */
const MAX_LEARNED = 100_000;

export class Hello {
  #workers;
  /** The origins of the app's realms, also of realms that have no token now. @type {Set<string>} */
  #origins = new Set();
  /** The realms whose origins these are, so that a long list is not parsed each time. @type {Set<unknown>} */
  #learned = new Set();
  /** @type {import('./options.js').Awaitable<unknown>} */
  #realms;
  #knowsAll = false;
  /** @type {string[]} */
  #publicRealms = [];

  /** @param {import('./own-workers.js').OwnWorkers} workers */
  constructor(workers) {
    this.#workers = workers;
  }

  /**
   * @param {import('./options.js').FlatOptions} options
   * @param {() => void} onLate called when the app's realms are known, if reading them takes time
   */
  useRealms(options, onLate) {
    const realms = (this.#realms = readRealms(options));
    this.#knowsAll = false;
    this.#publicRealms = [];
    attempt(
      () => options.publicRealms ?? [],
      (list) => (this.#publicRealms = list.flatMap((realm) => serialisedRealm(realm) ?? [])),
      (error) => advise('no-public-realms', [], error),
    );
    whenRead(realms, (read) => {
      if (this.#realms !== realms) return;
      this.learn(read);
      this.#knowsAll = !!attempt(() => options.realmsComplete === true, Boolean) && Array.isArray(read);
      if (isThenable(realms)) onLate();
    });
  }

  /** @param {unknown} realms a list of realm URLs or origins; anything else in it is ignored */
  learn(realms) {
    if (!Array.isArray(realms)) return;
    if (this.#learned.size > MAX_LEARNED) this.#learned.clear();
    for (const realm of realms) {
      if (this.#learned.has(realm)) continue;
      this.#learned.add(realm);
      this.#origins.add(realmOriginOf(realm));
    }
    this.#origins.delete('');
  }

  /** Whether the app has, or has had, any realm. */
  get hasRealms() {
    return this.#origins.size > 0;
  }

  /** @param {string} url */
  hasRealmOn(url) {
    return !!url && this.#origins.has(realmOriginOf(url));
  }

  /**
   * Says hello. Workers of version 1 ignore it. If the page is in the worker's scope and has no controller, as after a
   * hard reload, a worker that replies is asked to take control. It is asked once: it has just replied, so it is
   * running.
   * @param {ServiceWorker} worker
   * @param {import('../protocol.js').Tokens} [tokens] the app's. Of two tokens of a realm, the newer one counts
   * @returns {Promise<void>} settles when the worker has shown that it speaks version 2
   */
  sayHello(worker, tokens) {
    /** @type {(value: void) => void} */
    let end;
    /** @type {Promise<void>} */
    const replied = new Promise((resolve) => (end = resolve));
    noteHello(worker, replied);
    post(worker, hello([...this.#origins], this.#knowsAll, tokens, this.#publicRealms), (reply) => {
      if (!speaksVersion2(reply)) return;
      noteVersion2(worker, !!reply.asksToRefresh);
      end();
      if (reply.build !== BUILD) advise('other-version', [reply.build, BUILD]);
      if (!this.#workers.controller && this.#workers.coverPage) post(worker, claim(), () => {});
    });
    return replied;
  }
}

/** @param {any} url @returns {string} '' if no realm can be there */
function realmOriginOf(url) {
  const parsed = parsedURL(url, globalThis.document?.baseURI);
  return parsed?.protocol.startsWith('http') ? parsed.origin : '';
}
