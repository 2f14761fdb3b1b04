// Failed images that the page holds back, and the occasions on which it requests them again.
import { START } from './page-time.mjs';
import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { Failures } from '../../js/page/failures.js';
import { syncTokenToServiceWorker } from '../../js/page/index.js';
import { foundState } from '../../js/page/found-state.js';
import {
  FakeServiceWorker2,
  jwt,
  later,
  openPage,
  openWindow,
  OtherTabs,
  pass,
  received,
  settled,
  stopTime,
} from './page-platform.mjs';
import { importShipped } from './package.mjs';
import { CAT, REALM, set } from './wire.mjs';

const { repairerOf } = await importShipped('elements.js');

/** What the page asks of elements.js, which needs a document. @type {string[]} */
let asked = [];
/** What the page listens with. @type {((event: object) => void) | undefined} */
let hear;
/** How the document came: `workerStart` is 0 where it bypassed the worker, or the browser does not tell. */
const navigation = { workerStart: 0 };
const { performance } = globalThis;

beforeEach(() => {
  stopTime();
  asked = [];
  navigation.workerStart = 0;
  const window = {
    addEventListener: (/** @type {string} */ _, /** @type {typeof hear} */ listener) => (hear = listener),
  };
  Object.assign(globalThis, { window, document: { querySelectorAll: () => [] } });
  Object.defineProperty(performance, 'getEntriesByType', { configurable: true, value: () => [navigation] });
});
afterEach(() => {
  for (const name of ['window', 'document']) Reflect.deleteProperty(globalThis, name);
});

/** @param {boolean} isControlled by a worker of the page's own */
const failuresOf = (isControlled) => {
  const workers = /** @type {any} */ ({
    controller: isControlled ? {} : undefined,
    isOutside: (/** @type {string} */ url) => url.startsWith('https://app.example/other/'),
  });
  const failures = new Failures(workers, (url) => url.startsWith(REALM));
  failures.repairer = /** @type {any} */ ({
    failed: () => {},
    repair: (/** @type {string} */ occasion) => asked.push(occasion),
  });
  return { failures, workers };
};

/** An image that has failed, and how often the app has heard of it. */
class FailedImage extends EventTarget {
  localName = 'img';
  naturalWidth = 0;
  failures = 0;
  ownerDocument = globalThis.document;
  currentSrc;

  constructor(currentSrc = CAT) {
    super();
    this.currentSrc = currentSrc;
    this.addEventListener('error', () => this.failures++);
  }
  get complete() {
    return true;
  }
}
/** @param {FailedImage} image @returns {boolean} whether the app hears of it now */
const fails = (image, isTrusted = true) => {
  let isHeard = true;
  hear?.({ target: image, isTrusted, stopImmediatePropagation: () => (isHeard = false) });
  return isHeard;
};
const asElement = (/** @type {FailedImage} */ image) => /** @type {Element} */ (/** @type {unknown} */ (image));

for (const [name, isControlled] of /** @type {const} */ ([
  ['that waits for its worker', false],
  ['under its worker', true],
])) {
  test(`a page ${name}: the app hears of a failure after 5 s, once`, async () => {
    failuresOf(isControlled);
    const image = new FailedImage();
    assert.equal(fails(image), false);
    await pass(4999);
    assert.equal(image.failures, 0);
    await pass(1);
    assert.equal(image.failures, 1);
    assert.equal(Date.now() - START, 5000);
  });
}

test('each failure of an image has its own 5 s', async () => {
  const { failures } = failuresOf(true);
  const image = new FailedImage();
  fails(image);
  await pass(1000);
  // It is repaired, and then the app gives it the next image.
  failures.held.delete(asElement(image));
  await pass(3500);
  image.currentSrc = `${CAT}?next`;
  fails(image);
  await pass(4990);
  assert.equal(image.failures, 0);
  await pass(10);
  assert.equal(image.failures, 1);
});

test('the app hears at once of others, and of what the page tells it', () => {
  failuresOf(true);
  assert.equal(fails(new FailedImage('https://other.example/cat.png')), true);
  assert.equal(fails(new FailedImage(), false), true);
});

test('a frame hears at once of its failures when it has a page of another app', () => {
  failuresOf(true);
  const [own, other] = [new FailedImage(), new FailedImage()];
  own.ownerDocument = /** @type {any} */ ({ URL: 'about:srcdoc' });
  other.ownerDocument = /** @type {any} */ ({ URL: 'https://app.example/other/index.html' });
  assert.deepEqual([fails(own), fails(other)], [false, true]);
});

test('an image that shows by then has not failed', async () => {
  failuresOf(true);
  const image = new FailedImage();
  fails(image);
  image.naturalWidth = 64;
  await pass(5000);
  assert.equal(image.failures, 0);
});

test('the app hears of all at once when it is certain that no worker comes', () => {
  const { failures } = failuresOf(false);
  const image = new FailedImage();
  fails(image);
  failures.givenUp();
  assert.equal(image.failures, 1);
  assert.equal(fails(new FailedImage()), true);
});

test('what the early responder held is held on, unless no worker can come', () => {
  const [held, told] = [new FailedImage(), new FailedImage()];
  failuresOf(false).failures.takeEarly({ failed: [asElement(held)] });
  const { failures } = failuresOf(false);
  failures.givenUp();
  failures.takeEarly({ failed: [asElement(told)] });
  assert.deepEqual([held.failures, told.failures], [0, 1]);
});

test('a worker that takes control repairs once', async () => {
  const { failures, workers } = failuresOf(false);
  workers.controller = {};
  failures.takenOver(true);
  failures.takenOver(true);
  await settled();
  assert.deepEqual(asked, ['control']);
});

test('a worker that had control from the start repairs once, if an image is broken and the page may have bypassed the worker', async () => {
  const broken = [new FailedImage()];
  for (const [images, workerStart, wasControlled] of /** @type {const} */ ([
    [broken, 0, false],
    [[], 0, false],
    [broken, 12, false],
    [broken, 0, true],
  ])) {
    Object.assign(globalThis.document, { querySelectorAll: () => images });
    Object.assign(navigation, { workerStart });
    const { failures } = failuresOf(true);
    failures.takeEarly({ wasControlled });
    failures.takenOver(true);
    await settled();
  }
  assert.deepEqual(asked, ['control']);
});

test('a worker that had control from the start repairs once in jsdom, whose performance has no entries', async () => {
  Object.defineProperty(performance, 'getEntriesByType', { value: undefined });
  Object.assign(globalThis.document, { querySelectorAll: () => [new FailedImage()] });
  failuresOf(true).failures.takenOver(true);
  await settled();
  assert.deepEqual(asked, ['control']);
});

test('so does one of a page with an <img name="images">, which is no list of images', async () => {
  const document = { images: { localName: 'img' }, querySelectorAll: () => [new FailedImage()] };
  Object.assign(globalThis, { document });
  failuresOf(true).failures.takenOver(true);
  await settled();
  assert.deepEqual(asked, ['control']);
});

/** A page with a document. @param {import('node:test').TestContext} t @param {import('./page-platform.mjs').Options} options */
const openDocument = async (t, options) => {
  openWindow();
  Object.assign(globalThis.document, {
    querySelectorAll: () => [],
    visibilityState: 'visible',
    hasFocus: () => true,
  });
  Object.assign(globalThis, {
    MutationObserver: class {
      observe() {}
    },
  });
  t.after(() => Reflect.deleteProperty(globalThis, 'MutationObserver'));
  const container = await openPage(options);
  const failures = foundState(/** @type {any} */ (container))?.push?.failures;
  assert.ok(failures);
  failures.repairer = /** @type {any} */ ({
    replied: () => {},
    repair: (/** @type {string} */ occasion) => asked.push(occasion),
  });
  return container;
};

test('a worker that takes control before the app has read its tokens repairs once the realms are known', async (t) => {
  const container = await openDocument(t, { tokens: later(600, { [REALM]: 'token' }) });
  await pass(100);
  container.control(new FakeServiceWorker2());
  await pass(590);
  assert.deepEqual(asked, []);
  await pass(10);
  assert.deepEqual(asked, ['control']);
  await pass(10_000);
  assert.deepEqual(asked, ['control']);
});

test('a worker that takes control repairs once the realms are known, also if another tab syncs all tokens meanwhile', async (t) => {
  const container = await openDocument(t, { tokens: later(600, { [REALM]: 'token' }) });
  await pass(100);
  container.control(new FakeServiceWorker2());
  await pass(300);
  await OtherTabs.say({ type: 'epoch-began' });
  await pass(10_000);
  assert.deepEqual(asked, ['control']);
});

test('a new version of the worker that takes over repairs what it has cut off, each time', async (t) => {
  const container = await openDocument(t, { tokens: () => ({ [REALM]: 'token' }) });
  container.control(new FakeServiceWorker2());
  await pass(100);
  assert.deepEqual(asked, ['control']);
  container.control(new FakeServiceWorker2());
  await pass(100);
  container.control(new FakeServiceWorker2());
  await pass(100);
  assert.deepEqual(asked, ['control', 'token', 'token']);
});

for (const [name, before, repairs] of /** @type {const} */ ([
  ['none', undefined, true],
  ['one that has expired', jwt(-60), true],
  ['one that is valid still', jwt(20), false],
  ['the same', jwt(3600), false],
])) {
  test(`a token that the app says ${repairs ? 'repairs' : 'repairs nothing'} where there was ${name}`, async (t) => {
    const container = await openDocument(t, { tokens: () => (before ? { [REALM]: before } : null), realms: [REALM] });
    container.control(new FakeServiceWorker2());
    await settled();
    asked = [];
    syncTokenToServiceWorker(REALM, jwt(3600));
    await settled();
    assert.deepEqual(asked, repairs ? ['token'] : []);
  });
}

test('a token that comes too late for the image that wanted it repairs', async (t) => {
  const options = { tokens: () => ({ [REALM]: 'rejected' }), realms: [REALM], reauthenticate: later(4000, 'fresh') };
  const container = await openDocument(t, options);
  const worker = new FakeServiceWorker2();
  container.control(worker);
  await settled();
  asked = [];
  await container.ask(CAT, { reason: 'rejected', refresh: true, realmURL: REALM, source: worker });
  await pass(3990);
  assert.deepEqual(asked, []);
  await pass(10);
  assert.deepEqual(asked, ['token']);
});

test('a token that comes just after a reply without it repairs: the login began late', async (t) => {
  const options = {
    tokens: () => ({ [REALM]: 'rejected' }),
    realms: [REALM],
    isLoggedIn: later(300, true),
    reauthenticate: later(2600, 'fresh'),
  };
  const container = await openDocument(t, options);
  const worker = new FakeServiceWorker2();
  container.control(worker);
  await settled();
  received(worker);
  asked = [];
  const { replies } = await container.ask(CAT, { reason: 'rejected', refresh: true, realmURL: REALM, source: worker });
  await pass(2890);
  assert.deepEqual(replies.at(-1), { realmURL: REALM, tokens: { [REALM]: 'rejected' } });
  assert.deepEqual([received(worker), asked], [[], []]);
  await pass(10);
  assert.deepEqual([received(worker), asked], [[set(REALM, 'fresh')], ['token']]);
});

test('a token that is the reply is not told a second time', async (t) => {
  const options = {
    tokens: () => ({}),
    realms: [REALM],
    isLoggedIn: later(300, true),
    reauthenticate: later(2400, 'fresh'),
  };
  const container = await openDocument(t, options);
  const worker = new FakeServiceWorker2();
  container.control(worker);
  await settled();
  received(worker);
  const { replies } = await container.ask(CAT, { reason: 'missing', refresh: true, realmURL: REALM, source: worker });
  await pass(4000);
  assert.equal(replies.at(-1)?.token, 'fresh');
  assert.deepEqual(received(worker), []);
});

test('a token that is refreshed before its end repairs nothing, however long that takes', async (t) => {
  const container = await openDocument(t, {
    tokens: () => ({ [REALM]: jwt(60) }),
    refreshesBeforeExpiry: true,
    reauthenticate: later(4000, jwt(120)),
  });
  const worker = new FakeServiceWorker2();
  container.control(worker);
  await settled();
  received(worker);
  asked = [];
  await pass(56_000);
  assert.deepEqual([received(worker), asked], [[set(REALM, jwt(120))], []]);
});

test('a token that comes repairs', async () => {
  failuresOf(true).failures.tokenCame();
  await settled();
  assert.deepEqual(asked, ['token']);
});

for (const [name, isControlled, expected] of /** @type {[string, boolean, string[]][]} */ ([
  ['while no worker controls the page, failures in shadow roots are heard, too', false, ['error']],
  ['once one does, no shadow root is looked for', true, []],
])) {
  test(name, (t) => {
    /** @type {string[]} */
    const heard = [];
    const shadowRoot = {
      addEventListener: (/** @type {string} */ type) => heard.push(type),
      querySelectorAll: () => [],
    };
    class MutationObserver {
      observe() {}
    }
    const querySelectorAll = () => [{ localName: 'my-avatar', shadowRoot }];
    Object.assign(globalThis, { document: { images: [], querySelectorAll }, MutationObserver });
    t.after(() => Reflect.deleteProperty(globalThis, 'MutationObserver'));
    const { failures } = failuresOf(isControlled);
    failures.repairer = undefined;
    repairerOf(failures);
    assert.deepEqual(heard, expected);
  });
}

describe('a repair', () => {
  /** @param {(selector: string) => unknown[]} querySelectorAll @returns an image that is held, and what repairs it */
  const hold = (querySelectorAll) => {
    class Image {
      complete = false;
      /** @type {() => void} */
      onload = () => {};
      set src(/** @type {string} */ _) {
        queueMicrotask(() => this.onload());
      }
    }
    const view = Object.assign(globalThis.window, { Image });
    const document = { defaultView: view, styleSheets: [], querySelectorAll };
    class MutationObserver {
      observe() {}
      disconnect() {}
    }
    Object.assign(globalThis, { document, MutationObserver });
    after(() => Reflect.deleteProperty(globalThis, 'MutationObserver'));
    const { failures } = failuresOf(false);
    failures.repairer = undefined;
    const repairer = repairerOf(failures);
    const image = Object.assign(new FailedImage(), { ownerDocument: document });
    fails(image);
    return { failures, repairer, image };
  };

  test('passes over what has the name of an image or the attribute of a style, and is neither', async () => {
    let requests = 0;
    const named = /** @type {Record<string, unknown[]>} */ ({
      image: [{ localName: 'image' }],
      '[style*="url("],[style*=image-set]': [{ baseURI: 'https://app.example/' }],
    });
    const { failures, repairer, image } = hold((selector) => named[selector] ?? []);
    const decode = () => Promise.reject(new Error('broken'));
    Object.assign(image, { decode, hasAttribute: () => false, removeAttribute: () => requests++ });
    named.img = [image];
    const repaired = repairer.repair('token');
    await pass(50);
    await repaired;
    assert.deepEqual([requests, image.failures, failures.held.size], [1, 0, 0]);
  });

  test('that throws lets the app hear of what is held', async () => {
    const { repairer, image } = hold((selector) => {
      if (selector === 'img') throw new Error('boom');
      return [];
    });
    await assert.rejects(repairer.repair('token'), /boom/);
    assert.equal(image.failures, 1);
  });
});

describe('a failure under a worker', () => {
  /**
   * An image fails, as often as the app says a new URL or the page requests it again.
   * @param {number | undefined} startedAt of the worker, by its reply. It does not reply without one
   */
  const openUnder = (startedAt) => {
    const { failures, workers } = failuresOf(true);
    let messages = 0;
    workers.controller = {
      postMessage: ({ type = '' }, /** @type {MessagePort[]} */ [port]) => {
        assert.equal(type, 'stats');
        messages++;
        if (startedAt !== undefined) port.postMessage({ startedAt });
      },
    };
    failures.repairer = undefined;
    const repairer = repairerOf(failures);
    let repairs = 0;
    repairer.repair = async () => void repairs++;
    return { counts: () => ({ messages, repairs }), failures, repairer };
  };

  test('is repaired if the worker has started after it: the request has bypassed it', async () => {
    const { counts } = openUnder(START + 1);
    const images = [new FailedImage(), new FailedImage()];
    for (const image of images) fails(image);
    await settled();
    await pass(50);
    assert.deepEqual(counts(), { messages: 1, repairs: 0 });
    await pass(300);
    assert.deepEqual(counts(), { messages: 1, repairs: 1 });
    assert.deepEqual(
      images.map((image) => image.failures),
      [0, 0],
    );
  });

  test('is repaired once for each URL, also if the worker says each time that it has started after it', async () => {
    const { counts, failures, repairer } = openUnder(START + 3_600_000);
    const image = new FailedImage();
    for (const [url, repairs, told] of /** @type {const} */ ([
      [CAT, 1, 0],
      [CAT, 1, 1],
      [`${CAT}?next`, 2, 1],
    ])) {
      image.currentSrc = url;
      fails(image);
      await settled();
      await pass(350);
      assert.deepEqual([counts().repairs, image.failures], [repairs, told]);
      repairer.repaired(asElement(image));
      assert.equal(failures.held.size, 0);
    }
  });

  test('lasts if the worker had started before it: the app hears of it after 50 ms', async () => {
    const { counts } = openUnder(START - 1);
    const image = new FailedImage();
    fails(image);
    await settled();
    await pass(49);
    assert.equal(image.failures, 0);
    await pass(1);
    assert.equal(image.failures, 1);
    await pass(10_000);
    assert.deepEqual(counts(), { messages: 1, repairs: 0 });
  });

  test('lasts if the worker does not reply, like one of version 1: the app hears of it after 1 s', async () => {
    const { counts } = openUnder(undefined);
    const image = new FailedImage();
    fails(image);
    await pass(999);
    assert.equal(image.failures, 0);
    await pass(1);
    assert.deepEqual([image.failures, counts().repairs], [1, 0]);
  });

  test('is not decided earlier because an ask for another image got its reply, with a token or without', async () => {
    for (const [hasToken, repairs] of /** @type {const} */ ([
      [false, 0],
      [true, 1],
    ])) {
      const { counts, repairer } = openUnder(Date.now() - 1);
      const image = new FailedImage();
      fails(image);
      repairer.replied(hasToken);
      await settled();
      await pass(49);
      assert.equal(image.failures, 0);
      await pass(351);
      assert.equal(counts().repairs, repairs);
    }
  });

  test('of another image is another matter: what the element shows by then is not repaired', async () => {
    const { counts, repairer } = openUnder(START + 1);
    const image = new FailedImage();
    fails(image);
    repairer.repaired(asElement(image));
    await settled();
    await pass(10_000);
    assert.deepEqual([image.failures, counts().repairs], [0, 0]);
  });
});
