// Style sheets: the images that they name, as far as browsers request them, and those that are loaded again.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { repairerOf } from '../../js/elements/repairer.js';
import { usesInStyles } from '../../js/elements/styles.js';

Object.assign(globalThis, { CSSRule: { FONT_FACE_RULE: 5 } });

const media = (/** @type {string} */ mediaText) => ({ media: { mediaText } });
/** A rule with one image. @param {string} name */
const rule = (name) => {
  const value = `url(${name}.png)`;
  const style = {
    0: 'background-image',
    length: 1,
    cssText: `background-image: ${value}`,
    getPropertyValue: () => value,
  };
  return { style, selectorText: 'i', type: 1 };
};

/** @param {object[]} styleSheets @returns {any} a page in a browser that is dark, and prints nothing */
const rootWith = (styleSheets) => ({
  styleSheets: styleSheets.map((sheet) => ({ href: 'https://app.example/', ...sheet })),
  defaultView: { matchMedia: (/** @type {string} */ text) => ({ matches: /dark|all/.test(text) }) },
  querySelector: () => ({}),
  querySelectorAll: () => [],
});

/** @param {object[]} styleSheets */
const namesIn = (styleSheets) =>
  usesInStyles(rootWith(styleSheets)).flatMap(({ urls }) => urls.map((url) => url.slice(20, -4)));

test('those of media that match', () => {
  const cssRules = [rule('always'), { cssRules: [rule('dark')], ...media('(prefers-color-scheme: dark)') }];
  assert.deepEqual(namesIn([{ cssRules }, { cssRules: [rule('all')], ...media('all') }]), ['always', 'dark', 'all']);
});

test('none of other media, and none of a sheet that is turned off', () => {
  const print = { cssRules: [rule('print')], ...media('print') };
  const imported = { styleSheet: print, ...media('print') };
  const off = { cssRules: [rule('off')], disabled: true };
  assert.deepEqual(namesIn([{ cssRules: [print, { cssRules: [print] }, imported] }, print, off]), []);
});

for (const [shorthand, longhand] of [
  ['background', 'background-image'],
  ['mask', 'mask-image'],
  ['border-image', 'border-image-source'],
  ['list-style', 'list-style-image'],
]) {
  test(`those of the shorthand ${shorthand} with var(), whose longhands have no text`, () => {
    const value = 'url(https://realm.example/hero.png) var(--rest)';
    /** @type {Record<string, string>} */
    const texts = { [shorthand]: value };
    const style = {
      ...{ 0: longhand, 1: `${shorthand}-other`, length: 2, cssText: `${shorthand}: ${value}` },
      getPropertyValue: (/** @type {string} */ name) => texts[name] ?? '',
      getPropertyPriority: () => '',
      setProperty: (/** @type {string} */ name, /** @type {string} */ text) => (texts[name] = text),
    };
    const uses = usesInStyles(rootWith([{ cssRules: [{ style, selectorText: 'i', type: 1 }] }]));
    assert.deepEqual(
      uses.map(({ urls }) => urls),
      [['https://realm.example/hero.png']],
    );
    const restore = uses[0].detach();
    assert.deepEqual(texts, { [shorthand]: 'none' });
    restore();
    assert.deepEqual(texts, { [shorthand]: value });
  });
}

test('that of a style attribute with a string in image-set()', () => {
  const { style } = rule('https://realm.example/string');
  const querySelectorAll = (/** @type {string} */ selector) =>
    /\[style\*="?image-set/.test(selector) ? [{ style, baseURI: 'https://app.example/' }] : [];
  assert.deepEqual(
    usesInStyles(/** @type {any} */ ({ styleSheets: [], querySelectorAll })).map(({ urls }) => urls),
    [['https://realm.example/string.png']],
  );
});

describe('a style sheet of another origin, on a first visit', () => {
  /** A link as it is in the page, where its copy is, and whether it has been taken away and given back. */
  class Link extends EventTarget {
    localName = 'link';
    href = 'https://realm.example/app.css';
    media = '';
    isConnected = true;
    disabled = false;
    /** @type {string[]} */
    said = [];
    /** @type {any} */
    copy;
    sheet = {
      get cssRules() {
        throw new Error('of another origin');
      },
    };
    cloneNode = () => ({
      href: this.href,
      media: this.media,
      removeAttribute() {},
      remove: () => this.said.push('copy goes'),
    });
    after = (/** @type {object} */ copy) => {
      this.copy = copy;
      this.said.push('copy comes');
    };
    getAttributeNode = () => ({});
    removeAttributeNode = () => this.said.push('taken');
    setAttributeNode = () => this.said.push('given');
  }

  /** @param {import('node:test').TestContext} t */
  const repair = async (t) => {
    const link = new Link();
    const document = {
      defaultView: { Image: class {} },
      styleSheets: [],
      querySelectorAll: (/** @type {string} */ selector) => (selector.startsWith('link') ? [link] : []),
    };
    Object.assign(globalThis, { document, HTMLTrackElement: { ERROR: 3 } });
    t.after(() => ['document', 'HTMLTrackElement'].map((name) => Reflect.deleteProperty(globalThis, name)));
    const failures = {
      ...{ held: new Map(), failed: new WeakSet(), asks: 0 },
      ...{ isOfOther: () => false, isOnRealmOrigin: () => true, listen() {} },
    };
    const repairer = repairerOf(/** @type {any} */ (failures));
    await repairer.repair('control');
    return { link, repairer };
  };

  test('is loaded again once a copy has loaded, which goes then', async (t) => {
    const { link } = await repair(t);
    assert.deepEqual(link.said, ['copy comes']);
    link.copy.onload();
    assert.deepEqual(link.said, ['copy comes', 'taken', 'given']);
    link.dispatchEvent(new Event('load'));
    assert.deepEqual(link.said, ['copy comes', 'taken', 'given', 'copy goes']);
  });

  for (const [name, change] of /** @type {[string, Partial<Link>][]} */ ([
    ['has taken it away', { isConnected: false }],
    ['has turned it off', { disabled: true }],
    ['has another one in its place', { href: 'https://realm.example/other.css' }],
    ['shows it to other media', { media: 'print' }],
  ])) {
    test(`stays as it is where the app ${name} meanwhile`, async (t) => {
      const { link } = await repair(t);
      Object.assign(link, change).copy.onload();
      assert.deepEqual(link.said, ['copy comes', 'copy goes']);
    });
  }

  test('stays as it is where the copy fails, until there is a token', async (t) => {
    const { link, repairer } = await repair(t);
    link.copy.onerror();
    assert.deepEqual(link.said, ['copy comes', 'copy goes']);
    await repairer.repair('token');
    assert.deepEqual(link.said.slice(2), ['taken']);
  });
});
