// Draws landscapes as PNG files, so that no image file is needed.
import { PNG } from 'pngjs';

/** @typedef {[number, number, number]} Colour */
/** @typedef {{seed: number, sky: Colour, horizon: Colour, near: Colour, sun: [number, number]}} Scene  sun: place, 0 to 1 */

/** @param {Colour} from @param {Colour} to @param {number} share @returns {Colour} */
const mix = (from, to, share) =>
  /** @type {Colour} */ (from.map((value, i) => value + (to[i] - value) * Math.min(1, Math.max(0, share))));

/** @param {number} seed @returns {(x: number) => number} smooth noise from -1 to 1 */
function ridgeLine(seed) {
  /** @param {number} n */
  const at = (n) => {
    const value = Math.sin(n * 127.1 + seed * 311.7) * 43758.5453;
    return value - Math.floor(value);
  };
  return (x) => {
    let sum = 0;
    for (let octave = 0, reach = 0.55, scale = 1; octave < 6; octave++, reach *= 0.48, scale *= 2.1) {
      const position = x * scale + octave * 17;
      const cell = Math.floor(position);
      const part = position - cell;
      const eased = part * part * (3 - 2 * part);
      sum += reach * (at(cell) * (1 - eased) + at(cell + 1) * eased - 0.5) * 2;
    }
    return sum;
  };
}

/** @param {Scene} scene @returns {Buffer} a PNG file */
export function landscapePng(scene, width = 640, height = 400) {
  const image = new PNG({ width, height, colorType: 2 });
  const layers = Array.from({ length: 6 }, (_, layer) => {
    const ridge = ridgeLine(scene.seed + layer * 3.7);
    return Array.from(
      { length: width },
      (_, x) => height * (0.42 + layer * 0.1 + ridge((x / width) * (2.2 + layer * 0.5)) * (0.13 - layer * 0.008)),
    );
  });
  const sunX = scene.sun[0] * width;
  const sunY = scene.sun[1] * height;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let layer = layers.length - 1;
      while (layer >= 0 && y < layers[layer][x]) layer--;
      /** @type {Colour} */
      let colour;
      if (layer < 0) {
        colour = mix(scene.sky, scene.horizon, (y / height) * 1.7);
        const distance = Math.hypot(x - sunX, y - sunY) / height;
        colour = mix(colour, [255, 250, 236], distance < 0.075 ? 1 : 0.55 * Math.exp(-distance * 5));
      } else {
        const mist = (y - layers[layer][x]) / height;
        colour = mix(mix(scene.horizon, scene.near, (layer + 1) / layers.length), scene.horizon, mist * 1.1);
      }
      // An ordered dither hides the bands of eight-bit gradients, and still compresses well.
      const dither = (((x & 1) * 2 + (y & 1) * 3) % 4) / 4;
      image.data.set([...colour.map((value) => Math.min(255, value + dither)), 255], (y * width + x) * 4);
    }
  }
  return PNG.sync.write(image, { colorType: 2, inputHasAlpha: true });
}
