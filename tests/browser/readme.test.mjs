// The documentation, followed word by word in a folder of its own, with the package as npm would install it.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'node:test';
import { storeTokens, workerStats } from './in-page.mjs';
import { packageFolder } from './servers.mjs';
import { openApp, test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

const IMAGE = '<img src="https://realm.example/photos/cat.png">';

/** The one block of a file that is fenced with these words. @param {string} markdown @param {string} fence */
function blockOf(markdown, fence) {
  const blocks = [...markdown.matchAll(new RegExp(`^\`\`\`${fence}\\n(.*?)^\`\`\`$`, 'gms'))];
  assert.equal(blocks.length, 1, `no single block "${fence}"`);
  return blocks[0][1];
}

/**
 * An app's folder in which the commands of a file were run.
 * @param {import('./story.mjs').Cleanup} t
 * @param {string} markdown
 * @returns {Promise<string>} `public` in it is what the site serves
 */
async function followed(t, markdown) {
  const [, words] =
    /^npx auth-service-worker (init public[\w -]*?) *(#|$)/m.exec(markdown) ?? assert.fail('init public is not told');
  const app = await mkdtemp(join(tmpdir(), 'auth-service-worker-'));
  t.after(() => rm(app, { recursive: true, force: true }));
  await mkdir(join(app, 'public'));
  await mkdir(join(app, 'node_modules'));
  await symlink(packageFolder, join(app, 'node_modules/auth-service-worker'));
  const bin = join(app, 'node_modules/auth-service-worker/bin.js');
  execFileSync(process.execPath, [bin, ...words.split(' ')], { cwd: app, stdio: ['ignore', 'ignore', 'inherit'] });
  return app;
}

describe('Followed word by word', () => {
  const browser = useBrowser();

  /** @param {import('./story.mjs').Cleanup} t @param {string} app @param {string} html */
  async function showsItsImages(t, app, html) {
    const files = await Promise.all(
      (await readdir(join(app, 'public'))).map(async (name) => ({
        name,
        body: await readFile(join(app, 'public', name)),
      })),
    );
    const {
      app: site,
      realms,
      log,
      tab,
    } = await openApp(t, browser, {
      realms: { '/': { token: 'readme-token' } },
      // The folder has all that is served. Whatever server the example names, here it is this one.
      served: { withheld: await readdir(packageFolder) },
      page: (realmOrigin) => ({
        '/': html.replaceAll('https://realm.example', realmOrigin),
        ...Object.fromEntries(
          files.map(({ name, body }) => [`/${name}`, { status: 200, type: 'text/javascript', body }]),
        ),
      }),
    });
    await tab.evaluate(storeTokens, { [`${realms.origin}/photos/`]: 'readme-token' }, 'tokens');
    // The visit on which the page pushes its tokens, and then one with the worker warm from the start.
    await tab.goto(site.origin);
    await tab.evaluate(workerStats);
    log.entries.length = 0;
    await tab.goto(site.origin);
    await until('all images of the example', () =>
      tab.evaluate(
        () => [...document.images].length > 0 && [...document.images].every(({ naturalWidth }) => naturalWidth > 0),
      ),
    );
    assert.equal(log.authorizationsOf('/photos/cat.png').at(-1), 'Bearer readme-token');
  }

  test('README.md, with a bundler', async (t) => {
    const markdown = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const app = await followed(t, markdown);
    await writeFile(join(app, 'app.js'), blockOf(markdown, 'js example'));
    assert.ok(markdown.includes(IMAGE));
    await build({
      absWorkingDir: app,
      entryPoints: ['app.js'],
      outdir: 'public',
      bundle: true,
      splitting: true,
      format: 'esm',
      logLevel: 'error',
    });
    await showsItsImages(t, app, `<!doctype html><script type="module" src="/app.js"></script>${IMAGE}`);
  });

  test('web/guide/no-bundler.md', async (t) => {
    const markdown = await readFile(new URL('../../web/guide/no-bundler.md', import.meta.url), 'utf8');
    await showsItsImages(t, await followed(t, markdown), blockOf(markdown, 'html example'));
  });
});
