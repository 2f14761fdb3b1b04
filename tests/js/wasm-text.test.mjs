import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOfText, wasmLiteral } from '../../js/wasm-text.mjs';

/** Every byte, and a length that is no multiple of 8. */
const bytes = Uint8Array.from({ length: 70_003 }, (_, i) => (i * 7 + (i >> 8)) & 255);

/** As a script of the package reads its text. */
const carried = () => (0, eval)(bytesOfText(bytes.length))((0, eval)(wasmLiteral(bytes)));

test('bytes come out of a script as they went in, where the platform has no fromBase64', (t) => {
  const { fromBase64 } = Uint8Array;
  delete Uint8Array.fromBase64;
  t.after(() => fromBase64 && (Uint8Array.fromBase64 = fromBase64));
  assert.deepEqual(carried(), bytes);
});

test('and where it has', (t) => {
  const { fromBase64 } = Uint8Array;
  let calls = 0;
  Uint8Array.fromBase64 = (text) => {
    calls++;
    return new Uint8Array(Buffer.from(text, 'base64'));
  };
  t.after(() => (fromBase64 ? (Uint8Array.fromBase64 = fromBase64) : delete Uint8Array.fromBase64));
  assert.deepEqual(carried(), bytes);
  assert.equal(calls, 1);
});
