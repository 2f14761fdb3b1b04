// Where diagnose() sends the page's token: with the modules as they are shipped.
import { stopTime } from './page-time.mjs';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FakeContainer, FakeServiceWorker2, pass } from './page-platform.mjs';
import { CAT, REALM } from './wire.mjs';
import { importShipped } from './package.mjs';

const { diagnose } = await importShipped('inspect.js');
const { clearServiceWorkerTokens, registerAuthServiceWorker } = await importShipped('page.js');

const { fetch, navigator } = globalThis;
after(() => {
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: navigator });
  Object.assign(globalThis, { fetch, Image: undefined, location: undefined });
});

/**
 * Diagnoses an image. Returns the requests that had the token: their URLs, redirect modes and credentials modes.
 * @param {string} image
 * @param {import('../../js/worker/options.js').Options} [worker]
 * @param {() => unknown} [prepare] what the page does before
 * @param {(url: URL) => string | URL} [realmOf]
 */
async function sentFor(image, worker, prepare, realmOf = () => REALM) {
  stopTime();
  // The page registers without one.
  Reflect.deleteProperty(globalThis, 'document');
  const container = new FakeContainer();
  container.getRegistration = async () => container.registration;
  container.registration.scope = 'https://app.example/';
  /** @type {[url: string, redirect: string, credentials: string | undefined][]} */
  const sent = [];
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { serviceWorker: container } });
  Object.assign(globalThis, {
    location: new URL('https://app.example/page'),
    /** @param {string | URL} url @param {RequestInit} [init] */
    fetch: async (url, { headers = [], redirect = 'follow', credentials } = {}) => {
      if (JSON.stringify(headers).includes('SECRET')) sent.push([String(url), redirect, credentials]);
      return new Response('');
    },
  });
  await registerAuthServiceWorker({
    tokens: () => ({}),
    realmOf,
    reauthenticate: async () => 'SECRET',
    worker,
  });
  const [, scriptURL] = String(container.calls.find((call) => call.startsWith('register'))).split(' ');
  container.control(Object.assign(new FakeServiceWorker2(), { scriptURL }));
  class Image {
    onload() {}
    set src(/** @type {string} */ _url) {
      this.onload();
    }
  }
  Object.assign(globalThis, {
    document: { querySelectorAll: () => [], styleSheets: [], defaultView: { Image } },
    Image,
  });
  await prepare?.();
  const diagnosis = diagnose(image);
  await pass(20_000);
  lastText = (await diagnosis).text;
  return sent;
}

/** What the last diagnosis said. */
let lastText = '';

test('what the diagnosis says has no query', async (t) => {
  t.mock.method(console, 'warn', () => {});
  await sentFor(`${CAT}?key=hidden`, undefined, undefined, (url) => url);
  assert.match(lastText, /Its realm is .*cat\.png\?…/);
  assert.doesNotMatch(lastText, /hidden/);
});

test('to a URL of its realm only, whatever realmOf() says', async () => {
  assert.deepEqual(await sentFor(CAT), [[CAT, 'follow', 'same-origin']]);
  assert.deepEqual(await sentFor('https://elsewhere.example/cat.png'), []);
});

test('along a redirect only in the header that browsers take off on the way to another origin', async () => {
  assert.deepEqual(await sentFor(CAT, { authorization: { header: 'X-Api-Key' } }), [[CAT, 'manual', 'same-origin']]);
});

test('with cookies, if the worker sends them', async () => {
  assert.deepEqual(await sentFor(CAT, { credentials: 'include' }), [[CAT, 'follow', 'include']]);
});

test('not after the page was disabled, and reauthenticate() is not called', async () => {
  assert.deepEqual(await sentFor(CAT, undefined, () => registerAuthServiceWorker({ isEnabled: false })), []);
});

test('not after a logout while it was on its way', async (t) => {
  const { MessageChannel } = globalThis;
  t.after(() => Object.assign(globalThis, { MessageChannel }));
  class SlowChannel extends MessageChannel {
    constructor() {
      super();
      this.port1.addEventListener('message', ({ data }) => data?.token && clearServiceWorkerTokens());
    }
  }
  assert.deepEqual(await sentFor(CAT, undefined, () => Object.assign(globalThis, { MessageChannel: SlowChannel })), []);
});
