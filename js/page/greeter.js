// Makes the page known to its worker.
import { claim, hello, speaksVersion2 } from '../protocol.js';
import { covers } from './covers.js';
import { readRealms } from './options.js';
import { post } from './post.js';
import { noteVersion2 } from './version-2.js';
import { whenRead } from './within.js';

export class Greeter {
  #container;
  /** Of the app's realms, those without a token now included. @type {Set<string>} */
  #origins = new Set();
  /** @type {import('./options.js').Awaitable<unknown>} */
  #realms;
  #knowsAll = false;
  #onControl;

  /** @param {ServiceWorkerContainer} container @param {() => void} onControl called when it controls the page, and the realms are known */
  constructor(container, onControl) {
    this.#container = container;
    this.#onControl = onControl;
  }

  /** @param {import('./options.js').FlatOptions} options */
  useRealms(options) {
    this.#realms = readRealms(options);
    this.#knowsAll = options.realmsComplete === true;
    whenRead(this.#realms, (realms) => this.learn(realms));
  }

  /** @param {unknown} realms a list of realm URLs or origins; what is none is passed over */
  learn(realms) {
    if (Array.isArray(realms)) for (const realm of realms) this.#origins.add(realmOriginOf(realm));
    this.#origins.delete('');
  }

  /** @param {string} url */
  hasRealmOn(url) {
    return !!url && this.#origins.has(realmOriginOf(url));
  }

  /**
   * Says hello, which version 1 workers ignore. Whoever answers is asked to control the page where it
   * could and does not, as after a hard reload: once, since it has just answered.
   * @param {ServiceWorker} worker
   * @param {ServiceWorkerRegistration | undefined} registration
   */
  greet(worker, registration) {
    whenRead(this.#realms, (realms) => {
      post(worker, hello([...this.#origins], this.#knowsAll && Array.isArray(realms)), (answer) => {
        if (!speaksVersion2(answer)) return;
        noteVersion2(worker);
        if (!this.#container.controller && covers(registration)) post(worker, claim(), () => {});
      });
      if (this.#container.controller) this.#onControl();
    });
  }
}

/** @param {unknown} url @returns {string} '' where no realm can be */
function realmOriginOf(url) {
  try {
    const { protocol, origin } = new URL(String(url), globalThis.document?.baseURI);
    return protocol.startsWith('http') ? origin : '';
  } catch {
    return '';
  }
}
