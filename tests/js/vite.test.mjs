// The Vite plugin, without a browser.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createBuilder, createLogger } from 'vite';
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

  test('leaves what it does not have to Vite at once, without a look at its files', () => {
    let isLeft = false;
    pluginOf().configureServer({
      middlewares: {
        use: (/** @type {(...parts: any[]) => Promise<void>} */ answer) =>
          void answer({ url: '/main.js' }, {}, () => (isLeft = true)),
      },
    });
    assert.ok(isLeft);
  });

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

for (const [base, path] of [
  [undefined, '/'],
  ['/app/', '/app/'],
  ['/app', '/app/'],
  ['deep/app', '/deep/app/'],
  ['/my app', '/my%20app/'],
  ['', '/'],
  ['./', '/'],
  ['https://files.example/app/', '/'],
  ['//files.example/app/', '/'],
]) {
  test(`the page registers below ${path} where Vite has the base ${base}`, () => {
    assert.deepEqual(/** @type {any} */ (authServiceWorker()).config({ base }).define, {
      'globalThis.AUTH_SERVICE_WORKER_BASE': JSON.stringify(path),
    });
  });
}

describe('a build of a client and a server has the worker in the folder of the client', () => {
  const client = { build: { outDir: 'out/client' } };
  const ssr = { build: { outDir: 'out/server', ssr: true, rollupOptions: { input: 'main.js' } } };
  for (const [name, builder] of /** @type {[string, import('vite').BuilderOptions][]} */ ([
    ['with a config for each', {}],
    ['with one config for both', { sharedConfigBuild: true, sharedPlugins: true }],
  ])) {
    test(name, async (t) => {
      const root = await mkdtemp(join(tmpdir(), 'auth-service-worker-'));
      t.after(() => rm(root, { recursive: true, force: true }));
      await writeFile(join(root, 'index.html'), '<script type="module" src="/main.js"></script>');
      await writeFile(join(root, 'main.js'), 'export const answer = 42;');
      const plugins = [/** @type {any} */ (authServiceWorker())];
      const environments = { client, ssr };
      const made = await createBuilder({ root, configFile: false, logLevel: 'silent', plugins, builder, environments });
      for (const environment of Object.values(made.environments)) await made.build(environment);
      const files = (await readdir(join(root, 'out'), { recursive: true })).filter(
        (path) => !/assets|html/.test(path) && path.includes('/'),
      );
      assert.deepEqual(files.sort(), [
        'client/auth-core-without-wasm.js',
        'client/auth-service-worker.js',
        'server/main.mjs',
      ]);
    });
  }
});

for (const [name, input, expected] of /** @type {[string, string, number][]} */ ([
  ['a build without HTML warns that `early` did nothing', 'main.js', 1],
  ['one with HTML does not', 'index.html', 0],
])) {
  test(name, async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'auth-service-worker-'));
    t.after(() => rm(root, { recursive: true, force: true }));
    await writeFile(join(root, 'index.html'), '<script type="module" src="/main.js"></script>');
    await writeFile(join(root, 'main.js'), 'export const answer = 42;');
    const customLogger = createLogger('silent');
    const warned = t.mock.method(customLogger, 'warn', () => {});
    const build = { rollupOptions: { input: join(root, input) } };
    const made = await createBuilder({
      root,
      configFile: false,
      customLogger,
      plugins: [/** @type {any} */ (authServiceWorker({ early: true }))],
      environments: { client: { build } },
    });
    await made.build(made.environments.client);
    const texts = warned.mock.calls.map(({ arguments: [text] }) => String(text));
    assert.equal(texts.filter((text) => text.includes('`early` did nothing')).length, expected);
  });
}
