// npx auth-service-worker, as it is shipped.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { PACKAGE_FOLDER } from './package.mjs';

const { bin, version } = JSON.parse(await readFile(`${PACKAGE_FOLDER}package.json`, 'utf8'));

/**
 * Runs the command in the test's folder.
 * @param {string[]} flags of Node.js
 * @param {string[]} words
 * @returns {Promise<{code: number, out: string, err: string}>}
 */
const runWith = (flags, ...words) =>
  new Promise((resolve) => {
    execFile(process.execPath, [...flags, join(PACKAGE_FOLDER, bin), ...words], { cwd: folder }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
const run = (/** @type {string[]} */ ...words) => runWith([], ...words);

/** @type {string} */
let folder;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'auth-service-worker-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('init', () => {
  const sameAs = async (/** @type {string} */ name, /** @type {string} */ packaged) =>
    assert.ok((await readFile(join(folder, name))).equals(await readFile(join(PACKAGE_FOLDER, packaged))), name);

  test('copies the worker, and says what comes next', async () => {
    const { code, out, err } = await run('init', folder);
    assert.deepEqual([code, err], [0, '']);
    assert.deepEqual((await readdir(folder)).sort(), ['auth-core-without-wasm.js', 'auth-service-worker.js']);
    for (const name of await readdir(folder)) await sameAs(name, name);
    assert.match(out, /auth-service-worker\.js/);
    assert.match(out, /registerAuthServiceWorker\(\{\n {6}tokens: /);
  });

  test('--split: all that the split worker loads', async () => {
    assert.equal((await run('init', '--split', folder)).code, 0);
    assert.deepEqual((await readdir(folder)).sort(), (await readdir(join(PACKAGE_FOLDER, 'split'))).sort());
    for (const name of await readdir(folder)) await sameAs(name, `split/${name}`);
  });

  test('over an older one', async () => {
    await writeFile(join(folder, 'auth-service-worker.js'), 'old');
    assert.equal((await run('init', folder)).code, 0);
    await sameAs('auth-service-worker.js', 'auth-service-worker.js');
  });

  test('from a package that is read-only, as in some stores: the copies are not', async () => {
    const store = join(folder, 'store');
    await mkdir(join(folder, 'public'));
    await cp(PACKAGE_FOLDER, store, { recursive: true });
    await chmod(join(store, 'auth-service-worker.js'), 0o444);
    execFileSync(process.execPath, [join(store, bin), 'init', join(folder, 'public')]);
    const { mode } = await stat(join(folder, 'public/auth-service-worker.js'));
    assert.equal(mode & 0o200, 0o200);
  });

  for (const [name, words, error] of /** @type {[string, string[], RegExp][]} */ ([
    ['no folder', ['init'], /needs a folder/],
    ['a folder that is not there', ['init', '/no/such/folder'], /^There is no folder \/no\/such\/folder\./],
    ['a file', ['init', fileURLToPath(import.meta.url)], /is not a folder\./],
    ['a folder that takes no files', ['init', '/proc'], /^could not write \/proc\/auth-service-worker\.js: /],
    ['two folders', ['init', '/tmp', '/tmp'], /^There are too many words: \/tmp \/tmp\n\nnpx .* init \[FOLDER\]/],
    ['a command that there is not', ['inti'], /^There is no command inti\.\n\nnpx/],
    [
      'an unknown flag',
      ['init', '/tmp', '--spilt'],
      /^Unknown option '--spilt'.*\n\nnpx auth-service-worker init \[FOLDER\]/,
    ],
    ['--save without a package.json', ['init', '.', '--save'], /^--save needs a package\.json here\./],
  ])) {
    test(`${name}: an error that says so`, async () => {
      const { code, out, err } = await run(...words);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, error);
      assert.doesNotMatch(err, /^ +at /m);
    });
  }
});

describe('early --path', () => {
  test('takes one token out of other JSON', async () => {
    const { code, out } = await run(
      'early',
      '--storage-key',
      'oidc',
      '--path',
      'user.access_token',
      '--realm',
      'https://realm.example/</script>',
    );
    assert.equal(code, 0);
    assert.doesNotMatch(out, /<\/script>/);
    /** @type {object[]} */
    const pushed = [];
    const worker = {
      scriptURL: 'https://app.example/auth-service-worker.js',
      postMessage: (/** @type {object} */ message) => pushed.push(message),
    };
    runInNewContext(out, {
      navigator: { serviceWorker: { controller: worker, addEventListener() {}, startMessages() {} } },
      localStorage: {
        getItem: (/** @type {string} */ key) => (key === 'oidc' ? '{"user":{"access_token":"jwt-1"}}' : null),
      },
      location: { href: 'https://app.example/' },
      document: {},
      performance,
      URL,
      addEventListener() {},
      setTimeout() {},
    });
    assert.deepEqual(JSON.parse(JSON.stringify(pushed)), [
      { type: 'set-realm-token', realmURL: 'https://realm.example/</script>', token: 'jwt-1' },
    ]);
  });

  test('without --realm: an error that says so', async () => {
    const { code, err } = await run('early', '--path', 'access_token');
    assert.deepEqual(
      [code, err],
      [1, '--path and --realm belong together: where the token is, and which realm it is for.\n'],
    );
  });
});

describe('init --save', () => {
  const manifest = '{\n\t"name": "an-app"\n}\n';
  beforeEach(async () => {
    await mkdir(join(folder, 'public'));
    await writeFile(join(folder, 'package.json'), manifest);
  });

  test('keeps folder and flags in package.json, as the file is indented', async () => {
    assert.equal((await run('init', 'public', '--page', '--save')).code, 0);
    assert.equal(
      await readFile(join(folder, 'package.json'), 'utf8'),
      '{\n\t"name": "an-app",\n\t"auth-service-worker": {\n\t\t"folder": "public",\n\t\t"page": true\n\t}\n}\n',
    );
  });

  test('then init alone copies the same, and init --check looks at the same', async () => {
    await run('init', 'public', '--page', '--save');
    await rm(join(folder, 'public/page.js'));
    const { code, err } = await run('init', '--check');
    assert.deepEqual([code, err], [1, 'public/page.js is missing. Run: npx auth-service-worker init public --page\n']);
    const again = await run('init');
    assert.equal(again.code, 0);
    assert.match(again.out, /^Copied to public: [^\n]+\n$/);
    assert.equal((await run('init', '--check')).code, 0);
  });

  test('reads a package.json with a byte order mark, as npm does, and writes it without', async () => {
    await writeFile(join(folder, 'package.json'), `\uFEFF${manifest}`);
    assert.equal((await run('init', 'public', '--save')).code, 0);
    assert.equal(
      await readFile(join(folder, 'package.json'), 'utf8'),
      '{\n\t"name": "an-app",\n\t"auth-service-worker": {\n\t\t"folder": "public"\n\t}\n}\n',
    );
  });

  test('on Windows, keeps the folder with slashes: other systems read no backslashes', async () => {
    await mkdir(join(folder, 'web\\public'));
    await writeFile(
      join(folder, 'windows.mjs'),
      "import path from 'node:path'; import { syncBuiltinESMExports } from 'node:module'; path.sep = '\\\\'; syncBuiltinESMExports();",
    );
    const { code } = await runWith(['--import', './windows.mjs'], 'init', 'web\\public', '--save');
    assert.equal(code, 0);
    const { 'auth-service-worker': saved } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    assert.deepEqual(saved, { folder: 'web/public' });
  });

  test('without it package.json stays as it is', async () => {
    await run('init', 'public');
    assert.equal(await readFile(join(folder, 'package.json'), 'utf8'), manifest);
  });
});

describe('init --check', () => {
  const fileOfVersion = async (/** @type {string} */ other) => {
    const text = await readFile(join(PACKAGE_FOLDER, 'auth-service-worker.js'), 'latin1');
    await writeFile(
      join(folder, 'auth-service-worker.js'),
      text.replace(`auth-service-worker ${version}`, other),
      'latin1',
    );
  };

  test('the files of this package: no complaint, and nothing is copied', async () => {
    await run('init', '.');
    const { code, out, err } = await run('init', '.', '--check');
    assert.deepEqual([code, out, err], [0, `The files in . are those of version ${version}.\n`, '']);
  });

  test('the command that helps has quotes around a folder with a space', async () => {
    await mkdir(join(folder, 'my site'));
    const { err } = await run('init', 'my site', '--page', '--check');
    assert.equal(
      err,
      'my site/auth-service-worker.js is missing. Run: npx auth-service-worker init "my site" --page\n',
    );
  });

  for (const [name, prepare, fault] of /** @type {[string, () => unknown, string][]} */ ([
    ['no file', () => {}, 'is missing'],
    [
      'a file of another version',
      () => fileOfVersion('auth-service-worker 0.0.1'),
      `is of version 0.0.1, and version ${version} is installed`,
    ],
    [
      'a file that was changed',
      () => fileOfVersion('auth-service-worker'),
      `differs from that of the installed version ${version}`,
    ],
  ])) {
    test(`${name}: fails, and says which command helps`, async () => {
      await prepare();
      const { code, out, err } = await run('init', '.', '--check');
      assert.deepEqual(
        [code, out, err],
        [1, '', `auth-service-worker.js ${fault}. Run: npx auth-service-worker init .\n`],
      );
    });
  }
});

test('init --page: a page without a bundler imports what is there', async () => {
  assert.equal((await run('init', '.', '--page')).code, 0);
  const { isServiceWorkerSupported } = await import(pathToFileURL(join(folder, 'page.js')).href);
  assert.equal(isServiceWorkerSupported(), false);
  for (const [, name] of (await readFile(join(folder, 'page.js'), 'utf8')).matchAll(/["'`]\.\/([\w-]+\.js)["'`]/g)) {
    assert.ok((await readdir(folder)).includes(name), name);
  }
});

describe('the worker file', () => {
  test('says what it is', async () => {
    for (const name of ['auth-service-worker.js', 'split/auth-service-worker.js', 'split/auth-core.js']) {
      const [first, second] = (await readFile(join(PACKAGE_FOLDER, name), 'utf8')).split('\n', 2);
      assert.equal(
        first,
        `/*! auth-service-worker ${version}, MIT License. Copied by: npx auth-service-worker init */`,
      );
      assert.equal(second, '/* eslint-disable */');
    }
  });

  test('tells the version of package.json on the wire', async () => {
    for (const name of ['auth-service-worker.js', 'page.js'])
      assert.ok((await readFile(join(PACKAGE_FOLDER, name), 'utf8')).includes(`"${version}"`));
  });
});

test('--version', async () => {
  assert.equal((await run('--version')).out, `${version}\n`);
});

describe('early', () => {
  test('prints the script, and nothing after it', async () => {
    assert.equal((await run('early')).out, await readFile(`${PACKAGE_FOLDER}early.js`, 'utf8'));
  });

  test('--hash: what a Content-Security-Policy wants of it', async () => {
    const { out } = await run('early');
    assert.equal((await run('early', '--hash')).out, `'sha256-${createHash('sha256').update(out).digest('base64')}'\n`);
  });

  test('--storage-key: reads that one, and cannot end the script element', async () => {
    const { out } = await run('early', '--storage-key', 'my "</script>key"');
    assert.ok(!out.includes('</script'));
    /** @type {string[]} */
    const keys = [];
    const container = {
      controller: { scriptURL: 'https://app.example/auth-service-worker.js' },
      addEventListener: () => {},
      startMessages: () => {},
    };
    const storage = { getItem: (/** @type {string} */ key) => void keys.push(key) };
    const app = new URL('https://app.example/');
    new Function('navigator', 'document', 'localStorage', 'location', out)(
      { serviceWorker: container },
      {},
      storage,
      app,
    );
    assert.deepEqual(keys, ['my "</script>key"']);
    const { out: hash } = await run('early', '--storage-key', 'my "</script>key"', '--hash');
    assert.equal(hash, `'sha256-${createHash('sha256').update(out).digest('base64')}'\n`);
  });
});

test('nothing, or something else: the usage', async () => {
  for (const words of [[], ['install']]) {
    const { code, err } = await run(...words);
    assert.equal(code, 1);
    assert.match(err, /init \[FOLDER\] .*early/s);
  }
  const { code, out } = await run('--help');
  assert.equal(code, 0);
  assert.match(out, /init \[FOLDER\] .*early/s);
});
