import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { askCount, shownWidths, showImage } from './in-page.mjs';
import { colourIn } from './pixels.mjs';
import { openWarmApp, test, useBrowser, useStory } from './story.mjs';
import { until } from './until.mjs';

describe('An app that has pushed its token shows protected', () => {
  const browser = useBrowser();

  for (const worker of /** @type {const} */ (['split', 'self-contained'])) {
    test(`images, with the ${worker} worker`, async (t) => {
      const { realms, log, tab } = await openWarmApp(t, browser, { worker });
      const widths = await tab.evaluate(shownWidths, [`${realms.origin}/r/a.png`, `${realms.origin}/r/b/c.png?large`]);
      assert.deepEqual(widths, [64, 64]);
      assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer r-token']);
      assert.deepEqual(log.authorizationsOf('/r/b/c.png'), ['Bearer r-token']);
      assert.equal(await tab.evaluate(askCount), 0);
    });
  }

  const scene = useStory((t) => openWarmApp(t, browser));

  test('images of srcset and <picture>, the one that fits only', async () => {
    const { realms, log, tab } = scene;
    await tab.evaluate((realm) => {
      document.body.innerHTML = `
        <img srcset="${realm}small.png 400w, ${realm}large.png 4000w" sizes="200px">
        <picture>
          <source media="(min-width: 100000px)" srcset="${realm}wall.png">
          <img src="${realm}screen.png">
        </picture>`;
    }, `${realms.origin}/r/`);
    await until('both images', () =>
      tab.evaluate(() => [...document.images].every(({ naturalWidth }) => naturalWidth > 0)),
    );
    assert.deepEqual(log.authorizationsOf('/r/small.png'), ['Bearer r-token']);
    assert.deepEqual(log.authorizationsOf('/r/screen.png'), ['Bearer r-token']);
    assert.deepEqual([...log.of('/r/large.png'), ...log.of('/r/wall.png')], []);
  });

  test('lazy images, when they come into view', async () => {
    const { realms, log, tab } = scene;
    await tab.evaluate((url) => {
      document.body.innerHTML = `<div style="height: 20000px"></div><img loading="lazy" width="64" height="40" src="${url}">`;
    }, `${realms.origin}/r/lazy.png`);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/eager.png`), true);
    assert.deepEqual(log.of('/r/lazy.png'), []);
    await tab.evaluate(() => document.images[0].scrollIntoView());
    await until('the lazy image', () => tab.evaluate(() => document.images[0].naturalWidth > 0));
    assert.deepEqual(log.authorizationsOf('/r/lazy.png'), ['Bearer r-token']);
  });

  test('CSS backgrounds', async () => {
    const { realms, log, tab } = scene;
    await tab.evaluate((url) => {
      document.body.style.cssText = `margin: 0; height: 100vh; background: white url("${url}") 0 0 / 100% 100%`;
    }, `${realms.origin}/r/wall.png`);
    await until('the background', async () => {
      const [red, green, blue] = await colourIn(tab);
      return red + green + blue < 3 * 200;
    });
    assert.deepEqual(log.authorizationsOf('/r/wall.png'), ['Bearer r-token']);
  });

  test('resources to fetch() and HEAD', async () => {
    const { realms, log, tab } = scene;
    const get = await tab.evaluate(async (url) => (await fetch(url)).status, `${realms.origin}/r/data.json`);
    const head = await tab.evaluate(
      async (url) => (await fetch(url, { method: 'HEAD' })).status,
      `${realms.origin}/r/head.png`,
    );
    assert.deepEqual([get, head], [200, 200]);
    assert.deepEqual(log.authorizationsOf('/r/data.json'), ['Bearer r-token']);
    assert.deepEqual(
      log.of('/r/head.png').map(({ method, authorization }) => [method, authorization]),
      [['HEAD', 'Bearer r-token']],
    );
  });
});
