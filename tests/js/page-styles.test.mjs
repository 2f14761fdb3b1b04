// The pictures that style sheets name, as far as browsers request them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usesInStyles } from '../../js/elements/styles.js';

Object.assign(globalThis, { CSSRule: { FONT_FACE_RULE: 5 } });

const media = (/** @type {string} */ mediaText) => ({ media: { mediaText } });
/** A rule with one picture. @param {string} name */
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

/** @param {object[]} styleSheets of a page in a browser that is dark, and prints nothing */
const namesIn = (styleSheets) => {
  const root = {
    styleSheets: styleSheets.map((sheet) => ({ href: 'https://app.example/', ...sheet })),
    defaultView: { matchMedia: (/** @type {string} */ text) => ({ matches: /dark|all/.test(text) }) },
    querySelector: () => ({}),
    querySelectorAll: () => [],
  };
  return usesInStyles(/** @type {any} */ (root)).flatMap(({ urls }) => urls.map((url) => url.slice(20, -4)));
};

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
