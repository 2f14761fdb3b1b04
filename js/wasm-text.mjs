// A wasm file as a string literal of JavaScript, one character a byte, for files that must be self-contained. Under
// brotli it is 1.5 % larger than the bytes themselves; base64 is 31 % larger, hexadecimal 8 %:
// tests/bench/encodings.mjs

/**
 * The mask of all 256 with which brotli was smallest when last measured. Common bytes of wasm become ASCII, which is
 * one byte in the file, and rare ones become what needs an escape. Without a mask the file is 8 % larger than the
 * bytes: tests/bench/encodings.mjs
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
