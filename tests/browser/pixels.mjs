/**
 * The colour in the middle of what a tab shows.
 * @param {import('./launcher.mjs').Tab} tab
 * @returns {Promise<[red: number, green: number, blue: number]>}
 */
export async function colourIn(tab) {
  const screenshot = await tab.screenshot();
  return tab.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(1, 1);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  }, screenshot.toString('base64'));
}
