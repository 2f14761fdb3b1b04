// Functions that scenarios run in the page. Each is sent there as text, so it refers to nothing outside of itself.

/** Requests all images at once, and does not wait. @param {string[]} urls @returns {void} */
export const insertedImages = (urls) => {
  const page = /** @type {any} */ (globalThis);
  page.startedAt = page.shownAt = performance.now();
  document.body.append(...urls.map((src) => Object.assign(new Image(), { src })));
};

/**
 * Waits until so many images of the page and its frames show, or no more of them will.
 * @param {number} wanted
 * @returns {Promise<import('./stage.mjs').Outcome>}
 */
export const settledImages = async (wanted) => {
  const { asks } = /** @type {any} */ (globalThis);
  // The worker waits 3000 ms for a page that said "pending", and the request follows. This is more.
  const PATIENCE_MS = 4000;
  let broken = Infinity;
  for (let since = performance.now(); ; ) {
    const documents = [document, ...[...document.querySelectorAll('iframe')].map((frame) => frame.contentDocument)];
    const images = documents.flatMap((each) => [...(each?.images ?? [])]);
    // If the page shows an image for a frame, it has no natural width. The sign of a broken image is less than 40 wide.
    const now =
      wanted -
      images.filter(({ complete, naturalWidth, offsetWidth }) => complete && (naturalWidth > 0 || offsetWidth >= 40))
        .length;
    if (now < broken) [broken, since] = [now, performance.now()];
    if (broken === 0 || performance.now() - since > PATIENCE_MS) {
      const { startedAt, shownAt } = /** @type {any} */ (globalThis);
      return { wanted, broken, asks: [...asks], ms: Math.max(0, Math.round(shownAt - startedAt)) };
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** @returns {string[]} */
export const asksHeard = () => /** @type {any} */ (globalThis).asks.slice();
