/**
 * Asks the app server. Always a POST, which the worker leaves alone.
 * @param {string} path @param {Record<string, string>} query
 * @returns {Promise<any>}
 */
export async function callApi(path, query = {}) {
  const response = await fetch(`${path}?${new URLSearchParams(query)}`, { method: 'POST' });
  if (!response.ok) throw new Error(`${path} responded with ${response.status}`);
  return response.json();
}
