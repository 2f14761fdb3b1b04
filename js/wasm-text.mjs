// A wasm file as a string literal of JavaScript, for files that must be self-contained: one character
// a byte. In brotli it is 2 % larger than the bytes themselves; base64 is 33 %, hexadecimal 8 %.

/**
 * The one of 256 with which brotli makes the least of the file: common bytes of wasm become ASCII, which
 * is one byte in the file, and rare ones what needs an escape. tests/bench/run encodings
 */
const MASK = 0x71;

/** @param {Uint8Array} bytes @returns {string} the literal, quotes included */
export function wasmLiteral(bytes) {
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte ^ MASK)).join('');
  return `"${characters.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\0/g, '\\x00')}"`;
}

/** The source of a function that makes of the literal's string the bytes. */
export const bytesOfText = `(text) => {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) ^ ${MASK};
  return bytes;
}`;
