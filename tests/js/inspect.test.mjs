// What the page is told of its worker: in time, of every image, and in true sentences.
import assert from 'node:assert/strict';
import { after, describe, mock, test } from 'node:test';
import { describeDecision, getStats, isUnseen, watchWorker } from '../../js/inspect/index.js';
import { mountPanel } from '../../js/panel/index.js';
import { FakeContainer, FakeServiceWorker, openWindow, settled, START } from './page-platform.mjs';

const { navigator } = globalThis;
after(() => {
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: navigator });
  Object.assign(globalThis, { document: undefined, Image: undefined, location: undefined });
});

/** A worker that keeps decisions. */
class WatchedWorker extends FakeServiceWorker {
  /** @type {object[]} */
  decisions = [];

  /** @override @param {string} _type @param {MessagePort | undefined} port */
  reply(_type, port) {
    port?.postMessage({ build: 'source', decisions: this.decisions });
  }
}

/** A page with this worker in control. @template {FakeServiceWorker} Worker @param {Worker} worker */
function openPageOf(worker) {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  openWindow();
  const container = new FakeContainer();
  container.controller = worker;
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { serviceWorker: container } });
  Object.assign(globalThis, { document: { hidden: false, querySelector: () => null } });
  return worker;
}

/** @param {number} ms */
async function passed(ms) {
  mock.timers.tick(ms);
  await settled();
}

describe('watchWorker()', () => {
  const STATS = { type: 'stats', decisions: true };

  test('asks for decisions again, since a worker that was stopped keeps none', async () => {
    const worker = openPageOf(new WatchedWorker());
    const end = watchWorker({ onDecision: () => {} });
    await settled();
    assert.deepEqual(worker.received, [STATS]);
    await passed(20_000);
    assert.deepEqual(worker.received, [STATS, STATS]);
    Object.assign(document, { hidden: true });
    await passed(20_000);
    assert.equal(worker.received.length, 2);
    Object.assign(document, { hidden: false });
    end();
    await passed(40_000);
    assert.equal(worker.received.length, 2);
  });

  test('lets the browser stop a worker whose decisions nobody wants', async () => {
    const worker = openPageOf(new WatchedWorker());
    const end = watchWorker({ onUnauthorised: () => {} });
    await settled();
    await passed(40_000);
    assert.deepEqual(worker.received, [{ type: 'stats' }]);
    end();
  });
});

test('a worker that does not reply: no counts after 2 s, and no port stays open', async () => {
  class SilentWorker extends FakeServiceWorker {
    isClosed = false;
    /** @override @param {string} _type @param {any} port */
    reply(_type, port) {
      port.on('close', () => (this.isClosed = true));
    }
  }
  const worker = openPageOf(new SilentWorker());
  const stats = getStats();
  await passed(1999);
  assert.equal(worker.isClosed, false);
  await passed(1);
  assert.equal(await stats, undefined);
  await settled();
  assert.equal(worker.isClosed, true);
});

test('mountPanel() without an element says so', () => {
  assert.throws(() => mountPanel(document.querySelector('#debug')), /needs an element\. Is it in the document yet\?/);
});

describe('isUnseen()', () => {
  /** An image that fails. @param {WatchedWorker} worker @param {string} shown its URL in the decision, if there is one */
  const failBefore = (worker, shown) =>
    Object.assign(globalThis, {
      Image: class {
        onerror() {}
        set src(/** @type {string} */ _url) {
          if (shown) worker.decisions.push({ at: Date.now(), url: shown, rule: 'unknownHost', steps: [] });
          this.onerror();
        }
      },
    });

  for (const [name, image, shown, isIt] of /** @type {[string, string, string, boolean][]} */ ([
    ['an image that the worker has seen', 'https://realm.example/a.png', 'https://realm.example/a.png', false],
    ['one with a fragment', 'https://realm.example/a.png#part', 'https://realm.example/a.png#…', false],
    ['one with a query', 'https://realm.example/a.png?b', 'https://realm.example/a.png?…', false],
    ['one below the page', 'a.png', 'https://app.example/app/a.png', false],
    ['one that the worker has not seen', 'https://realm.example/a.png', '', true],
  ])) {
    test(`${name}: ${isIt}`, async () => {
      const worker = openPageOf(new WatchedWorker());
      failBefore(worker, shown);
      assert.equal(await isUnseen(image), isIt);
    });
  }

  test('the worker keeps its decisions for 10 s only, since the page of any user may look', async () => {
    const worker = openPageOf(new WatchedWorker());
    failBefore(worker, '');
    await isUnseen('https://realm.example/a.png');
    const asked = { type: 'stats', decisions: true, keepMs: 10_000 };
    assert.deepEqual(worker.received, [asked, asked]);
  });

  test('what is no URL: an error', async () => {
    openPageOf(new WatchedWorker());
    await assert.rejects(isUnseen('https://'), /Invalid URL/);
  });
});

describe('describeDecision()', () => {
  const decision = { at: 0, url: 'https://realm.example/a.png', destination: 'image', clientId: 'tab' };

  test('a request that is left alone', () => {
    assert.equal(
      describeDecision({ ...decision, rule: 'publicRealm', steps: [] }),
      'left alone, because the page has said that its realm needs no token',
    );
  });

  test('one that would be, but goes past the cache', () => {
    assert.equal(
      describeDecision({ ...decision, rule: 'publicRealm', steps: [[1, 'sent', '']] }),
      "would be left alone, because the page has said that its realm needs no token, but the browser's cache may have another user's response; sent without a token after 1 ms",
    );
  });

  test('one that a page is asked about', () => {
    assert.equal(
      describeDecision({
        ...decision,
        rule: 'asked',
        steps: [
          [0, 'asked', 'missing'],
          [3, 'sent', 'https://realm.example/'],
          [8, 'answered', 200],
        ],
      }),
      'held, while a page is asked for its token; asked a page, since its token is missing, after 0 ms; sent with the token of https://realm.example/ after 3 ms; response 200 after 8 ms',
    );
  });
});
