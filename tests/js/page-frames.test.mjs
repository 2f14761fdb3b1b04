// Pictures that the page shows in frames: with elements.js as it is shipped, and a document that has what it needs.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { showInFrame } from '../../build/wasm/package/elements.js';
import { clearServiceWorkerTokens, registerAuthServiceWorker } from '../../build/wasm/package/page.js';
import { FakeContainer, FakeServiceWorker2, settled } from './page-platform.mjs';
import { CAT } from './wire.mjs';

test('a picture that comes after a logout is not shown', async () => {
  const { fetch, navigator } = globalThis;
  after(() => {
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: navigator });
    Object.assign(globalThis, { fetch, CSS: undefined });
  });
  const container = new FakeContainer();
  container.control(new FakeServiceWorker2());
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { serviceWorker: container } });
  const answers = [];
  Object.assign(globalThis, { CSS: { escape: String }, fetch: () => new Promise((resolve) => answers.push(resolve)) });
  await registerAuthServiceWorker({ tokens: () => ({}) });

  const rules = [];
  class CSSStyleSheet {
    insertRule = (rule) => rules.push(rule);
    replaceSync() {}
  }
  class Image {
    async decode() {}
  }
  const defaultView = { CSSStyleSheet, Image, URL: { createObjectURL: () => 'blob:picture' } };
  const ownerDocument = { defaultView, adoptedStyleSheets: [], querySelectorAll: () => [] };
  const image = {
    currentSrc: CAT,
    ownerDocument,
    closest: () => null,
    getAttribute: () => null,
    getRootNode: () => ownerDocument,
  };

  const shown = showInFrame(image);
  await settled();
  answers[0](new Response('picture'));
  assert.equal(await shown, true);
  assert.deepEqual(rules, ['img { content: url(blob:picture) !important }']);

  const late = showInFrame({ ...image, currentSrc: `${CAT}?late`, getAttribute: (name) => name });
  await settled();
  clearServiceWorkerTokens();
  answers[1](new Response('picture'));
  assert.equal(await late, false);
  assert.equal(rules.length, 1);
});
