// The Vite plugin, without Vite.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { importShipped, PACKAGE } from './package.mjs';

const { default: authServiceWorker } = await importShipped('vite.js');
const { earlyScript } = await importShipped('files.js');

/** @param {import('../../js/vite.js').AuthServiceWorkerViteOptions} [options] */
const pluginOf = (options, base = '/') => {
  const plugin = /** @type {any} */ (authServiceWorker(options));
  plugin.configResolved({ base });
  return plugin;
};

describe('the server in development', () => {
  /**
   * @param {string} url
   * @param {object} [response]
   * @returns {Promise<{body?: string, next?: unknown[]}>} what it answers, or what it leaves to Vite with
   */
  const request = async (url, response) => {
    /** @type {(...parts: any[]) => Promise<void>} */
    let answer = async () => {};
    pluginOf({}, '/app/').configureServer({
      middlewares: { use: (/** @type {typeof answer} */ use) => (answer = use) },
    });
    /** @type {{body?: string, next?: unknown[]}} */
    const result = {};
    const end = (/** @type {string} */ body) => (result.body = body);
    await answer(
      { url },
      { setHeader() {}, end, ...response },
      (/** @type {unknown[]} */ ...next) => (result.next = next),
    );
    return result;
  };

  test('has the worker, at the root and below the base', async () => {
    const body = await readFile(new URL('auth-service-worker.js', PACKAGE), 'utf8');
    for (const url of [
      '/auth-service-worker.js',
      '/app/auth-service-worker.js',
      '/app/auth-service-worker.js?debug=true',
    ])
      assert.deepEqual(await request(url), { body }, url);
  });

  for (const url of ['/', '//', '//[', '/\\\\', '/other.js', '/app/other.js?/auth-service-worker.js']) {
    test(`leaves ${url} to Vite`, async () => {
      assert.deepEqual(await request(url), { next: [] });
    });
  }

  test('tells Vite what fails', async () => {
    const error = new Error('The headers are sent.');
    const setHeader = () => {
      throw error;
    };
    assert.deepEqual(await request('/auth-service-worker.js', { setHeader }), { next: [error] });
  });
});

describe('a policy in the HTML', () => {
  /** @param {string} policy @returns {Promise<string>} as it is in the HTML of a build, with `HASH` for the script's hash */
  const built = async (policy) => {
    const meta = (/** @type {string} */ content) =>
      `<meta http-equiv="Content-Security-Policy" content="${content}"><script>app()</script>`;
    const { html, tags } = await pluginOf({ early: true }).transformIndexHtml.handler(meta(policy));
    const { script, hash } = await earlyScript({ workerURL: '/auth-service-worker.js' });
    assert.equal(tags[0].children, script);
    const [, content] = /content="([^"]*)"/.exec(html) ?? [];
    assert.equal(html, meta(content));
    return content.replaceAll(hash, 'HASH');
  };
  for (const [policy, expected] of [
    ["default-src 'none'; script-src 'self'", "default-src 'none'; script-src HASH 'self'"],
    ["script-src 'self'; script-src-elem 'self'", "script-src HASH 'self'; script-src-elem HASH 'self'"],
    // These allow all inline scripts, and a hash would end that.
    ["script-src 'self' 'unsafe-inline'; img-src *", "script-src 'self' 'unsafe-inline'; img-src *"],
    ["script-src 'UNSAFE-INLINE'", "script-src 'UNSAFE-INLINE'"],
    ["script-src 'unsafe-inline'; script-src-elem 'self'", "script-src 'unsafe-inline'; script-src-elem HASH 'self'"],
    // These do so in old browsers only.
    ["script-src 'unsafe-inline' 'nonce-abc'", "script-src HASH 'unsafe-inline' 'nonce-abc'"],
    ["script-src 'sha256-abc=' 'unsafe-inline'", "script-src HASH 'sha256-abc=' 'unsafe-inline'"],
    ["script-src 'unsafe-inline' 'strict-dynamic'", "script-src HASH 'unsafe-inline' 'strict-dynamic'"],
    // Inline scripts are no matter of these.
    ["script-src-attr 'self'; style-src 'unsafe-inline'", "script-src-attr 'self'; style-src 'unsafe-inline'"],
  ]) {
    test(policy, async () => {
      assert.equal(await built(policy), expected);
    });
  }
});
