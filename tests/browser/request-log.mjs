// Keeps the requests to a server, and can wait for one.
import { until } from './until.mjs';

/**
 * @typedef {object} Entry
 * @property {number} time of arrival, Date.now()
 * @property {string} method
 * @property {string} url path and query
 * @property {string} path
 * @property {string | undefined} authorization
 * @property {string | undefined} range
 * @property {Record<string, string | string[] | undefined>} headers
 * @property {string} body
 * @property {number} status 0 until the response
 */

export class RequestLog {
  /** In order of arrival, preflights included. @type {Entry[]} */
  entries = [];

  /** @param {import('node:http').IncomingMessage} request @returns {Entry} */
  add({ method = '', url = '', headers }) {
    const { authorization, range } = headers;
    const entry = {
      time: Date.now(),
      method,
      url,
      path: url.replace(/\?.*/, ''),
      authorization,
      range,
      headers,
      body: '',
      status: 0,
    };
    this.entries.push(entry);
    return entry;
  }

  /** The requests for a path, without preflights. @param {string} path @returns {Entry[]} */
  of(path) {
    return this.entries.filter((entry) => entry.path === path && entry.method !== 'OPTIONS');
  }

  /** The Authorization headers of the requests for a path. @param {string} path */
  authorizationsOf(path) {
    return this.of(path).map(({ authorization }) => authorization);
  }

  /** The first request with a response for a path. @param {string} path @returns {Promise<Entry>} */
  arrival(path) {
    return until(`a request for ${path}`, () => this.of(path).find(({ status }) => status));
  }
}
