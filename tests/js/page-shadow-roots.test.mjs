// Open shadow roots: the `error` events in them do not reach the window, so the page listens at each root.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { watchShadowRoots } from '../../js/elements/shadow-roots.js';

/** A node with elements in it. @typedef {{name: string, inner: Element[], [other: string]: unknown}} Root */
/** @typedef {{localName: string, nodeType: 1, shadowRoot?: Root, inner: Element[], [other: string]: unknown}} Element */

const querySelectorAll = (/** @type {{inner: Element[]}} */ { inner }) => {
  /** @param {Element} element @returns {Element[]} */
  const withInner = (element) => [element, ...element.inner.flatMap(withInner)];
  return inner.flatMap(withInner);
};
/** @param {string} name @param {Element[]} inner @returns {Root} */
const root = (name, ...inner) => ({ name, inner, querySelectorAll: () => querySelectorAll({ inner }) });
/** @param {string} localName @param {Root} [shadowRoot] @param {Element[]} inner @returns {Element} */
const element = (localName, shadowRoot, ...inner) => ({
  ...{ localName, nodeType: 1, shadowRoot, inner },
  querySelectorAll: () => querySelectorAll({ inner }),
});

/** The names of the roots that are observed. @type {string[]} */
let observed = [];
/** Tells the observer of nodes that are there now. @type {(...addedNodes: object[]) => void} */
let add;
/** Defines the class of an element. @type {(name: string) => Promise<void>} */
let define;
/** The names of the roots that were found. @type {string[]} */
let found = [];
let isWanted = true;
const watch = (/** @type {Root} */ page) =>
  watchShadowRoots(
    /** @type {any} */ (page),
    () => isWanted,
    (each) => found.push(/** @type {any} */ (each).name),
  );

beforeEach(() => {
  [observed, found, isWanted] = [[], [], true];
  /** @type {Map<string, {isDefined?: boolean, promise: Promise<void>, resolve: () => void}>} */
  const known = new Map();
  const customElements = {
    get: (/** @type {string} */ name) => known.get(name)?.isDefined,
    whenDefined: (/** @type {string} */ name) => {
      if (name === 'font-face') return Promise.reject(new SyntaxError('no valid name'));
      let resolve = () => {};
      const promise = known.get(name)?.promise ?? new Promise((done) => (resolve = () => done(undefined)));
      if (!known.has(name)) known.set(name, { promise: /** @type {Promise<void>} */ (promise), resolve });
      return promise;
    },
  };
  define = async (name) => {
    const entry = known.get(name);
    if (entry) entry.isDefined = true;
    entry?.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  class MutationObserver {
    /** @param {(records: object[]) => void} hear */
    constructor(hear) {
      add = (...addedNodes) => observed.length > 0 && hear([{ addedNodes }]);
    }
    observe = (/** @type {Root} */ { name }) => observed.push(name);
    disconnect = () => (observed = []);
  }
  Object.assign(globalThis, { customElements, MutationObserver });
});
afterEach(() => ['customElements', 'MutationObserver'].forEach((name) => Reflect.deleteProperty(globalThis, name)));

test('those that are there already, and those in them', () => {
  watch(
    root('page', element('div', undefined, element('my-card', root('card', element('my-avatar', root('avatar')))))),
  );
  assert.deepEqual(found, ['card', 'avatar']);
  assert.deepEqual(observed, ['page', 'card', 'avatar']);
});

test('those of elements that come later, also inside of others', () => {
  watch(root('page'));
  add(
    { nodeType: 3 },
    element('div', undefined, element('my-avatar', root('avatar'))),
    element('my-card', root('card')),
  );
  assert.deepEqual(found, ['avatar', 'card']);
});

test('those of elements whose class is defined later', async () => {
  const avatar = element('my-avatar');
  watch(root('page', avatar, element('font-face'), element('my-link')));
  assert.deepEqual(found, []);
  avatar.shadowRoot = root('avatar');
  await define('my-avatar');
  await define('my-link');
  assert.deepEqual(found, ['avatar']);
});

test('none once a worker controls the page', async () => {
  const avatar = element('my-avatar');
  watch(root('page', avatar));
  isWanted = false;
  avatar.shadowRoot = root('avatar');
  await define('my-avatar');
  add(element('my-card', root('card')));
  assert.deepEqual([found, observed], [[], []]);
});
