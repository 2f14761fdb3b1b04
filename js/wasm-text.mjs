// Writes a wasm file as a string literal of JavaScript, with one character for each byte. For files that must be
// self-contained. After brotli it is 1.5 % larger than the bytes themselves. Base64 is 31 % larger, hexadecimal 8 %:
// tests/bench/encodings.mjs

/**
 * The mask with the smallest result after brotli, of all 256, when last measured. Common bytes of wasm become ASCII,
 * which is one byte in the file, and rare bytes become characters that need an escape. Without a mask the file is 8 %
 * larger than the bytes: tests/bench/encodings.mjs
 */
export const MASK = 0x70;

/** @param {Uint8Array} bytes @param {number} [mask] @returns {string} the literal, quotes included */
export function wasmLiteral(bytes, mask = MASK) {
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte ^ mask)).join('');
  return `"${characters.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\0/g, '\\x00')}"`;
}

/** The source of a function that turns the string of the literal back into bytes. */
export const bytesOfText = `(text) => {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) ^ ${MASK};
  return bytes;
}`;
