// The realms of the tests, and what is said of them on the wire, literally.

export const REALM = 'http://localhost:4201/user/realm/';
export const CAT = `${REALM}images/cat.png`;
export const A = 'http://a.example/';
export const B = 'http://b.example/';

export const set = (realmURL, token) => ({ type: 'set-realm-token', realmURL, token });
export const remove = (realmURL) => ({ type: 'remove-realm-token', realmURL });
export const sync = (tokens) => ({ type: 'sync-tokens', tokens });
export const clear = { type: 'clear-tokens' };

export const PENDING = { type: 'pending' };
/** A final reply. */
export const token = (value, realmURL = REALM) => ({ realmURL, token: value });
