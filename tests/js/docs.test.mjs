// What the Markdown files say of the code, as far as a test can tell.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { access, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as inspect from '../../js/inspect/index.js';
import * as elements from '../../js/elements/index.js';
import * as page from '../../js/page/index.js';
import * as protocol from '../../js/protocol.js';
import { scenarios } from '../browser/scenarios/scenario.mjs';
import { fieldsOf } from './wire.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (/** @type {string} */ path) => readFile(join(ROOT, path), 'utf8');

const core = await read('cpp/README.md');
const js = await read('js/README.md');

/** @param {string} text @param {string[]} names */
const missing = (text, names) => names.filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text));

/** @param {string} source @param {string} start of a typedef @returns {string[]} the names of its properties */
function propertiesOf(source, start) {
  const comment = source.slice(source.indexOf(start)).split('*/', 1)[0];
  const names = [...comment.matchAll(/@property \{.*?\} \[?(\w+)\]?/gs)].map(([, name]) => name);
  assert.notEqual(names.length, 0, `no properties after "${start}"`);
  return names;
}

describe('js/README.md names', () => {
  test('every message type and every field of version 2', () => {
    const types = Object.values(protocol).filter((value) => typeof value === 'string');
    const fields = Object.values(protocol).flatMap(fieldsOf);
    assert.ok(fields.includes('publicRealms'));
    const names = [...types.filter((type) => type !== protocol.BUILD), ...fields];
    assert.deepEqual(missing(js, names), []);
  });

  test('every export', () => {
    assert.deepEqual(
      missing(js, [...Object.keys(page), ...Object.keys(elements), ...Object.keys(inspect), 'mountPanel']),
      [],
    );
  });

  test('every option of the page', async () => {
    const source = await read('js/page/options.js');
    const names = ['@typedef {object} FlatOptions', '@typedef {object} Services'].flatMap((start) =>
      propertiesOf(source, start),
    );
    assert.deepEqual(missing(js, names), []);
  });

  test('every option of the worker', async () => {
    const sources = await Promise.all(
      (await readdir(join(ROOT, 'js/worker'))).map((name) => read(`js/worker/${name}`).catch(() => '')),
    );
    const start = '@typedef {object} Options\n';
    const [source, ...others] = sources.filter((text) => text.includes(start));
    assert.deepEqual(others, []);
    assert.deepEqual(missing(js, propertiesOf(source, start)), []);
  });

  test('every entry of the package', async () => {
    const { exports } = JSON.parse(await read('js/package.json'));
    const entries = Object.keys(exports).filter((entry) => !['.', './package.json'].includes(entry));
    assert.deepEqual(
      missing(
        js,
        entries.map((entry) => entry.replace(/^\./, 'auth-service-worker').replace('/*', '')),
      ),
      [],
    );
  });
});

describe('cpp/README.md names', () => {
  test('every order', async () => {
    const source = (await read('cpp/base/step.h')).replace(/\/\/.*/g, '');
    const [, values] = /AUTH_NAMED_ENUM\(\s*OrderKind, Camel,([^)]*)\)/.exec(source) ?? [];
    const names = values.split(',').map((value) => value.trim().replace(/^./, (letter) => letter.toLowerCase()));
    assert.ok(names.length > 10);
    assert.deepEqual(missing(core, names), []);
  });

  test('all limits and timeouts with their values', async () => {
    const source = (await read('cpp/base/size_limits.h')) + (await read('cpp/base/timeouts.h'));
    const valuesIn = (/** @type {string} */ text, /** @type {RegExp} */ line) =>
      Object.fromEntries([...text.matchAll(line)].map(([, name, value]) => [name, number(value)]));
    const defined = valuesIn(source, /constexpr \S+ (k\w+) =\s+([^;]+);/g);
    assert.ok(Object.keys(defined).length > 20);
    assert.deepEqual(valuesIn(core, /^\| `(k\w+)` \| ([^|]+) \|/gm), defined);
  });
});

/** @type {Record<string, number>} */
const UNITS = { '': 1, ms: 1, s: 1000, min: 60_000, bytes: 1, KiB: 1024, MiB: 1024 ** 2 };

/** @param {string} text C++: `5 * 60'000`; prose: `5 min` */
function number(text) {
  const [, digits, unit] = /^([\d\s*',]+?) ?([A-Za-z]*)$/.exec(text.trim()) ?? assert.fail(text);
  return digits
    .replace(/[',]/g, '')
    .split('*')
    .reduce((product, factor) => product * Number(factor), UNITS[unit]);
}

/** The Markdown files in a folder. Not of what other tests build meanwhile. @param {string} folder @returns {Promise<string[]>} */
async function markdownIn(folder) {
  const found = (await readdir(join(ROOT, folder), { withFileTypes: true })).map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['.git', 'build', 'node_modules'].includes(entry.name) ? [] : markdownIn(path);
    return path.endsWith('.md') ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

const files = await markdownIn('.');

test('every JavaScript block is valid and imports only what the package exports', async (t) => {
  const app = await mkdtemp(join(tmpdir(), 'auth-service-worker-'));
  t.after(() => rm(app, { recursive: true, force: true }));
  await mkdir(join(app, 'node_modules'));
  await symlink(join(ROOT, 'build/wasm/package'), join(app, 'node_modules/auth-service-worker'));
  let count = 0;
  for (const file of files) {
    for (const [, , contents] of (await read(file)).matchAll(/^```js( [^\n]*)?\n(.*?)^```$/gms)) {
      count++;
      const { errors, warnings } = await build({
        stdin: { contents, resolveDir: app, sourcefile: file },
        bundle: true,
        preserveSymlinks: true,
        format: 'esm',
        outdir: app,
        write: false,
        logLevel: 'silent',
        external: [
          'node:*',
          '$app/paths',
          '@embroider/macros',
          'ember-window-mock',
          'leaflet',
          'maplibre-gl',
          'oidc-client-ts',
          'react',
          'vite',
        ],
      }).catch((/** @type {import('esbuild').BuildFailure} */ failure) => failure);
      // The translated core of the package is a script that runs everywhere: that is not the block's fault.
      const ofBlock = [...errors, ...warnings].filter(({ location }) => !location?.file.includes('node_modules/'));
      assert.deepEqual(
        ofBlock.map(({ text }) => text),
        [],
        `${file}:\n${contents}`,
      );
    }
  }
  assert.ok(count > 5);
});

test('the table of tests/browser/README.md has a row for each scenario and its pages, and no others', async () => {
  const [, table] = (await read('tests/browser/README.md')).split(/^\|---\|---\|---\|---\|---\|$/m);
  const rows = table.trim().split(/\n\n/)[0].split('\n');
  assert.deepEqual(
    rows.map((row) => row.split(' | ').slice(0, 2).join(' | ').replace('| ', '')),
    scenarios.flatMap(({ name, pages = [1, 2] }) => pages.map((page) => `${name} | ${page}`)),
  );
});

test('links between Markdown files lead somewhere', async () => {
  const broken = [];
  for (const file of files) {
    for (const [, target] of withoutCode(await read(file)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = target.split('#');
      const to = path ? relative(ROOT, resolve(ROOT, dirname(file), path)) : file;
      const isThere = await access(join(ROOT, to)).then(
        () => true,
        () => false,
      );
      if (!isThere || (anchor && !anchorsOf(await read(to)).includes(anchor))) broken.push(`${file}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('the guide page of each example shows its screenshot, which web/examples/take-screenshots.mjs takes', async () => {
  const table = await read('web/examples/README.md');
  const rows = [...table.matchAll(/^\| \[(\w+)\].*\]\(\.\.\/guide\/([\w-]+\.md)/gm)];
  const folders = (await readdir(join(ROOT, 'web/examples'), { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && entry.name !== 'node_modules',
  );
  assert.deepEqual(rows.map(([, name]) => name).sort(), folders.map(({ name }) => name).sort());
  for (const [, name, page] of rows) {
    assert.ok(
      (await read(`web/guide/${page}`)).includes(`](pictures/${name}.webp)`),
      `${page} has no screenshot of ${name}`,
    );
    const { size } = await stat(join(ROOT, `web/guide/pictures/${name}.webp`));
    assert.ok(size > 1000 && size < 20_000, `${name}.webp has ${size} bytes`);
  }
});

test('the example of Boxel has the file of its guide page', async () => {
  const [, shim] = /^```ts shim\n(.*?)^```$/ms.exec(await read('web/guide/boxel.md')) ?? [];
  assert.equal(await read('web/examples/boxel/auth-service-worker-registration.ts'), shim);
});

/** @param {string} markdown */
const withoutCode = (markdown) => markdown.replace(/^```.*?^```$/gms, '');

/** Makes the anchors of headings as GitHub does. @param {string} markdown */
const anchorsOf = (markdown) =>
  [...withoutCode(markdown).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
