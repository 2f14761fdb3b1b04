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

test('the early responder is the first in the head, where a policy of a meta element does not reach it', async () => {
  const { script } = await earlyScript({ workerURL: '/auth-service-worker.js' });
  assert.deepEqual(await pluginOf({ early: true }).transformIndexHtml.handler(), [
    { tag: 'script', children: script, injectTo: 'head-prepend' },
  ]);
  assert.equal(await pluginOf().transformIndexHtml.handler(), undefined);
});
