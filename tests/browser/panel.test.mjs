// The panel, as the page status.html shows it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe } from 'node:test';
import { showImage } from './in-page.mjs';
import { appPage, openWarmApp, test, useBrowser } from './story.mjs';
import { until } from './until.mjs';

const axe = await readFile(new URL('../../js/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** @returns {string} */
const panelText = () => {
  const root = /** @type {ShadowRoot} */ (document.querySelector('#panel')?.shadowRoot);
  return [...root.querySelectorAll('li, dd, dt, pre, svg[role]')]
    .map((each) => (each instanceof SVGElement ? each.getAttribute('aria-label') : each.textContent))
    .join('\n');
};

/** @param {string} name @param {string} value */
const fill = (name, value) => {
  const root = /** @type {ShadowRoot} */ (document.querySelector('#panel')?.shadowRoot);
  const input = /** @type {HTMLInputElement} */ (root.querySelector(`input[type=${name}]`));
  input.value = value;
  input.dispatchEvent(new Event('input'));
  input.focus();
};

/** What has the focus in the panel. @returns {string} */
const focused = () => {
  const element = document.querySelector('#panel')?.shadowRoot?.activeElement;
  return element
    ? `${element.localName} ${element.getAttribute('type') ?? element.getAttribute('role') ?? ''}`.trim()
    : '';
};

/** Faults that axe finds. @param {string} source @param {string} scheme light or dark */
const faults = async (source, scheme) => {
  if (!('axe' in globalThis)) globalThis.eval(source);
  document.documentElement.style.colorScheme = scheme;
  /** @type {HTMLElement} */ (document.querySelector('#panel')).style.colorScheme = scheme;
  const { violations } = await /** @type {any} */ (globalThis).axe.run();
  return violations.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes[0].html}`);
};

describe('The panel', () => {
  const browser = useBrowser();

  test('shows counts and decisions as they come, finds faults, and is accessible in light and dark', async (t) => {
    const { realms, tab, openTab } = await openWarmApp(t, browser, { page: () => ({ '/': appPage() }) });
    const panel = await openTab('/status.html');
    const shows = (/** @type {string} */ what, /** @type {RegExp} */ pattern) =>
      until(what, async () => pattern.test(await panel.evaluate(panelText)));
    await shows('the counts', /sent with a token\n0/);
    assert.equal(await tab.evaluate(showImage, `${realms.origin}/r/cat.png`), true);
    await shows(
      'the decision',
      /\/r\/cat\.png.*image · sent with the token of its realm; sent with the token of \S+\/r\/ after/,
    );
    await shows('the times', /Time until the response: 1 under|Time until the response: .*[1-9] under/);
    await shows(
      'the rules and realms',
      new RegExp(`1 × sent with the token of its realm\\n.*${realms.origin}/r/\\n${realms.origin}`, 's'),
    );
    assert.doesNotMatch(await panel.evaluate(panelText), /r-token/);

    await panel.evaluate(fill, 'search', 'no such image');
    await shows('the filter', /No request has such a URL/);
    await panel.evaluate(fill, 'url', `${realms.origin}/r/cat.png`);
    // The rest with the keyboard alone.
    const order = [];
    for (let i = 0; i < 5; i++) {
      await panel.press('Tab');
      if (i === 0) await panel.press('Enter');
      order.push(await panel.evaluate(focused));
    }
    assert.deepEqual(order, ['button submit', 'pre status', 'input search', 'button button', 'ol']);
    await shows('the diagnosis', /✗ registerAuthServiceWorker\(\) has not been called in this page/);
    for (const scheme of ['light', 'dark']) assert.deepEqual(await panel.evaluate(faults, axe, scheme), [], scheme);
  });
});
