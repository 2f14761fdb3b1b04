import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { storeTokens, workerStats } from './in-page.mjs';
import { openApp, useBrowser } from './story.mjs';
import { until } from './until.mjs';

/** The page in the section "Adopt it": its one block fenced as `html example`. @param {string} readme */
function exampleOf(readme) {
  const [, section] = /^## Adopt it$(.*?)(?=^## |$(?![^]))/ms.exec(readme) ?? [];
  const examples = [...(section ?? '').matchAll(/^```html example\n(.*?)^```$/gms)];
  assert.equal(examples.length, 1, 'README.md has no single `html example` below "## Adopt it"');
  return examples[0][1];
}

describe('The example of the README', () => {
  const browser = useBrowser();

  test('shows its pictures to who is logged in', async (t) => {
    const example = exampleOf(await readFile(new URL('../../README.md', import.meta.url), 'utf8'));
    const { app, realms, log, tab } = await openApp(t, browser, {
      worker: 'self-contained',
      realms: { '/': { token: 'readme-token' } },
      // Whatever server the example names, here it is this one.
      page: (realmOrigin) => example.replace(/https?:\/\/[\w.-]+(:\d+)?/g, realmOrigin),
    });
    const [, key] = /localStorage\.getItem\('([^']+)'\)/.exec(example) ?? [];
    await tab.evaluate(storeTokens, { [`${realms.origin}/`]: 'readme-token' }, key);
    // The visit on which the page pushes its tokens, and then one with the worker warm from the start.
    await tab.goto(app.origin);
    await tab.evaluate(workerStats);
    log.entries.length = 0;
    await tab.goto(app.origin);

    /** @type {string[]} */
    const pictures = await until('all pictures of the example', () =>
      tab.evaluate(() => {
        const images = [...document.images];
        return images.every(({ naturalWidth }) => naturalWidth > 0) && images.map(({ currentSrc }) => currentSrc);
      }));
    const paths = pictures.filter((url) => url.startsWith(realms.origin)).map((url) => new URL(url).pathname);
    assert.notEqual(paths.length, 0, 'the example shows no picture of another origin');
    for (const path of paths) assert.equal(log.authorizationsOf(path).at(-1), 'Bearer readme-token');
  });
});
