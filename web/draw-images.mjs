// Makes the JPEG and WebP files of pictures/ anew, with a browser's encoders. Run it by hand after a change of
// drawings.js. The files are committed, since the demo must start without this step.
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { chromiumOptions } from './chromium-options.mjs';
import { videoFrames } from './realm-images.mjs';

const folder = new URL('./pictures/', import.meta.url);
const browser = await chromium.launch(chromiumOptions());
try {
  const page = await browser.newPage();
  const source = await readFile(new URL('./drawings.js', import.meta.url), 'utf8');
  await page.addScriptTag({ type: 'module', content: `${source}\nglobalThis.draw = draw;` });
  await page.waitForFunction('globalThis.draw');

  /** @param {string} file @param {unknown[]} request what drawings.js' draw() takes */
  const save = async (file, request) => {
    const dataURL = /** @type {string} */ (await page.evaluate(`draw(...${JSON.stringify(request)})`));
    const bytes = Buffer.from(dataURL.slice(dataURL.indexOf(',') + 1), 'base64');
    await writeFile(new URL(file, folder), bytes);
    console.log(`${file} ${(bytes.length / 1000).toFixed(1)} kB`);
  };

  for (const name of ['dunes', 'meadow', 'night']) {
    await save(`${name}.jpg`, [name, 800, 500, 'image/jpeg', 0.78]);
  }
  for (let frame = 0; frame < videoFrames; frame++) {
    const file = `tide-${String(frame).padStart(2, '0')}.webp`;
    await save(file, ['tide', 640, 360, 'image/webp', 0.75, frame / videoFrames]);
  }
} finally {
  await browser.close();
}
