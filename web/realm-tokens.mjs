// Makes a signed JWT for each user and realm. The secret lasts as long as the process.
import { randomBytes, webcrypto } from 'node:crypto';
import { SignJWT, decodeJwt, jwtVerify } from 'jose';

// jose expects it as a global. Node 18 of Debian 12 has no such global.
globalThis.crypto ??= /** @type {Crypto} */ (webcrypto);

/** @typedef {import('./realm-images.mjs').Realm} Realm */
/** @typedef {import('./realm-images.mjs').User} User */

const secondsValid = 3600;

export class RealmTokens {
  #secret = randomBytes(32);
  #realms;
  #urlOf;

  /** @param {Realm[]} realms @param {(realm: Realm) => string} urlOf */
  constructor(realms, urlOf) {
    this.#realms = realms;
    this.#urlOf = urlOf;
  }

  /**
   * @param {User} user @param {{expired?: boolean, realmURL?: string}} [wish] only that realm's token, or tokens that
   *   have already expired
   * @returns {Promise<Record<string, string>>} realm URL → token, for the realms that this user may see
   */
  async issue(user, { expired = false, realmURL } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const urls = this.#realms
      .filter((realm) => realm.users !== 'everyone' && realm.users.includes(user))
      .map(this.#urlOf)
      .filter((url) => !realmURL || url === realmURL);
    const pairs = urls.map(async (url) => {
      const token = await new SignJWT({ realm: url })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(user)
        .setIssuedAt(expired ? now - secondsValid - 60 : now)
        .setExpirationTime(expired ? now - 60 : now + secondsValid)
        .sign(this.#secret);
      return [url, token];
    });
    return Object.fromEntries(await Promise.all(pairs));
  }

  /**
   * @param {string | undefined} authorization the request header @param {Realm} realm
   * @returns {Promise<User | undefined>} the token's user, if it is valid now for this realm
   */
  async userOf(authorization, realm) {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    if (!token) return undefined;
    try {
      const { payload } = await jwtVerify(token, this.#secret, { algorithms: ['HS256'] });
      const user = /** @type {User} */ (payload.sub);
      const allowed = realm.users !== 'everyone' && realm.users.includes(user);
      return allowed && payload.realm === this.#urlOf(realm) ? user : undefined;
    } catch {
      return undefined;
    }
  }
}

/**
 * @param {string | undefined} authorization the request header
 * @returns {string} the realm that the token was made for, valid or not; '' for none
 */
export function realmNamedBy(authorization) {
  try {
    return String(decodeJwt(authorization?.replace(/^Bearer /, '') ?? '').realm ?? '');
  } catch {
    return '';
  }
}
