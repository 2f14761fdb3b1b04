import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { makeVideo } from './video.mjs';
import { askCount, pushToken, showImage, storeTokens, workerStats } from './in-page.mjs';
import { appPage, openApp, png, test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

/** Also in the page: a JWT that expires in so many seconds. @param {number} seconds */
const jwtIn = (seconds) => {
  const part = (/** @type {object} */ value) => btoa(JSON.stringify(value)).replaceAll('=', '');
  return `${part({ alg: 'none' })}.${part({ exp: Date.now() / 1000 + seconds })}.x`;
};

/** Far more than the browser reads ahead of where it plays, or it need not ask for what it seeks. */
const TURNS = 160;

/** What an app's `reauthenticate` does with the new token besides returning it, as source text. */
const keepings = {
  'only returns the token': '',
  'also stores it': `localStorage.setItem('boxel-session', JSON.stringify({ [realmURL]: token }));`,
  'also pushes it': 'auth.syncTokenToServiceWorker(realmURL, token);',
};

describe('A token that the server revoked is refreshed', () => {
  const browser = useBrowser();

  /**
   * An app whose worker and storage have the token `old`. The server takes it until `revoke` is called, and
   * `new` at any time.
   * @param {import('./story.mjs').Cleanup} t
   * @param {string} keeping
   * @param {import('./servers.mjs').File} [file]
   * @param {string} [old]
   */
  const openAppToRefresh = async (t, keeping, file = png, old = 'old') => {
    /** @type {Record<string, import('./servers.mjs').File>} */
    const files = { [old]: file, new: file };
    const { log, realms, tab } = await openApp(t, browser, {
      realms: { '/r/': { files } },
      page: (origin) =>
        appPage(`{
        isLoggedIn: () => true,
        realmOf: () => '${origin}/r/',
        reauthenticate: async (realmURL) => {
          const token = 'new';
          globalThis.logins = (globalThis.logins ?? 0) + 1;
          ${keeping}
          return token;
        },
      }`),
    });
    const realm = `${realms.origin}/r/`;
    await tab.evaluate(storeTokens, { [realm]: old });
    await tab.evaluate(pushToken, realm, old);
    await tab.evaluate(workerStats);
    return { log, realm, tab, logins: () => tab.evaluate(() => globalThis.logins), revoke: () => delete files[old] };
  };

  for (const [what, keeping] of Object.entries(keepings)) {
    test(`by a reauthenticate that ${what}`, async (t) => {
      const { log, realm, tab, logins, revoke } = await openAppToRefresh(t, keeping);
      assert.equal(await tab.evaluate(showImage, `${realm}before.png`), true);
      revoke();
      assert.equal(await tab.evaluate(showImage, `${realm}a.png`), true);
      assert.equal(await tab.evaluate(showImage, `${realm}b.png`), true);
      assert.deepEqual(log.authorizationsOf('/r/a.png'), ['Bearer old', 'Bearer new']);
      assert.deepEqual(log.authorizationsOf('/r/b.png'), ['Bearer new']);
      assert.equal(await logins(), 1);
    });
  }

  test('also a JWT that has not expired', async (t) => {
    const old = jwtIn(600);
    const { log, realm, tab, logins, revoke } = await openAppToRefresh(t, '', png, old);
    revoke();
    assert.equal(await tab.evaluate(showImage, `${realm}a.png`), true);
    assert.equal(await tab.evaluate(showImage, `${realm}b.png`), true);
    assert.deepEqual(log.authorizationsOf('/r/a.png'), [`Bearer ${old}`, 'Bearer new']);
    assert.deepEqual(log.authorizationsOf('/r/b.png'), ['Bearer new']);
    assert.equal(await logins(), 1);
  });

  test('and a video that seeks afterwards plays on', async (t) => {
    const video = await makeVideo(TURNS);
    const { log, realm, tab, revoke } = await openAppToRefresh(t, '', video);
    await tab.evaluate(async (url) => {
      const video = Object.assign(document.createElement('video'), {
        crossOrigin: 'anonymous',
        muted: true,
        preload: 'metadata',
        src: url,
      });
      document.body.append(video);
      await new Promise((resolve, reject) => {
        video.onloadeddata = resolve;
        video.onerror = () => reject(new Error(video.error?.message));
      });
    }, `${realm}video.webm`);
    revoke();
    const before = log.of('/r/video.webm').length;
    const { reached, wanted } = await tab.evaluate(async () => {
      const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'));
      const wanted = video.duration - 2;
      await new Promise((resolve, reject) => {
        video.onseeked = resolve;
        video.onerror = () => reject(new Error(video.error?.message));
        video.currentTime = wanted;
      });
      return { reached: video.currentTime, wanted };
    });
    assert.equal(reached, wanted);
    // Chromium may have the place that it seeks already, and request what follows.
    const next = () =>
      log
        .of('/r/video.webm')
        .slice(before)
        .find(({ status }) => status === 206);
    await until('the rest of the video', () => next() !== undefined);
    assert.equal(next()?.authorization, 'Bearer new');
  });
});

describe('A token that is about to expire', () => {
  const browser = useBrowser();

  test('is refreshed before an image needs it: no image waits, and two tabs need one login', async (t) => {
    /** @type {Record<string, import('./servers.mjs').File>} */
    const files = {};
    const { log, realms, openTab, tab } = await openApp(t, browser, {
      realms: { '/r/': { files } },
      page: (origin) =>
        appPage(`{
        refreshesBeforeExpiry: true,
        isLoggedIn: () => true,
        realmOf: () => '${origin}/r/',
        reauthenticate: async (realmURL) => {
          globalThis.logins = (globalThis.logins ?? 0) + 1;
          const token = (${jwtIn})(600);
          localStorage.setItem('boxel-session', JSON.stringify({ [realmURL]: token }));
          return token;
        },
      }`),
    });
    const realm = `${realms.origin}/r/`;
    const second = await openTab();
    const tabs = [tab, second];
    const logins = async () =>
      (await Promise.all(tabs.map((each) => each.evaluate(() => globalThis.logins ?? 0)))).reduce(
        (sum, count) => sum + count,
      );
    const short = await tab.evaluate(jwtIn, 3);
    files[short] = png;
    await tab.evaluate(storeTokens, { [realm]: short });
    for (const each of tabs) await each.evaluate(pushToken, realm, short);
    assert.equal(await second.evaluate(showImage, `${realm}before.png`), true);
    await until('a login', async () => (await logins()) === 1);
    const stored = () => Object.values(JSON.parse(localStorage.getItem('boxel-session') ?? ''))[0];
    const fresh = await until('the new token in both tabs', async () => {
      const [token, other] = await Promise.all(tabs.map((each) => each.evaluate(stored)));
      return token !== short && token === other && token;
    });
    files[fresh] = png;
    delete files[short];
    for (const each of tabs) await each.evaluate(workerStats);
    for (const each of tabs)
      assert.equal(await each.evaluate(showImage, `${realm}after.png?${tabs.indexOf(each)}`), true);
    assert.deepEqual(log.authorizationsOf('/r/after.png'), Array(2).fill(`Bearer ${fresh}`));
    assert.deepEqual(await Promise.all(tabs.map((each) => each.evaluate(askCount))), [0, 0]);
    assert.equal(await logins(), 1);
  });
});
