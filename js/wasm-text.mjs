// A wasm file as a string literal of JavaScript, for files that must be self-contained: one character
// a byte. Compressed it is 3 % larger than the bytes; base64 is 33 %.

/** Makes the bytes that are common in wasm ASCII, which is one byte in the file. */
const MASK = 0x40;

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
