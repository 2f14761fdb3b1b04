// Pictures that the page shows in frames: with elements.js as it is shipped, and a document that has what it needs.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FakeContainer, FakeServiceWorker2, settled } from './page-platform.mjs';
import { CAT } from './wire.mjs';
import { importShipped } from './package.mjs';

const { showInFrame } = await importShipped('elements.js');
const { clearServiceWorkerTokens, registerAuthServiceWorker } = await importShipped('page.js');

/** What is read of an element. @returns {HTMLImageElement} */
const asImage = (/** @type {any} */ image) => image;

test('a picture shows until a logout, in an element that stays as it is, and none that comes later', async (t) => {
  const { fetch, navigator } = globalThis;
  after(() => {
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: navigator });
    Object.assign(globalThis, { fetch, CSS: undefined, window: undefined });
  });
  const container = new FakeContainer();
  container.control(new FakeServiceWorker2());
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { serviceWorker: container } });
  /** @type {((response: Response) => void)[]} */
  const answers = [];
  Object.assign(globalThis, {
    window: globalThis,
    CSS: { escape: String },
    fetch: () => new Promise((resolve) => answers.push(resolve)),
  });
  await registerAuthServiceWorker({ tokens: () => ({}) });

  /** @type {string[]} */
  const rules = [];
  class CSSStyleSheet {
    insertRule = (/** @type {string} */ rule) => rules.push(rule);
    replaceSync() {}
  }
  class Image {
    async decode() {}
  }
  // Without a controller: its requests bypass the worker.
  /** @type {string[]} */
  const revoked = [];
  let made = 0;
  t.mock.method(URL, 'createObjectURL', () => `blob:picture-${++made}`);
  t.mock.method(URL, 'revokeObjectURL', (/** @type {string} */ url) => revoked.push(url));
  const defaultView = { CSSStyleSheet, Image, URL, navigator: {} };
  const ownerDocument = { defaultView, adoptedStyleSheets: [], querySelectorAll: () => [] };
  const image = {
    currentSrc: CAT,
    ownerDocument,
    closest: () => null,
    getAttribute: () => null,
    getRootNode: () => ownerDocument,
  };

  const shown = showInFrame(asImage(image));
  await settled();
  answers[0](new Response('picture'));
  assert.equal(await shown, true);
  assert.deepEqual(rules, ['img { content: url(blob:picture-1) !important }']);
  // An editor saves what the frame has, and copies of it show the picture as long as the frame is there.
  assert.deepEqual([Object.hasOwn(image, 'src'), revoked], [false, []]);

  const late = showInFrame(
    asImage({ ...image, currentSrc: `${CAT}?late`, getAttribute: (/** @type {string} */ name) => name }),
  );
  await settled();
  clearServiceWorkerTokens();
  answers[1](new Response('picture'));
  assert.equal(await late, false);
  assert.equal(rules.length, 1);
  await settled();
  assert.deepEqual(revoked.sort(), ['blob:picture-1', 'blob:picture-2']);
});
