// Builds the npm package from the core and the sources beside this file.
// node build.mjs CORE PLAIN OUT — CORE: auth-core.js, with auth-core.wasm beside it; PLAIN: the same as plain
// JavaScript; OUT: the package's folder.
import { build, transform } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesOfText, wasmLiteral } from './wasm-text.mjs';

const [corePath, plainPath, out] = process.argv.slice(2).map((path) => resolve(path));
const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/** The files that other files of the package import at run time: source, and file beside the importing one. */
const besides = new Map([
  [here('core.js'), './core.js'],
  [here('advice.js'), './advice.js'],
  [here('refresh/matcher.js'), './core.js'],
  [here('page/index.js'), './page.js'],
  [here('elements/index.js'), './elements.js'],
  [here('refresh/index.js'), './refresh.js'],
  [here('inspect/index.js'), './inspect.js'],
]);
const isBeside = {
  name: 'is-beside',
  setup(/** @type {import('esbuild').PluginBuild} */ { onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ kind, resolveDir, path }) => {
      const beside = besides.get(join(resolveDir, path));
      return kind !== 'entry-point' && beside ? { path: beside, external: true } : undefined;
    });
  },
};

/** @param {string} entry @param {'esm' | 'iife'} format @param {boolean} [minify] */
const bundle = async (entry, format, minify = true) => {
  const { outputFiles } = await build({
    entryPoints: [here(entry)],
    // The bundle contains paths relative to this folder.
    absWorkingDir: here('.'),
    preserveSymlinks: true,
    bundle: true,
    write: false,
    format,
    minify,
    target: 'es2022',
    define: { 'globalThis.AUTH_SERVICE_WORKER_BUILD': JSON.stringify(version) },
    plugins: [isBeside],
  });
  return outputFiles[0].text;
};

/** Adds a line that says what the file is: to people, linters and `init --check`. @param {string} script */
const withBanner = (script) =>
  `/*! auth-service-worker ${version}, MIT License. Copied by: npx auth-service-worker init */\n/* eslint-disable */\n${script}`;

await rm(out, { recursive: true, force: true });
await mkdir(join(out, 'split'), { recursive: true });

/** Long texts of Emscripten for errors that cannot happen here. */
const IMPOSSIBLE =
  /"(sync fetching of|Memory size inc|argTypes array|registerType reg|Mismatched type|unknown function pointer|Module\.instantiateWasm callback|Unknown (integer|float) type|\. Build with)[^"]*"/g;
const core = await selfContainedCore();
const plain = await asClassicScript(plainPath);
const worker = await bundle('worker/index.js', 'iife', false);
const { code: minifiedWorker } = await transform(worker, { minify: true, target: 'es2022' });

await Promise.all([
  writeFile(join(out, 'split/auth-core.js'), withBanner(core)),
  writeFile(join(out, 'split/auth-worker.js'), withBanner(worker)),
  writeFile(
    join(out, 'split/auth-service-worker.js'),
    withBanner(await readFile(here('../web/auth-service-worker.js'), 'utf8')),
  ),
  writeFile(join(out, 'auth-service-worker.js'), withBanner(`${core}${minifiedWorker}`)),
  ...['split/auth-core-without-wasm.js', 'auth-core-without-wasm.js'].map((path) =>
    writeFile(join(out, path), withBanner(plain)),
  ),
  writeFile(join(out, 'core-without-wasm.js'), `${plain}export default createCoreModule;\n`),
  writeFile(join(out, 'core.js'), `${core}export default createCoreModule;\n${await matcherBesideCore()}`),
  writeFile(join(out, 'worker.js'), await bundle('worker/module.js', 'esm')),
  writeFile(join(out, 'page.js'), await bundle('page/index.js', 'esm')),
  writeFile(join(out, 'advice.js'), await bundle('advice.js', 'esm')),
  writeFile(join(out, 'adapters.js'), await bundle('adapters.js', 'esm')),
  writeFile(join(out, 'panel.js'), await bundle('panel/index.js', 'esm')),
  ...['status.html', 'status.js'].map((name) => cp(here(`panel/${name}`), join(out, name))),
  writeFile(join(out, 'inspect.js'), await bundle('inspect/index.js', 'esm')),
  writeFile(join(out, 'elements.js'), await bundle('elements/index.js', 'esm')),
  writeFile(join(out, 'authorised.js'), await bundle('authorised/index.js', 'esm')),
  writeFile(join(out, 'refresh.js'), await bundle('refresh/index.js', 'esm')),
  // It goes between <script> and </script> as it is. A line end would change its hash.
  writeFile(join(out, 'early.js'), (await bundle('early.js', 'iife')).trim()),
  ...['bin.js', 'check-site.js', 'scan-log.js', 'files.js', 'shipped-files.js', 'site-policy.js', 'vite.js'].map(
    (name) => cp(here(name), join(out, name)),
  ),
  cp(here('README.md'), join(out, 'README.md')),
  cp(here('../LICENSE'), join(out, 'LICENSE')),
  // This library is bundled into the worker.
  cp(here('node_modules/idb-keyval/LICENCE'), join(out, 'LICENSE.idb-keyval')),
  writeFile(join(out, 'package.json'), await published()),
]);

const tsc = here('node_modules/typescript/bin/tsc');
for (const project of ['tsconfig.json', 'worker/tsconfig.json']) {
  const how = [
    '--noEmit',
    'false',
    '--declaration',
    '--emitDeclarationOnly',
    '--rootDir',
    here('.'),
    '--outDir',
    join(out, 'types'),
  ];
  execFileSync(process.execPath, [tsc, '-p', here(project), ...how], { stdio: 'inherit' });
}
const toolOptions =
  '--ignoreConfig --allowJs --checkJs --strict --skipLibCheck --module nodenext --target es2022 --types node --declaration --emitDeclarationOnly';
const tools = [
  ...toolOptions.split(' '),
  '--rootDir',
  here('.'),
  '--outDir',
  join(out, 'types'),
  here('vite.js'),
  here('files.js'),
];
execFileSync(process.execPath, [tsc, ...tools], { cwd: here('.'), stdio: 'inherit' });
await cp(here('core.d.ts'), join(out, 'types/core.d.ts'));
await cp(here('core-without-wasm.d.ts'), join(out, 'types/core-without-wasm.d.ts'));

/**
 * Returns Emscripten's script without the parts for other kinds of modules, and for finding files beside itself.
 * @param {string} path
 */
async function asClassicScript(path) {
  const absent = Object.fromEntries(['define', 'document', 'exports', 'module'].map((name) => [name, 'undefined']));
  const { code } = await transform(await readFile(path, 'utf8'), { minify: true, target: 'es2022', define: absent });
  return code;
}

/** Returns Emscripten's script with the wasm in it. @returns {Promise<string>} */
async function selfContainedCore() {
  const script = await asClassicScript(corePath);
  const wasm = withoutErrorTexts(await readFile(corePath.replace(/\.js$/, '.wasm')));
  const wrapped = `createCoreModule = ((create, text, bytesOf) => () => create({ wasmBinary: bytesOf(text) }))(createCoreModule, ${wasmLiteral(wasm)}, ${bytesOfText});`;
  return `${script.replace(IMPOSSIBLE, '""').trim()}\n${wrapped}\n`;
}

/**
 * Puts the matcher into the file of the core. It imports the core as if from another file; bundlers would warn of that.
 */
async function matcherBesideCore() {
  const PLAIN = 'import(new URL("./core-without-wasm.js",import.meta.url).href)';
  const matcher = await bundle('refresh/matcher.js', 'esm');
  if (!matcher.includes(PLAIN)) throw new Error('refresh/matcher.js no longer imports the plain core');
  return (
    matcher
      .replace('await import("./core.js")', '{default:createCoreModule}')
      // This comment keeps webpack from a warning. esbuild would drop it, so it is added here.
      .replace(PLAIN, PLAIN.replace('(', '(/* webpackIgnore: true */'))
  );
}

/**
 * Replaces texts that nobody reads by zeros, which compress better: the faults that nlohmann's lexer names, and
 * embind's names of types that we do not use. They are 3 kB. Each is a whole text, since none is the end of another
 * text of the module.
 * @param {Buffer} wasm
 */
function withoutErrorTexts(wasm) {
  const latin1 = wasm.toString('latin1');
  return Buffer.from(
    latin1.replace(/(invalid (string: |number|literal|BOM)|emscripten::|std::)[^\0]*/g, (text) =>
      '\0'.repeat(text.length),
    ),
    'latin1',
  );
}

/** Returns package.json as users see it. @returns {Promise<string>} */
async function published() {
  const {
    devDependencies,
    overrides,
    private: _,
    scripts,
    ...rest
  } = JSON.parse(await readFile(here('package.json'), 'utf8'));
  return `${JSON.stringify(rest, null, 2)}\n`;
}
