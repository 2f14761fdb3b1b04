// Finds out which images of the open demo page really show, without asking the page's own code.

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Frame} Frame */
/** @typedef {import('./realm-server.mjs').LogEntry} LogEntry */

// While backgrounds are checked, only an image may put colour into its frame.
const plainFrames = '.frame { background: none !important } .frame > * { visibility: visible !important }';

/** @param {Frame} frame */
const figuresOf = (frame) =>
  frame.$$eval('figure[data-path]', (figures) =>
    figures.map((figure) => {
      const image = figure.querySelector('img');
      const video = figure.querySelector('video');
      const box = /** @type {HTMLElement | null} */ (figure.querySelector('.background'));
      const { x, y, width, height } = (box ?? figure).getBoundingClientRect();
      return {
        path: figure.getAttribute('data-path') ?? '',
        badge: figure.querySelector('.badge')?.textContent ?? '',
        loaded: image
          ? image.complete && image.naturalWidth > 0
          : video
            ? video.readyState >= 2 && video.videoWidth > 0
            : false,
        background: box && {
          url: box.style.backgroundImage.slice(5, -2),
          area: { x: x + scrollX, y: y + scrollY, width, height },
        },
      };
    }),
  );

/**
 * Tells for each area of a screenshot whether it has more than one colour.
 * @param {Page} page @param {Buffer} screenshot @param {{x: number, y: number, width: number, height: number}[]} areas
 * @returns {Promise<boolean[]>}
 */
const painted = (page, screenshot, areas) =>
  page.evaluate(
    async ({ base64, rectangles }) => {
      const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      return rectangles.map(({ x, y, width, height }) => {
        const canvas = new OffscreenCanvas(Math.floor(width) - 4, Math.floor(height) - 4);
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
        context.drawImage(bitmap, -Math.ceil(x) - 2, -Math.ceil(y) - 2);
        const reds = context.getImageData(0, 0, canvas.width, canvas.height).data.filter((_, index) => index % 4 === 0);
        const sorted = reds.sort();
        return sorted[sorted.length - 1] - sorted[0] > 40;
      });
    },
    { base64: screenshot.toString('base64'), rectangles: areas },
  );

/**
 * @param {Page} page @param {'with' | 'without'} side @param {LogEntry[]} log of the realm server
 * @returns {Promise<{shown: Set<string>, wrongBadges: string[]}>} paths
 */
export async function imagesShown(page, side, log) {
  const frame = side === 'with' ? page.mainFrame() : page.frames().find((one) => one.url().endsWith('/without/'));
  if (!frame) throw new Error('the page has no frame without the worker');
  const offset =
    side === 'with'
      ? { x: 0, y: 0 }
      : await page.$eval('#without', (element) => {
          const { x, y } = element.getBoundingClientRect();
          return { x: x + scrollX, y: y + scrollY };
        });
  const screenshot = await page.screenshot({ fullPage: true, style: plainFrames });
  const figures = await figuresOf(frame);
  const backgrounds = figures.flatMap(({ background }) => background ?? []);
  const areas = backgrounds.map(({ area }) => ({ ...area, x: area.x + offset.x, y: area.y + offset.y }));
  const paint = await painted(page, screenshot, areas);

  /** @type {Set<string>} */
  const shown = new Set();
  /** @type {string[]} */
  const wrongBadges = [];
  for (const { path, badge, loaded, background } of figures) {
    const hasResponse =
      background &&
      log.some(({ method, url, status }) => method === 'GET' && status === 200 && background.url.endsWith(url));
    const shows = background ? Boolean(hasResponse) && paint[backgrounds.indexOf(background)] : loaded;
    if (shows) shown.add(path);
    if (badge !== (shows ? 'shown' : 'broken')) wrongBadges.push(`${path} says "${badge}"`);
  }
  return { shown, wrongBadges };
}
