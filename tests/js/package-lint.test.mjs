// What publint and @arethetypeswrong/cli say of the package, and bundlers of an app with it.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import * as vite from 'vite';
import webpack from 'webpack';
import { PACKAGE_FOLDER } from './package.mjs';

const at = (/** @type {string} */ path) => fileURLToPath(new URL(`../../js/node_modules/${path}`, import.meta.url));

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: PACKAGE_FOLDER, level: 'suggestion' });
  assert.deepEqual(messages, []);
});

test('types are right wherever ES modules are, also with the setting moduleResolution: node', () => {
  execFileSync(
    process.execPath,
    // The ignored rule: require() cannot load ES modules, in older versions of Node.js.
    [at('@arethetypeswrong/cli/dist/index.js'), '--pack', PACKAGE_FOLDER, '--ignore-rules', 'cjs-resolves-to-esm'],
    { stdio: 'pipe' },
  );
});

/** @param {import('node:test').TestContext} t @returns {Promise<string>} the folder of an app that has the package */
async function newApp(t) {
  const app = await mkdtemp(join(tmpdir(), 'auth-service-worker-'));
  t.after(() => rm(app, { recursive: true, force: true }));
  await mkdir(join(app, 'node_modules'));
  await symlink(PACKAGE_FOLDER, join(app, 'node_modules/auth-service-worker'));
  return app;
}

// TypeScript 7 no longer has the resolution `node`. That of attw is older.
const { resolve } = createRequire(at('@arethetypeswrong/core/package.json'));

for (const [moduleResolution, module] of [
  ['node', 'es2022'],
  ['bundler', 'es2022'],
  ['nodenext', 'nodenext'],
]) {
  test(`TypeScript with moduleResolution: ${moduleResolution} knows what an app imports`, async (t) => {
    const app = await newApp(t);
    await writeFile(join(app, 'package.json'), '{ "type": "module" }');
    await writeFile(
      join(app, 'main.ts'),
      `
      import { registerAuthServiceWorker } from 'auth-service-worker';
      import { fromGetter } from 'auth-service-worker/adapters';
      import { downloadAuthorised } from 'auth-service-worker/authorised';
      import { watchMedia } from 'auth-service-worker/elements';
      import { diagnose, getStats } from 'auth-service-worker/inspect';
      import { whenControlled } from 'auth-service-worker/page';
      import { mountPanel } from 'auth-service-worker/panel';

      const authorization = [{ format: 'Token {token}' }, { realm: 'https://tiles.example/', header: 'X-Map-Token' }] as const;
      registerAuthServiceWorker({ worker: { authorization } });
      registerAuthServiceWorker({ worker: { authorization: [{ header: 'X-Token' }] } });
      const { registered, reason } = await registerAuthServiceWorker({ reauthenticate: undefined, worker: { debug: undefined } });
      registerAuthServiceWorker({ reauthenticate: async (realmURL: string) => realmURL });
      registerAuthServiceWorker({
        reauthenticate: (realmURL, { reason }) => (reason === 'unreachable' ? undefined : realmURL),
      });
      const rate = async () => {
        const stats = await getStats();
        // @ts-expect-error
        void stats?.imagesUnauthorized;
        return stats && stats.imagesUnauthorised / stats.images;
      };
      // @ts-expect-error
      registerAuthServiceWorker({ worker: { authorization: [{ headers: 'X-Token' }] } });
      export { diagnose, downloadAuthorised, fromGetter, rate, reason, registered, mountPanel, watchMedia, whenControlled };`,
    );
    const options =
      '--strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --noPropertyAccessFromIndexSignature --noEmit --target es2022 --preserveSymlinks'.split(
        ' ',
      );
    const run = spawnSync(
      process.execPath,
      [
        resolve('typescript/lib/tsc.js'),
        ...options,
        '--module',
        module,
        '--moduleResolution',
        moduleResolution,
        'main.ts',
      ],
      { cwd: app, encoding: 'utf8' },
    );
    assert.equal(run.stdout, '');
  });
}

for (const file of [
  'early.js',
  'auth-service-worker.js',
  'auth-core-without-wasm.js',
  'status.js',
  'split/auth-service-worker.js',
]) {
  test(`bundlers keep ${file}, which is imported for what it does`, async (t) => {
    const app = await newApp(t);
    await writeFile(join(app, 'main.js'), `import './node_modules/auth-service-worker/${file}';`);
    const { outputFiles, warnings } = await build({
      absWorkingDir: app,
      entryPoints: ['main.js'],
      bundle: true,
      format: 'esm',
      logLevel: 'silent',
      preserveSymlinks: true,
      write: false,
    });
    assert.deepEqual(
      warnings.map(({ text }) => text),
      [],
    );
    assert.ok(outputFiles[0].contents.length > 100);
  });
}

test('webpack has no warning', async (t) => {
  const app = await newApp(t);
  await writeFile(
    join(app, 'main.js'),
    "import { registerAuthServiceWorker } from 'auth-service-worker'; registerAuthServiceWorker();",
  );
  /** @type {import('webpack').Configuration} */
  const options = { context: app, entry: './main.js', mode: 'production', output: { path: join(app, 'out') } };
  const { errors, warnings } = await new Promise((resolve, reject) => {
    webpack(options, (error, stats) => (error ? reject(error) : resolve(stats?.toJson())));
  });
  assert.deepEqual([errors, warnings], [[], []]);
  // What only a worker of version 1 needs, where a policy forbids WebAssembly.
  assert.ok((await readdir(join(app, 'out'))).length > 1);
});

test('bundlers have no warning, and no file has both cores in it', async (t) => {
  const app = await newApp(t);
  await writeFile(
    join(app, 'main.js'),
    "export * from 'auth-service-worker'; export const inspect = () => import('auth-service-worker/inspect');",
  );
  await writeFile(join(app, 'sw.js'), "export * from 'auth-service-worker/worker';");
  /** @type {import('esbuild').BuildOptions} */
  const options = {
    absWorkingDir: app,
    entryPoints: ['main.js', 'sw.js'],
    outdir: 'out',
    bundle: true,
    format: 'esm',
    logLevel: 'silent',
    preserveSymlinks: true,
    minify: true,
  };
  const { warnings } = await build({ ...options, splitting: true });
  assert.deepEqual(
    warnings.map(({ text }) => text),
    [],
  );

  // The bundle must not contain the core that is plain JavaScript.
  const { outputFiles = [] } = await build({ ...options, write: false });
  for (const { path, contents } of outputFiles)
    assert.ok(contents.length < 200_000, `${path}: ${contents.length} bytes`);

  /** @type {string[]} */
  const said = [];
  const note = (/** @type {string} */ text) => void said.push(text);
  for (const entry of ['main.js', 'sw.js']) {
    await vite.build({
      root: app,
      configFile: false,
      customLogger: { ...vite.createLogger('silent'), warn: note, warnOnce: note },
      build: {
        lib: { entry, formats: ['es'] },
        outDir: `dist-${entry}`,
        rollupOptions: { onwarn: ({ message }) => note(message) },
      },
    });
  }
  assert.deepEqual(said, []);
});
