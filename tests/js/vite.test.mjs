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
   * @returns {Promise<{body?: string, next?: unknown[]}>} what it responds, or what it leaves to Vite with
   */
  const request = async (url, response) => {
    /** @type {(...parts: any[]) => Promise<void>} */
    let handle = async () => {};
    pluginOf({}, '/app/').configureServer({
      middlewares: { use: (/** @type {typeof handle} */ use) => (handle = use) },
    });
    /** @type {{body?: string, next?: unknown[]}} */
    const result = {};
    const end = (/** @type {string} */ body) => (result.body = body);
    await handle(
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
        use: (/** @type {(...parts: any[]) => Promise<void>} */ handle) =>
          void handle({ url: '/main.js' }, {}, () => (isLeft = true)),
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
  assert.equal('transformIndexHtml' in pluginOf(), false, 'SvelteKit warns of this hook');
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
    assert.deepEqual(/** @type {any} */ (authServiceWorker()).config({ base }, { command: 'build' }).define, {
      'globalThis.AUTH_SERVICE_WORKER_BASE': JSON.stringify(path),
    });
  });
}

for (const [base, workerURL] of [
  ['/app/', '/app/auth-service-worker.js'],
  ['./', '/auth-service-worker.js'],
  ['https://files.example/app/', '/auth-service-worker.js'],
]) {
  test(`the early responder hears the worker that the page registers where Vite has the base ${base}`, async () => {
    const [{ children }] = await pluginOf({ early: true }, base).transformIndexHtml.handler();
    assert.equal(children, (await earlyScript({ workerURL })).script);
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
      await writeFile(join(root, 'main.js'), 'export const number = 42;');
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

/**
 * Builds an app with an index.html and a main.js.
 * @param {import('node:test').TestContext} t
 * @param {import('vite').InlineConfig} config
 * @param {import('../../js/vite.js').AuthServiceWorkerViteOptions} [options]
 * @returns {Promise<{files: string[], main: string, warnings: string[]}>} the built files, the text of the main one, and
 *   the warnings of this plugin
 */
const build = async (t, config, options) => {
  const root = await mkdtemp(join(tmpdir(), 'auth-service-worker-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await writeFile(join(root, 'index.html'), '<script type="module" src="/main.js"></script>');
  await writeFile(join(root, 'main.js'), 'console.log(globalThis.AUTH_SERVICE_WORKER_BASE);');
  const customLogger = createLogger('silent');
  const warned = t.mock.method(customLogger, 'warn', () => {});
  const plugins = [/** @type {any} */ (authServiceWorker(options))];
  const made = await createBuilder({ root, configFile: false, customLogger, logLevel: 'silent', plugins, ...config });
  await made.build(made.environments.client);
  const files = (await readdir(join(root, 'dist'), { recursive: true })).sort();
  const main = files.find((path) => /main.*js$|index.*js$/.test(path)) ?? '';
  return {
    files,
    main: await readFile(join(root, 'dist', main), 'utf8'),
    warnings: warned.mock.calls
      .map(({ arguments: [text] }) => String(text))
      .filter((text) => text.startsWith('auth-service-worker:')),
  };
};
const withoutHTML = { build: { rollupOptions: { input: 'main.js' } } };

describe('a build without HTML', () => {
  test('warns that `early` did nothing', async (t) => {
    const { warnings } = await build(t, withoutHTML, { early: true });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /so the option `early` did nothing\. Put the output of "npx auth-service-worker early"/);
  });

  test('warns that it does not know the pages, if the base may be the folder of the assets only', async (t) => {
    const { warnings } = await build(t, { ...withoutHTML, base: '/build/' });
    assert.deepEqual(warnings, [
      'auth-service-worker: this build has no index.html, so the plugin does not know where your pages are. With ' +
        "Vite's option `base`, the worker gets only the requests of pages below /build/. If your pages are elsewhere, " +
        'for example at /, run "npx auth-service-worker init FOLDER" with the folder that your site serves as its ' +
        "root, and set the options workerURL: '/auth-service-worker.js' and scope: '/'. If they are below /build/, " +
        'ignore this.',
    ]);
  });

  for (const base of ['/', './', 'https://files.example/app/']) {
    test(`has no warning with the base ${base}, where the page registers for the whole origin`, async (t) => {
      assert.deepEqual((await build(t, { ...withoutHTML, base })).warnings, []);
    });
  }
});

test('a build with HTML has no warning, since its pages are below the base', async (t) => {
  assert.deepEqual((await build(t, { base: '/app/' }, { early: true })).warnings, []);
});

test('the build of a library leaves base and files to the app that uses the library', async (t) => {
  const lib = { entry: 'main.js', formats: /** @type {['es']} */ (['es']), fileName: 'main' };
  const { files, main } = await build(t, { base: '/library/', build: { lib } });
  assert.deepEqual(files, ['main.mjs']);
  assert.match(main, /globalThis\.AUTH_SERVICE_WORKER_BASE/);
});
