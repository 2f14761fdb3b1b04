// Images that the page shows in frames. Tests elements.js as it is shipped, with a document that has what it needs.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchFrames } from '../../js/page/watch-frames.js';
import { FakeContainer, FakeServiceWorker2, pass, settled } from './page-platform.mjs';
import { CAT, REALM } from './wire.mjs';
import { importShipped } from './package.mjs';

const { helpWindow, repairerOf, showInFrame } = await importShipped('elements.js');
const { clearServiceWorkerTokens, registerAuthServiceWorker } = await importShipped('page.js');

/** What is read of an element. @returns {HTMLImageElement} */
const asImage = (/** @type {any} */ image) => image;

/**
 * @param {import('node:test').TestContext} t
 * @param {object} globals that a page has, for this test
 * @param {import('./page-platform.mjs').Options} [options]
 */
async function registerIn(t, globals, options) {
  const { fetch, navigator } = globalThis;
  t.after(() => {
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: navigator });
    for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
    Object.assign(globalThis, { fetch });
  });
  const container = new FakeContainer();
  container.control(new FakeServiceWorker2());
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { serviceWorker: container } });
  Object.assign(globalThis, globals);
  await registerAuthServiceWorker({ tokens: () => ({}), realms: [REALM], reauthenticate() {}, ...options });
}

/** A style sheet of a document. @param {string[]} cssRules */
const sheetOf = (cssRules) =>
  class {
    cssRules = cssRules;
    insertRule = (/** @type {string} */ rule) => {
      cssRules.unshift(rule);
      return 0;
    };
    deleteRule = (/** @type {number} */ at) => cssRules.splice(at, 1);
    replaceSync() {}
  };

test('an image shows until a logout, in an element that stays as it is, and none that comes later', async (t) => {
  /** @type {((response: Response) => void)[]} */
  const responses = [];
  await registerIn(t, {
    window: globalThis,
    CSS: { escape: String },
    fetch: () => new Promise((resolve) => responses.push(resolve)),
  });

  /** @type {string[]} */
  const rules = [];
  const CSSStyleSheet = sheetOf(rules);
  class Image {
    async decode() {}
  }
  /** @type {string[]} */
  const revoked = [];
  let made = 0;
  t.mock.method(URL, 'createObjectURL', () => `blob:image-${++made}`);
  t.mock.method(URL, 'revokeObjectURL', (/** @type {string} */ url) => revoked.push(url));
  // It has no controller, so its requests bypass the worker.
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
  responses[0](new Response('image'));
  assert.equal(await shown, true);
  assert.deepEqual(rules, ['img { content: url(blob:image-1) !important }']);
  // An editor saves what the frame has, and copies of it show the image as long as the frame is there.
  assert.deepEqual([Object.hasOwn(image, 'src'), revoked], [false, []]);

  const late = showInFrame(
    asImage({ ...image, currentSrc: `${CAT}?late`, getAttribute: (/** @type {string} */ name) => name }),
  );
  await settled();
  clearServiceWorkerTokens();
  responses[1](new Response('image'));
  assert.equal(await late, false);
  assert.equal(rules.length, 1);
  await settled();
  assert.deepEqual(revoked.sort(), ['blob:image-1', 'blob:image-2']);
});

test('an image that no element shows any more is taken away when another one is shown', async (t) => {
  await registerIn(t, {
    window: globalThis,
    CSS: { escape: String },
    fetch: async () => new Response('image'),
  });
  /** @type {string[]} */
  const rules = [];
  class Image {
    async decode() {}
  }
  /** @type {string[]} */
  const revoked = [];
  t.mock.method(URL, 'createObjectURL', () => `blob:${made++}`);
  t.mock.method(URL, 'revokeObjectURL', (/** @type {string} */ url) => revoked.push(url));
  let made = 0;
  const defaultView = { CSSStyleSheet: sheetOf(rules), Image, URL, navigator: {} };
  const ownerDocument = { defaultView, adoptedStyleSheets: [], querySelectorAll: () => [] };
  const newImage = (/** @type {string} */ name) => ({
    currentSrc: CAT + name,
    ownerDocument,
    closest: () => null,
    getAttribute: (/** @type {string} */ attribute) => (attribute === 'src' ? name : null),
    getRootNode: () => ownerDocument,
  });
  const [first, other] = [newImage('a'), newImage('b')];
  await showInFrame(asImage(first));
  await showInFrame(asImage(newImage('a')));
  await showInFrame(asImage(other));
  other.currentSrc = `${CAT}c`;
  await showInFrame(asImage(newImage('d')));
  await settled();
  assert.deepEqual(rules, [
    'img[src=d] { content: url(blob:2) !important }',
    'img[src=a] { content: url(blob:0) !important }',
  ]);
  assert.deepEqual(revoked, ['blob:1']);
  assert.equal(first.currentSrc, `${CAT}a`);
});

for (const [options, expected] of /** @type {const} */ ([
  [{}, 'same-origin'],
  [{ worker: { credentials: 'include' } }, 'include'],
])) {
  test(`an image of a frame is requested with the credentials of the worker's option: ${expected}`, async (t) => {
    /** @type {[url: string, init: RequestInit][]} */
    const requested = [];
    const fetch = async (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
      requested.push([url, init]);
      return new Response('', { status: 404 });
    };
    await registerIn(t, { window: globalThis, fetch }, options);
    const defaultView = { CSSStyleSheet: class {}, navigator: {} };
    await showInFrame(asImage({ currentSrc: CAT, ownerDocument: { defaultView } }));
    assert.deepEqual(requested, [[CAT, { credentials: expected }]]);
  });
}

for (const [localName, url] of /** @type {[string, object][]} */ ([
  ['image', { href: { baseVal: CAT } }],
  ['input', { src: CAT }],
])) {
  test(`an element ${localName} of a frame has no currentSrc: nothing is requested, and the app hears of its failure`, async (t) => {
    /** @type {string[]} */
    const requested = [];
    await registerIn(t, {
      window: globalThis,
      document: undefined,
      fetch: async (/** @type {string} */ of) => (requested.push(of), new Response('image')),
    });
    Object.assign(globalThis, { document: {} });
    for (const controller of [{}, undefined]) {
      const ownerDocument = { defaultView: { CSSStyleSheet: class {}, navigator: { serviceWorker: { controller } } } };
      const element = Object.assign(new EventTarget(), { localName, ownerDocument, ...url });
      let failures = 0;
      element.addEventListener('error', () => failures++);
      const page = /** @type {import('../../js/page/failures.js').Failures} */ (
        /** @type {unknown} */ ({
          held: new Map([[element, { url: CAT, isDue: false }]]),
          inFrames: new WeakSet(),
          asks: 0,
          release: (/** @type {Element} */ held) => held.dispatchEvent(new Event('error')),
        })
      );
      const repairer = repairerOf(page);
      // Another ask gets its reply before elements.js has heard of the failure.
      repairer.replied(false);
      assert.equal(failures, 0);
      repairer.failed(/** @type {any} */ (element), false);
      await pass(50);
      assert.deepEqual([requested, failures, page.inFrames.has(/** @type {any} */ (element))], [[], 1, false]);
    }
  });
}

test('a window that is to be printed: its failures are heard, its frames are watched, and printing waits for its images', async (t) => {
  /** @type {object[]} */
  const watched = [];
  await registerIn(t, {
    MutationObserver: class {
      observe = (/** @type {object} */ node) => watched.push(node);
    },
  });
  class Image extends EventTarget {
    loading = 'eager';
    currentSrc = CAT;
    naturalWidth = 64;
    get complete() {
      return this.hasLoaded;
    }
    hasLoaded = false;
  }
  const lazy = Object.assign(new Image(), { loading: 'lazy' });
  const image = new Image();
  /** @type {string[]} */
  const heard = [];
  const document = {
    defaultView: { addEventListener: (/** @type {string} */ type) => heard.push(type) },
    querySelectorAll: (/** @type {string} */ selector) => (selector === 'img' ? [image, lazy] : []),
  };

  let isReady = false;
  const ready = helpWindow(/** @type {any} */ ({ document })).then(() => (isReady = true));
  await settled();
  assert.deepEqual([heard, watched, isReady], [['error'], [document], false]);
  image.hasLoaded = true;
  image.dispatchEvent(new Event('load'));
  assert.equal(await ready, true);
});

test('an image that has failed in a window by then shows before that is printed', async (t) => {
  await registerIn(t, {
    window: globalThis,
    CSS: { escape: String },
    fetch: async () => new Response('image'),
    MutationObserver: class {
      observe() {}
    },
  });
  t.mock.method(URL, 'createObjectURL', () => 'blob:image');
  /** @type {string[]} */
  const rules = [];
  const CSSStyleSheet = sheetOf(rules);
  class Image {
    complete = true;
    async decode() {}
  }
  class Broken {
    currentSrc = CAT;
    naturalWidth = 0;
    ownerDocument = document;
    get complete() {
      return true;
    }
    closest = () => null;
    getAttribute = () => null;
    getRootNode = () => document;
    decode = () => Promise.reject(new Error('broken'));
  }
  const document = {
    defaultView: { CSSStyleSheet, Image, URL, navigator: {}, addEventListener() {} },
    adoptedStyleSheets: [],
    querySelectorAll: (/** @type {string} */ selector) => (selector === 'img' ? [image] : []),
  };
  const image = new Broken();
  await helpWindow(/** @type {any} */ ({ document }));
  assert.deepEqual(rules, ['img { content: url(blob:image) !important }']);
});

test('frames are watched: those that are there, later ones, and those that get other HTML or whose document begins anew', (t) => {
  t.after(() => ['document', 'MutationObserver'].map((name) => Reflect.deleteProperty(globalThis, name)));
  /** @type {Map<object, (records: object[]) => void>} */
  const changed = new Map();
  const newDocument = (/** @type {object[]} */ frames = []) => ({ defaultView: {}, querySelectorAll: () => frames });
  const newFrame = () => ({ localName: 'iframe', contentDocument: newDocument(), addEventListener() {} });
  const [first, later] = [newFrame(), newFrame()];
  const document = newDocument([first]);
  class MutationObserver {
    /** @param {(records: object[]) => void} change */
    constructor(change) {
      this.observe = (/** @type {object} */ node) => changed.set(node, change);
    }
  }
  Object.assign(globalThis, { document, MutationObserver });
  let frames = 0;
  /** @type {object[]} */
  const documents = [];
  watchFrames(/** @type {any} */ (document), {
    onFrame: () => frames++,
    onDocument: (inner) => documents.push(inner),
  });
  assert.deepEqual([frames, documents], [1, [first.contentDocument]]);

  const change = (/** @type {object} */ node, /** @type {object} */ record) =>
    changed.get(node)?.([{ type: 'childList', addedNodes: [], ...record }]);
  change(document, { target: document, addedNodes: [later] });
  assert.deepEqual([frames, documents.splice(0).length], [2, 2]);
  change(document, { target: later, type: 'attributes' });
  assert.deepEqual([frames, documents], [3, []]);
  // Not the page's own: it begins anew with another page only.
  change(document, { target: document });
  change(first.contentDocument, { target: {} });
  assert.deepEqual(documents, []);
  change(first.contentDocument, { target: first.contentDocument });
  assert.equal(documents[0], first.contentDocument);
});
