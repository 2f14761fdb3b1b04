// A wasm file as a string literal of JavaScript, for files that must be self-contained: one character
// a byte. In brotli it is 2 % larger than the bytes themselves; base64 is 33 %, hexadecimal 8 %.

/**
 * The one of 256 with which brotli makes the least of the file: common bytes of wasm become ASCII, which
 * is one byte in the file, and rare ones what needs an escape. tests/bench/run encodings
 */
export const MASK = 0x71;

/** @param {Uint8Array} bytes @param {number} [mask] @returns {string} the literal, quotes included */
export function wasmLiteral(bytes, mask = MASK) {
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte ^ mask)).join('');
  return `"${characters.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\0/g, '\\x00')}"`;
}

/**
 * The source of a function that makes of the literal's string the bytes. Where it can, the platform reads
 * the characters, and the mask is taken off four bytes at a time: the loop runs before any compiler has
 * seen it.
 */
export const bytesOfText = `(text) => {
  const bytes = Uint8Array.fromBase64?.(btoa(text)) ?? Uint8Array.from(text, (character) => character.charCodeAt(0));
  const words = new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
  for (let i = 0; i < words.length; i++) words[i] ^= ${MASK * 0x01010101};
  for (let i = 4 * words.length; i < bytes.length; i++) bytes[i] ^= ${MASK};
  return bytes;
}`;
