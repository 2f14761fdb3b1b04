// The page's module as it is published, with and without the files beside it.
import './page-time.mjs';
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as source from '../../js/page/index.js';
import { Ask, ask, FakeContainer, openWindow, settled, storageOf, warningsOf } from './page-platform.mjs';
import { CAT, REALM } from './wire.mjs';
import { importShipped, PACKAGE_FOLDER } from './package.mjs';

const published = await importShipped('page.js');

test('exports what the source does', () => {
  assert.deepEqual(Object.keys(published), Object.keys(source));
});

test('finds its own core', async () => {
  const handler = published.createTokenRequestHandler({ storage: storageOf({ [REALM]: 'stored' }) });
  const asked = await ask(handler);
  await asked.done;
  await settled();
  assert.deepEqual(asked.replies, [{ realmURL: REALM, token: 'stored' }]);
});

test('a refresh whose module could not be loaded is tried again at the next ask', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'auth-service-worker-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  const copy = (/** @type {string} */ name) => copyFile(join(PACKAGE_FOLDER, name), join(folder, name));
  await copy('page.js');
  t.mock.method(console, 'warn', () => {});
  const { createTokenRequestHandler } = await import(pathToFileURL(join(folder, 'page.js')).href);
  const handler = createTokenRequestHandler({ tokens: () => ({}), realms: [REALM], reauthenticate: () => 'fresh' });
  const repliesOf = async () => {
    const asked = await ask(handler, CAT, 'missing', true);
    await asked.done;
    await settled();
    return asked.replies;
  };
  assert.deepEqual(await repliesOf(), [{}]);
  await copy('refresh.js');
  assert.deepEqual(await repliesOf(), [
    { type: 'pending', realmURL: REALM },
    { realmURL: REALM, token: 'fresh', tokens: { [REALM]: 'fresh' } },
  ]);
});

test('without the files beside it, it replies, the app hears of failed images, and the console says what is missing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'auth-service-worker-'));
  await copyFile(join(PACKAGE_FOLDER, 'page.js'), join(folder, 'page.js'));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  const warnings = warningsOf(t);
  const { navigator } = globalThis;
  const container = new FakeContainer();
  container.registration.scope = 'https://app.example/';
  openWindow();
  const document = Object.assign(new EventTarget(), { querySelectorAll: () => [] });
  const image = Object.assign(new EventTarget(), { localName: 'img', currentSrc: CAT, ownerDocument: document });
  let failures = 0;
  image.addEventListener('error', () => failures++);
  const early = Object.assign([], { failed: [image], wasControlled: false });
  const place = {
    window: new EventTarget(),
    document,
    MutationObserver: class {
      observe() {}
    },
  };
  Object.assign(globalThis, place, { authServiceWorkerEarly: () => early });
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { serviceWorker: container } });
  t.after(async () => {
    for (const name of [...Object.keys(place), 'authServiceWorkerEarly']) Reflect.deleteProperty(globalThis, name);
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: navigator });
    await rm(folder, { recursive: true });
  });

  const alone = await import(pathToFileURL(join(folder, 'page.js')).href);
  await alone.registerAuthServiceWorker({
    tokens: () => ({ [REALM]: 'stored', 'no-url': 'secret' }),
    reauthenticate() {},
  });
  const asked = new Ask(CAT, 'missing', false);
  container.dispatchEvent(Object.assign(new Event('message'), asked.event));
  while (warnings.texts.length < 3 || asked.replies.length === 0) await settled();
  assert.deepEqual(asked.replies, [{ tokens: { [REALM]: 'stored' }, refresh: true }]);
  assert.equal(failures, 1);
  assert.deepEqual(warnings.texts.sort(), [
    'auth-service-worker: cannot get new tokens. Serve refresh.js beside page.js. With a bundler, load the page again.',
    'auth-service-worker: cannot request broken images again. Serve elements.js beside page.js. With a bundler, load the page again.',
    'auth-service-worker: realm-no-url. Serve advice.js beside page.js: it says more.',
  ]);
});
