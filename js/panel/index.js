// What the worker does, as a panel for an app's debug view, or the page status.html.
import { describeDecision, diagnose, getDecisions, getStats, watchWorker } from '../inspect/index.js';
import { styles } from './styles.js';
import { histogram, timeline } from './pictures.js';

/** @typedef {import('../protocol.js').Decision} Decision */

const SHOWN = 100;
const EVERY_MS = 1000;

/** The counts that are shown, with what they mean. */
const COUNTS = {
  realms: 'realms with a token',
  hosts: 'hosts',
  clients: 'clients',
  asks: 'open asks',
  waiters: 'requests that wait',
  sent: 'sent with a token',
  held: 'held',
  asked: 'asks',
  retried: 'sent again',
  refused: 'refused',
  unauthorised: 'refusals that pages were shown',
  failed: 'network errors',
};

/**
 * Mounts the panel.
 * @param {HTMLElement} place whose content it becomes
 * @returns {() => void} takes it away
 */
export function mountPanel(place) {
  const root = place.shadowRoot ?? place.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];

  const heading = make('h2', 'Auth service worker');
  const counts = make('dl');
  const times = make('div');
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
  const form = make('form', label('Picture', address), button('Diagnose'));
  // Both may scroll.
  for (const long of [outcome, list]) long.tabIndex = 0;
  for (const live of [outcome, copied]) live.setAttribute('role', 'status');
  outcome.setAttribute('aria-label', 'Diagnosis');

  root.replaceChildren(
    heading,
    section('Counts', counts, times),
    section('Why does a picture not show?', form, outcome),
    section('Decisions', make('p', label('Only URLs with', filter), copy, copied), list),
  );

  /** @type {Decision[]} */
  let decisions = [];
  /** @type {import('../inspect/questions.js').Stats | undefined} */
  let stats;

  const show = () => {
    const told = stats ?? {};
    counts.replaceChildren(
      ...Object.entries(COUNTS).map(([name, meaning]) =>
        make('div', make('dt', meaning), make('dd', String(told[name] ?? '–'))),
      ),
    );
    times.replaceChildren(histogram(decisions));
    const wanted = decisions
      .filter(({ url }) => url.includes(filter.value))
      .slice(-SHOWN)
      .reverse();
    list.replaceChildren(...wanted.map(row));
    if (wanted.length === 0)
      list.append(
        make(
          'li',
          decisions.length > 0 ? 'No request has such a URL.' : stats ? 'No requests yet.' : 'No worker answers.',
        ),
      );
  };
  const refresh = async () => {
    if (document.hidden) return;
    stats = await getStats();
    decisions = (await getDecisions()) ?? decisions;
    show();
  };
  const report = async () => {
    const text = JSON.stringify(
      { at: new Date().toISOString(), agent: navigator.userAgent, stats, decisions, diagnosis: outcome.textContent },
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
  const stop = watchWorker({ onDecision: () => {} });
  const timer = setInterval(refresh, EVERY_MS);
  void refresh();
  return () => {
    clearInterval(timer);
    stop();
    root.replaceChildren();
  };
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
