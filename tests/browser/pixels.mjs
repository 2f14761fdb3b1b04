/** @typedef {[red: number, green: number, blue: number]} Colour */

/**
 * Returns the colours that a tab shows at some points.
 * @param {import('./launcher.mjs').Tab} tab
 * @param {[x: number, y: number][]} points in parts of the width and height
 * @returns {Promise<Colour[]>}
 */
export async function coloursIn(tab, points) {
  const screenshot = await tab.screenshot();
  return tab.evaluate(
    async (base64, points) => {
      const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.drawImage(bitmap, 0, 0);
      return points.map((/** @type {[number, number]} */ [x, y]) => [
        ...context.getImageData(x * bitmap.width, y * bitmap.height, 1, 1).data.slice(0, 3),
      ]);
    },
    screenshot.toString('base64'),
    points,
  );
}

/** Returns the colour in the middle. @param {import('./launcher.mjs').Tab} tab */
export const colourIn = async (tab) => (await coloursIn(tab, [[0.5, 0.5]]))[0];
