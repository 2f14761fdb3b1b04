// The canvas drawings of the JPEG and WebP files in pictures/. draw-images.mjs runs them in a browser. The demo itself
// serves the finished files.

/** @typedef {CanvasRenderingContext2D} Context */

/** @param {number} seed @returns {() => number} the same numbers in [0, 1) for the same seed */
const randomFrom = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
};

/** @param {Context} context @param {number} width @param {number} height @param {string[]} colours top to bottom */
function sky(context, width, height, colours) {
  const gradient = context.createLinearGradient(0, 0, 0, height);
  colours.forEach((colour, index) => gradient.addColorStop(index / (colours.length - 1), colour));
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
}

/**
 * @param {Context} context @param {number} x @param {number} y @param {number} radius
 * @param {string} inner @param {string} outer
 */
function glow(context, x, y, radius, inner, outer) {
  const gradient = context.createRadialGradient(x, y, 0, x, y, radius);
  gradient.addColorStop(0, inner);
  gradient.addColorStop(1, outer);
  context.fillStyle = gradient;
  context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
}

/**
 * Fills everything below a line.
 * @param {Context} context @param {number} width @param {number} height
 * @param {(x: number) => number} line @param {string | CanvasGradient} fill
 */
function below(context, width, height, line, fill) {
  context.beginPath();
  context.moveTo(0, height);
  for (let x = 0; x <= width; x += 2) context.lineTo(x, line(x));
  context.lineTo(width, height);
  context.fillStyle = fill;
  context.fill();
}

/**
 * Adds film grain: without it, large gradients show bands.
 * @param {Context} context @param {number} width @param {number} height
 * @param {number} amount @param {() => number} random
 */
function grain(context, width, height, amount, random) {
  const image = context.getImageData(0, 0, width, height);
  for (let i = 0; i < image.data.length; i += 4) {
    const change = (random() - 0.5) * amount;
    for (let channel = 0; channel < 3; channel++) image.data[i + channel] += change;
  }
  context.putImageData(image, 0, 0);
}

/** @param {Context} context @param {number} width @param {number} height */
function dunes(context, width, height) {
  const random = randomFrom(11);
  sky(context, width, height * 0.6, ['#5b8fb4', '#b9cfd2', '#f5dcb8']);
  glow(context, width * 0.72, height * 0.3, height * 0.5, 'rgba(255,244,214,.95)', 'rgba(255,236,190,0)');
  for (let layer = 0; layer < 6; layer++) {
    const base = height * (0.46 + layer * 0.1);
    const phase = random() * 6;
    const reach = height * (0.05 + layer * 0.016);
    /** @param {number} x */
    const crest = (x) =>
      base + Math.sin(x / (width * 0.16) + phase) * reach + Math.sin(x / (width * 0.07) + phase * 2) * reach * 0.35;
    const light = context.createLinearGradient(0, base - reach, width * 0.3, base + height * 0.3);
    const tone = layer * 5;
    light.addColorStop(0, `hsl(${32 - layer} ${58 + layer * 2}% ${78 - tone}%)`);
    light.addColorStop(1, `hsl(${22 - layer} ${52 + layer}% ${56 - tone}%)`);
    below(context, width, height, crest, light);
    context.strokeStyle = 'rgba(255,243,220,.35)';
    context.lineWidth = 1.5;
    context.beginPath();
    for (let x = 0; x <= width; x += 2) context.lineTo(x, crest(x));
    context.stroke();
  }
  grain(context, width, height, 12, random);
}

/** @param {Context} context @param {number} width @param {number} height */
function meadow(context, width, height) {
  const random = randomFrom(5);
  sky(context, width, height, ['#9cc4cf', '#dce8d2', '#a9bf74', '#5e7f3c']);
  glow(context, width * 0.2, height * 0.16, height * 0.6, 'rgba(255,252,226,.9)', 'rgba(255,252,226,0)');
  below(context, width, height, (x) => height * 0.48 + Math.sin(x / 130) * 18, 'rgba(98,132,76,.75)');
  for (let blade = 0; blade < 2600; blade++) {
    const depth = blade / 2600;
    const x = random() * width;
    const y = height * (0.5 + depth * 0.56);
    const length = 14 + depth * 90;
    context.strokeStyle = `hsl(${78 + random() * 34} ${38 + random() * 22}% ${26 + random() * 26 + (1 - depth) * 14}%)`;
    context.lineWidth = 0.8 + depth * 2;
    context.beginPath();
    context.moveTo(x, y);
    context.quadraticCurveTo(x + 6, y - length / 2, x + (random() - 0.3) * length * 0.6, y - length);
    context.stroke();
    if (blade % 17 === 0) {
      context.fillStyle = ['#f4c95d', '#e8746a', '#f7f3e8', '#b187c9'][Math.floor(random() * 4)];
      context.beginPath();
      context.arc(x + 4, y - length, 2 + depth * 8, 0, 7);
      context.fill();
    }
  }
  grain(context, width, height, 10, random);
}

/** @param {Context} context @param {number} width @param {number} height */
function night(context, width, height) {
  const random = randomFrom(23);
  sky(context, width, height, ['#0b1026', '#1c2447', '#3a2f55']);
  context.globalCompositeOperation = 'lighter';
  for (let lamp = 0; lamp < 90; lamp++) {
    const x = random() * width;
    const y = height * (0.35 + random() * 0.55);
    const radius = 10 + random() * 44;
    const hue = [34, 18, 200, 340, 48][Math.floor(random() * 5)];
    context.fillStyle = `hsl(${hue} 85% 60% / ${0.06 + random() * 0.22})`;
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    context.fill();
    context.strokeStyle = `hsl(${hue} 90% 75% / .12)`;
    context.stroke();
  }
  context.globalCompositeOperation = 'source-over';
  grain(context, width, height, 12, random);
}

/**
 * Draws one frame of a loop.
 * @param {Context} context @param {number} width @param {number} height @param {number} turn 0 to 1
 */
function tide(context, width, height, turn) {
  const random = randomFrom(42);
  const angle = turn * 2 * Math.PI;
  sky(context, width, height, ['#142640', '#35517a', '#d08c74', '#f2c79a']);
  for (let star = 0; star < 120; star++) {
    const twinkle = 0.35 + 0.35 * Math.sin(angle + star);
    context.fillStyle = `rgba(255,250,235,${twinkle})`;
    context.fillRect(random() * width, random() * height * 0.35, 1.6, 1.6);
  }
  glow(context, width * 0.5, height * 0.6, height * 0.55, 'rgba(255,226,170,.95)', 'rgba(255,200,140,0)');
  context.fillStyle = '#fff1d2';
  context.beginPath();
  context.arc(width * 0.5, height * 0.56, height * 0.1, 0, 7);
  context.fill();
  for (let wave = 0; wave < 11; wave++) {
    const depth = wave / 10;
    const base = height * (0.6 + depth * 0.38);
    const length = width * (0.06 + depth * 0.14);
    const direction = wave % 2 ? 1 : -1;
    /** @param {number} x */
    const surface = (x) =>
      base + Math.sin(x / length + direction * angle + wave) * (2 + depth * 10) + Math.sin(angle + wave) * 4 * depth;
    below(context, width, height, surface, `hsl(${212 - depth * 12} ${40 + depth * 14}% ${44 - depth * 28}%)`);
    for (let spark = 0; spark < 70; spark++) {
      const x = width * 0.5 + (random() - 0.5) * width * (0.25 + depth * 0.5);
      const shine = Math.max(0, Math.sin(angle + random() * 6.3));
      context.fillStyle = `rgba(255,220,165,${shine * 0.75 * (1 - depth * 0.6)})`;
      context.fillRect(x, surface(x) + random() * height * 0.05, 6 + depth * 20, 1.2 + depth);
    }
  }
  grain(context, width, height, 19, randomFrom(1000 + Math.round(turn * 1000)));
}

export const drawings = { dunes, meadow, night, tide };

/**
 * @param {keyof typeof drawings} name @param {number} width @param {number} height
 * @param {string} type @param {number} quality @param {number} turn
 * @returns {string} a data URL
 */
export function draw(name, width, height, type, quality, turn = 0) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  // The canvas is opaque: an alpha channel would be a second image in the WebP file, and video frames have none.
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  drawings[name](context, width, height, turn);
  return canvas.toDataURL(type, quality);
}
