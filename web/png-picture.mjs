// Landscapes as PNG files: eight-bit RGB, drawn and encoded here, so that no picture file is needed.
import { deflateSync } from 'node:zlib';

/** @typedef {[number, number, number]} Colour */
/** @typedef {{seed: number, sky: Colour, horizon: Colour, near: Colour, sun: [number, number]}} Scene  sun: place, 0 to 1 */

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const crcTable = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = crcTable[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** @param {string} type @param {Uint8Array} data */
function chunk(type, data) {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, data.length + 8)), data.length + 8);
  return bytes;
}

/** @param {number} width @param {number} height @param {Uint8Array} pixels three bytes each */
function encodePng(width, height, pixels) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  // Row filter "Up": neighbouring rows of a landscape are nearly equal.
  const stride = width * 3;
  const rows = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    rows[y * (stride + 1)] = 2;
    for (let i = 0; i < stride; i++) {
      const above = y ? pixels[(y - 1) * stride + i] : 0;
      rows[y * (stride + 1) + 1 + i] = pixels[y * stride + i] - above;
    }
  }
  return Buffer.concat([
    signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', new Uint8Array()),
  ]);
}

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
  const pixels = new Uint8Array(width * height * 3);
  const layers = Array.from({ length: 6 }, (_, layer) => {
    const ridge = ridgeLine(scene.seed + layer * 3.7);
    return Array.from({ length: width }, (_, x) =>
      height * (0.42 + layer * 0.1 + ridge((x / width) * (2.2 + layer * 0.5)) * (0.13 - layer * 0.008)));
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
      // Ordered dither hides the bands of eight-bit gradients and still deflates well.
      const dither = ((x & 1) * 2 + (y & 1) * 3) % 4 / 4;
      for (let i = 0; i < 3; i++) pixels[(y * width + x) * 3 + i] = Math.min(255, colour[i] + dither);
    }
  }
  return encodePng(width, height, pixels);
}
