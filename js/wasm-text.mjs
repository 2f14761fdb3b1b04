// A wasm file as a string literal of JavaScript, for files that must be self-contained: one character
// a byte. In brotli it is 1 % larger than the bytes themselves; base64 is 31 %, hexadecimal 8 %:
// tests/bench/encodings.mjs

/**
 * The one of 256 with which brotli made the least of the file when it was last looked at: common bytes of
 * wasm become ASCII, which is one byte in the file, and rare ones what needs an escape. Without a mask it
 * is 8 % larger than the bytes: tests/bench/encodings.mjs
 */
export const MASK = 0x70;

/** @param {Uint8Array} bytes @param {number} [mask] @returns {string} the literal, quotes included */
export function wasmLiteral(bytes, mask = MASK) {
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte ^ mask)).join('');
  return `"${characters.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\0/g, '\\x00')}"`;
}

/**
 * The source of a function that makes of the literal's string the bytes. A loop of JavaScript would run
 * here before any compiler has seen it, so the platform reads the characters where it can, and a wasm
 * module of a hundred bytes takes the mask off: in Chromium 1.1 ms rather than 2.9, the part "text to bytes"
 * of tests/bench/restart.mjs.
 * @param {number} length of the string
 */
export const bytesOfText = (length) => `(text) => {
  const { memory, unmask } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([${unmasker(length)}]))).exports;
  const bytes = new Uint8Array(memory.buffer, 0, text.length);
  if (Uint8Array.fromBase64) bytes.set(Uint8Array.fromBase64(btoa(text)));
  else for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  unmask(${(length + 7) & ~7});
  return bytes;
}`;

/**
 * The bytes of a wasm module: `memory` of at least this length, and `unmask(end)`, which takes the mask off
 * all before `end`, a multiple of 8.
 * @param {number} length
 */
function unmasker(length) {
  const name = (/** @type {string} */ text) => [text.length, ...Buffer.from(text)];
  const section = (/** @type {number} */ id, /** @type {number[]} */ ...content) => [id, content.length, ...content];
  const body = [
    0, // no locals
    0x03, 0x40, // loop
    0x20, 0, 0x41, 8, 0x6b, 0x22, 0, // end -= 8, and its value for the store
    0x20, 0, 0x29, 3, 0, 0x42, ...leb128(BigInt(MASK) * 0x0101010101010101n), 0x85, // the eight bytes there, without the mask
    0x37, 3, 0, // i64.store
    0x20, 0, 0x0d, 0, // again while end is not 0
    0x0b, 0x0b,
  ];
  return [
    0, ...Buffer.from('asm'), 1, 0, 0, 0,
    ...section(1, 1, 0x60, 1, 0x7f, 0), // types: (i32) → nothing
    ...section(3, 1, 0), // one function, of that type
    ...section(5, 1, 0, Math.ceil((length + 7) / 65536)), // one memory
    ...section(7, 2, ...name('memory'), 2, 0, ...name('unmask'), 0, 0),
    ...section(10, 1, body.length, ...body),
  ];
}

/** @param {bigint} value of 64 bits, signed @returns {number[]} */
function leb128(value) {
  const low = Number(value & 0x7fn);
  const rest = BigInt.asIntN(64, value) >> 7n;
  return (rest === 0n && low < 64) || (rest === -1n && low >= 64) ? [low] : [low | 0x80, ...leb128(rest)];
}
