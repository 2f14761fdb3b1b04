// The Vite plugin with Vite itself, and README's first screen followed in an empty app of Vite, from the packed package.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { controlled, storeTokens } from './in-page.mjs';
import { engineOfRun } from './launcher.mjs';
import { packageFolder, startServer } from './servers.mjs';
import { openRealms, test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

/** Another Vite: AUTH_VITE, its folder. */
const viteFolder = process.env.AUTH_VITE ?? fileURLToPath(new URL('../../js/node_modules/vite', import.meta.url));
const vite = await import(join(viteFolder, 'dist/node/index.js'));

const run = (/** @type {string} */ cwd, /** @type {string} */ command, /** @type {string[]} */ ...words) =>
  execFileSync(command, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** @type {Record<string, string>} */
const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

/** @param {string} app @param {string} base */
const settingsOf = (app, base) => ({
  root: app,
  base,
  configFile: false,
  logLevel: 'error',
  server: { port: 0, host: '127.0.0.1' },
});

/** Chromium's alone: what the engines do with the page is in the other stories. */
describe('An app of Vite', { skip: engineOfRun !== 'chromium' }, () => {
  const browser = useBrowser();
  /** @type {string} */
  let app;
  /** @type {string} */
  let tarball;
  /** @type {Awaited<ReturnType<typeof openRealms>>} */
  let realms;
  /** @type {any} */
  let authServiceWorker;

  before(async () => {
    app = await mkdtemp(join(tmpdir(), 'auth-service-worker-'));
    await mkdir(join(app, 'node_modules'));
    const [{ filename }] = JSON.parse(run(app, 'npm', 'pack', packageFolder, '--json'));
    tarball = join(app, filename);
    const to = join(app, 'node_modules/auth-service-worker');
    await mkdir(to);
    run(app, 'tar', '-xzf', tarball, '-C', to, '--strip-components=1');
    await symlink(viteFolder, join(app, 'node_modules/vite'));
    ({ default: authServiceWorker } = await import(join(to, 'vite.js')));
    realms = await openRealms({ after: () => {} }, { '/r/': { token: 'r-token' } });
    await writeFile(
      join(app, 'index.html'),
      `<!doctype html><meta http-equiv="Content-Security-Policy" content="script-src 'self'; worker-src 'self'">
      <title>App</title><script type="module" src="/main.js"></script><img src="${realms.origin}/r/cat.png">`,
    );
    await writeFile(
      join(app, 'main.js'),
      `import { registerAuthServiceWorker } from 'auth-service-worker';
      registerAuthServiceWorker({ tokens: () => JSON.parse(localStorage.getItem('tokens') ?? '{}') });`,
    );
  });
  after(() => {
    realms.close();
    return rm(app, { recursive: true, force: true });
  });

  /** @param {import('./story.mjs').Cleanup} t @param {string} url @param {boolean} [isEarly] whether the early responder is there */
  async function showsItsImage(t, url, isEarly = true) {
    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(url);
    await tab.evaluate(storeTokens, { [`${realms.origin}/r/`]: 'r-token' }, 'tokens');
    await tab.evaluate(controlled);
    realms.log.entries.length = 0;
    await tab.goto(url);
    await until('the image', () => tab.evaluate(() => document.images[0]?.naturalWidth > 0));
    if (isEarly)
      assert.deepEqual(
        [...new Set(realms.log.authorizationsOf('/r/cat.png'))],
        ['Bearer r-token'],
        'none without a token',
      );
    return tab.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.scope);
  }

  for (const base of ['/', '/deep/app/']) {
    test(`in development, below ${base}`, async (t) => {
      const server = await vite.createServer({
        ...settingsOf(app, base),
        plugins: [authServiceWorker({ early: { storageKey: 'tokens' } })],
      });
      t.after(() => server.close());
      await server.listen();
      const { port } = server.httpServer.address();
      const url = `http://localhost:${port}${base}`;
      assert.equal(await showsItsImage(t, url), url);
    });

    test(`built, below ${base}`, async (t) => {
      const dist = join(app, 'dist');
      /** What a plugin like vite-plugin-pwa finds, which lists the files when they are written. @type {string[]} */
      const precached = [];
      const precaching = {
        name: 'precaching',
        enforce: 'post',
        closeBundle: { sequential: true, handler: async () => void precached.push(...(await readdir(dist))) },
      };
      await vite.build({
        ...settingsOf(app, base),
        plugins: [authServiceWorker({ early: { storageKey: 'tokens' } }), precaching],
        // A path, or one from the root of the app.
        build: { outDir: base === '/' ? 'dist' : dist },
      });
      t.after(() => rm(dist, { recursive: true, force: true }));
      assert.deepEqual(precached.sort(), ['assets', 'index.html']);
      const html = await readFile(join(dist, 'index.html'), 'utf8');
      assert.ok(
        html.indexOf('<script>') < html.indexOf('<meta http-equiv'),
        'no policy of the HTML reaches the script',
      );
      assert.deepEqual(
        (await readdir(dist)).filter((name) => name.endsWith('.js')),
        ['auth-core-without-wasm.js', 'auth-service-worker.js'],
      );
      assert.equal(
        await readFile(join(dist, 'auth-service-worker.js'), 'utf8'),
        await readFile(join(packageFolder, 'auth-service-worker.js'), 'utf8'),
      );
      const site = await startServer(async (path) => {
        if (!path.startsWith(base)) return { status: 404 };
        const file = path.slice(base.length) || 'index.html';
        const body = await readFile(join(dist, file)).catch(() => undefined);
        return body ? { status: 200, type: TYPES[extname(file)], body } : { status: 404 };
      });
      t.after(() => site.close());
      assert.equal(await showsItsImage(t, site.origin + base), site.origin + base);
    });
  }

  test('with a broken image: README’s first screen, three commands and six lines, show it', async (t) => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const [, commands] = /^## Adopt it\n.*?^```sh\n(.*?)```/ms.exec(readme) ?? assert.fail('no commands');
    const [, code] = /^```js example\n(.*?)```/ms.exec(readme) ?? assert.fail('no code');
    assert.ok(code.trim().split('\n').length <= 6, 'six lines');
    const empty = await mkdtemp(join(tmpdir(), 'auth-service-worker-'));
    t.after(() => rm(empty, { recursive: true, force: true }));
    await mkdir(join(empty, 'public'));
    await writeFile(join(empty, 'package.json'), '{ "type": "module" }');
    await writeFile(
      join(empty, 'index.html'),
      `<!doctype html><title>App</title><script type="module" src="/main.js"></script><img src="${realms.origin}/r/cat.png">`,
    );
    await writeFile(join(empty, 'main.js'), '');
    const start = async () => {
      const server = await vite.createServer(settingsOf(empty, '/'));
      await server.listen();
      return server;
    };
    const before = await start();
    const tab = await browser.openTab();
    t.after(() => tab.close());
    await tab.goto(`http://localhost:${before.httpServer.address().port}/`);
    assert.equal(await tab.evaluate(() => document.images[0].naturalWidth), 0, 'broken at first');
    await before.close();

    const lines = commands
      .trim()
      .split('\n')
      .map((line) => line.replace(/ *#.*/, '').split(' '));
    assert.ok(lines.length + 1 <= 3, 'and the one that starts Vite');
    for (const [command, ...words] of lines)
      run(
        empty,
        command,
        ...words.map((word) => (word === 'auth-service-worker' && command === 'npm' ? tarball : word)),
      );
    await writeFile(join(empty, 'main.js'), code);
    const server = await start();
    t.after(() => server.close());
    await showsItsImage(t, `http://localhost:${server.httpServer.address().port}/`, false);
  });
});
