/**
 * When a JWT expires (RFC 7519, `exp`).
 * @param {string} token
 * @returns {number} ms since the epoch; Infinity for what does not tell, as an opaque token
 */
export function expiryOf(token) {
  try {
    const { exp } = JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
    return exp > 0 ? exp * 1000 : Infinity;
  } catch {
    return Infinity;
  }
}
