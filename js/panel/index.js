// A panel that shows what the worker does, for an app's debug view or the page status.html.
import { describeDecision, diagnose, getStats, ruleTexts } from '../inspect/index.js';
import { styles } from './styles.js';
import { histogram, timeline } from './charts.js';

/** @typedef {import('../protocol.js').Decision} Decision */

const SHOWN = 100;
const EVERY_MS = 1000;

/** The counts that are shown, with their labels. */
const COUNTS = {
  sent: 'sent with a token',
  retried: 'sent again',
  refused: 'responses 401 or 403',
  unauthorised: 'of these, given to a page',
  images: 'images',
  imagesUnauthorised: 'images with a 401 or 403',
  failed: 'network errors',
  held: 'waited for a token',
  asked: 'asks sent to pages',
  refreshes: 'asked for a new token',
  waiters: 'waiting now',
  clients: 'pages and frames',
};

/** The lists of realms and origins, with their titles. */
const PLACES = {
  realmURLs: 'Realms with a token',
  publicRealms: 'Realms that need no token',
  origins: 'Origins that have or had a realm',
};

/**
 * Mounts the panel.
 * @param {Element | null} place the element that shows it
 * @returns {() => void} takes it away
 * @throws {Error} without a place
 */
export function mountPanel(place) {
  if (!place) throw new Error('auth-service-worker: mountPanel() needs an element. Is it in the document yet?');
  const root = place.shadowRoot ?? place.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];

  const heading = make('h2', 'Auth service worker');
  const counts = make('dl');
  const times = make('div');
  const rules = make('ul');
  const places = make('div');
  const filter = Object.assign(document.createElement('input'), { type: 'search' });
  const list = make('ol');
  const address = Object.assign(document.createElement('input'), {
    type: 'url',
    required: true,
    placeholder: 'https://…',
  });
  const outcome = make('pre');
  const copied = make('span');
  const copy = button('Copy a report', () => void report());
  const form = make('form', label('Image', address), button('Diagnose'));
  // Both may scroll, so the keyboard must reach them.
  for (const long of [outcome, list]) long.tabIndex = 0;
  for (const live of [outcome, copied]) live.setAttribute('role', 'status');
  outcome.setAttribute('aria-label', 'Diagnosis');

  root.replaceChildren(
    heading,
    section('Requests since the worker started', counts),
    section('Time until the response', times),
    section('Rules', rules),
    section('Realms', places),
    section('Why does an image not show?', form, outcome),
    section('Last requests', make('p', label('Only URLs with', filter), copy, copied), list),
  );

  /** The worker's latest reply. @type {import('../inspect/stats.js').Stats | undefined} */
  let stats;
  let shown = '';

  const show = () => {
    // While nothing is new, nothing is replaced: what a reader has selected or scrolled stays.
    const wanting = JSON.stringify([stats, filter.value]);
    if (shown === wanting) return;
    shown = wanting;
    const { decisions = [], times: counted = [], rules: decided = {} } = stats ?? {};
    counts.replaceChildren(
      ...entriesOf(COUNTS).map(([name, meaning]) =>
        make('div', make('dt', meaning), make('dd', String(stats?.[name] ?? '–'))),
      ),
    );
    times.replaceChildren(histogram(counted));
    const byCount = Object.entries(decided).sort(([, a], [, b]) => b - a);
    rules.replaceChildren(...byCount.map(([rule, count]) => make('li', `${count} × ${ruleTexts[rule] ?? rule}`)));
    places.replaceChildren(...entriesOf(PLACES).flatMap(([name, title]) => listOf(title, stats?.[name])));
    const wanted = decisions.filter(({ url }) => url.includes(filter.value)).slice(-SHOWN);
    list.replaceChildren(...wanted.reverse().map(row));
    const nothing = !stats
      ? 'No worker replies.'
      : decisions.length > 0
        ? 'No request has such a URL.'
        : 'No requests yet.';
    if (wanted.length === 0) list.append(make('li', nothing));
  };
  const refresh = async () => {
    if (document.hidden) return;
    stats = await getStats(true);
    show();
  };
  const report = async () => {
    const text = JSON.stringify(
      { at: new Date().toISOString(), agent: navigator.userAgent, stats, diagnosis: outcome.textContent },
      null,
      1,
    );
    copied.textContent = await navigator.clipboard.writeText(text).then(
      () => 'Copied, without any token.',
      () => 'The browser does not let the page copy.',
    );
  };

  filter.addEventListener('input', show);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    outcome.textContent = 'Looking …';
    outcome.textContent = (await diagnose(address.value)).text;
    void refresh();
  });
  const timer = setInterval(refresh, EVERY_MS);
  void refresh();
  return () => {
    clearInterval(timer);
    root.replaceChildren();
  };
}

/** @param {string} title @param {any} urls @returns {Node[]} none if there are no URLs */
function listOf(title, urls = []) {
  const items = urls.slice(0, SHOWN).map((/** @type {string} */ url) => make('li', make('code', url)));
  if (urls.length > SHOWN) items.push(make('li', `and ${urls.length - SHOWN} more`));
  return items.length > 0 ? [make('h4', title), make('ul', ...items)] : [];
}

/** @param {Decision} decision */
function row(decision) {
  const time = new Date(decision.at).toLocaleTimeString();
  return make(
    'li',
    make('code', decision.url),
    make('span', `${time} · ${decision.destination || 'fetch'} · ${describeDecision(decision)}`),
    timeline(decision),
  );
}

/** @param {string} name @param {...(Node | string)} content */
function make(name, ...content) {
  const element = document.createElement(name);
  element.append(...content);
  return element;
}

/** @param {string} title @param {...Node} content */
const section = (title, ...content) => make('section', make('h3', title), ...content);

/** @param {string} text @param {HTMLElement} field */
const label = (text, field) => make('label', `${text} `, field);

/** @param {string} text @param {() => void} [press] without it, it submits its form */
function button(text, press) {
  const element = Object.assign(document.createElement('button'), {
    type: press ? 'button' : 'submit',
    textContent: text,
  });
  if (press) element.addEventListener('click', press);
  return element;
}

/** @template {Record<string, string>} Names @param {Names} names @returns {[keyof Names, string][]} */
const entriesOf = (names) => Object.entries(names);
