import { isServiceWorkerSupported, registerAuthServiceWorker } from '/page.js';
import { catalogue } from '/catalogue.js';
import { callApi } from '/api.js';
import { cases, reauthenticate } from '/cases.js';
import { byId, make } from '/dom.js';
import { beginRound, showAsk, showServerLog } from '/facts.js';
import { mountPanel } from '/panel.js';
import { currentUser, onOtherTab, realmOf, startSession } from '/session.js';
import { showShelf } from '/shelf.js';

/** @typedef {import('./shelf.js').ShelfResult} ShelfResult */
/** @typedef {{round: number, asks: number, with: ShelfResult, without: ShelfResult}} RoundResult */
/** @typedef {Window & {showRound: (round: number) => Promise<ShelfResult>}} WithoutWindow */

const frame = /** @type {HTMLIFrameElement} */ (byId('without'));
/** @type {Promise<WithoutWindow>} */
const withoutWindow = new Promise((resolve) => {
  const loaded = /** @type {WithoutWindow | null} */ (frame.contentWindow);
  if (loaded?.showRound) resolve(loaded);
  else
    frame.addEventListener('load', () => resolve(/** @type {WithoutWindow} */ (frame.contentWindow)), { once: true });
});
withoutWindow.then(({ document: { body } }) =>
  new ResizeObserver(() => {
    frame.style.height = `${body.offsetHeight}px`;
  }).observe(body),
);

mountPanel(byId('panel'));

/** The time until each response of the slow network. */
const SLOW_MS = 1200;

let round = 0;
let asks = 0;

navigator.serviceWorker?.addEventListener('message', ({ data }) => {
  if (data?.type !== 'request-realm-token') return;
  asks += 1;
  showAsk(data.requestURL, Date.now() - round);
});

/** @param {string} id @param {ShelfResult} result @param {string} more */
function showCount(id, result, more) {
  const total = result.shown.length + result.broken.length;
  const expected = catalogue.realms
    .filter(({ users }) => users === 'everyone' || (id === 'with-count' && users.includes(currentUser())))
    .reduce((sum, { images }) => sum + images.length, 0);
  byId(id).replaceChildren(make('b', {}, `${result.shown.length} of ${total}`), ` shown${more}`);
  byId(id).dataset.good = String(result.shown.length === expected);
}

/** Loads all images anew on both sides, one after the other, so that neither delays the other. @param {string} says */
async function showRound(says) {
  beginRound(says);
  byId('says').textContent = says;
  for (const button of document.querySelectorAll('[data-user]')) {
    button.setAttribute('aria-pressed', String(button.getAttribute('data-user') === currentUser()));
  }
  const without = await (await withoutWindow).showRound(Date.now());
  showCount('without-count', without, '');
  round = Date.now();
  asks = 0;
  const result = await showShelf(byId('with'), 'with', round);
  showCount('with-count', result, `, ${asks === 1 ? '1 ask' : `${asks} asks`}, ${result.milliseconds} ms`);
  await showServerLog(round);
  return { round, asks, with: result, without };
}

/** @param {string} name @returns {Promise<void>} */
async function runCase(name) {
  // The buttons are not disabled meanwhile: a disabled button loses the keyboard's focus.
  if (document.body.ariaBusy === 'true') return;
  document.body.ariaBusy = 'true';
  try {
    await cases[name].prepare();
    const result = await showRound(cases[name].says);
    document.dispatchEvent(new CustomEvent('round', { detail: { name, ...result } }));
  } finally {
    document.body.ariaBusy = 'false';
  }
}

/** @returns {Promise<void>} when a worker controls this page, or after a while when none does */
function controlled() {
  return new Promise((resolve) => {
    if (navigator.serviceWorker.controller) return resolve();
    navigator.serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true });
    setTimeout(resolve, 4000);
  });
}

for (const [name, { label }] of Object.entries(cases)) {
  if (!label) continue;
  const isUser = ['alice', 'bob', 'log-out'].includes(name);
  const button = make('button', { type: 'button', 'data-case': name }, label);
  if (isUser) button.dataset.user = name === 'log-out' ? '' : name;
  button.addEventListener('click', () => runCase(name));
  byId(isUser ? 'users' : 'cases').append(button);
}

const slow = byId('slow');
const showNetwork = (/** @type {{delayMs: number}} */ { delayMs }) =>
  slow.setAttribute('aria-pressed', String(delayMs > 0));
slow.addEventListener('click', async () => {
  const isSlow = slow.getAttribute('aria-pressed') === 'true';
  showNetwork(await callApi('/_network', { delay: String(isSlow ? 0 : SLOW_MS) }));
  await runCase('again');
});
showNetwork(await callApi('/_network'));
onOtherTab(() => runCase('other-tab'));

await startSession();
if (isServiceWorkerSupported()) {
  await registerAuthServiceWorker({
    realmOf,
    reauthenticate,
    publicRealms: catalogue.realms.filter(({ users }) => users === 'everyone').map(({ url }) => url),
    isLoggedIn: () => currentUser() !== '',
    workerURL: '/auth-service-worker.js',
    scope: '/app/',
  });
  await controlled();
}
if (!navigator.serviceWorker?.controller) byId('warning').hidden = false;
await runCase('again');
document.documentElement.dataset.ready = 'yes';
