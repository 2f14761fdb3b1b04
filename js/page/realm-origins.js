// The origins on which the app has realms.

export class RealmOrigins {
  /** @type {Set<string>} */
  #origins = new Set();

  /**
   * @param {unknown} realms a list of realm URLs or origins; what is none is passed over
   */
  learn(realms) {
    if (!Array.isArray(realms)) return;
    for (const realm of realms) {
      const origin = originOf(realm);
      if (origin) this.#origins.add(origin);
    }
  }

  /** @param {string} url @returns {boolean} whether the app has a realm there */
  has(url) {
    return this.#origins.has(originOf(url));
  }

  list() {
    return [...this.#origins];
  }
}

/** @param {unknown} url @returns {string} '' where no realm can be */
function originOf(url) {
  try {
    const { protocol, origin } = new URL(String(url), globalThis.document?.baseURI);
    return protocol.startsWith('http') ? origin : '';
  } catch {
    return '';
  }
}
