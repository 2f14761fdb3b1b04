// The pages of the scenarios' app: one that speaks only version 1, like Boxel's, and one that uses all of the
// package.
import { readFile } from 'node:fs/promises';
import { packageFolder } from '../servers.mjs';

/** @typedef {1 | 2} Version of the wire that the page speaks */

/** Takes the measurements. It is in the head, before anything that could lead to an ask. */
const observer = `
  var asks = [], startedAt = 0, shownAt = 0;
  navigator.serviceWorker.addEventListener('message', ({ data }) => {
    if (data?.type === 'request-realm-token') asks.push(data.requestURL);
  });
  document.addEventListener('load', ({ target }) => { if (target.localName === 'img') shownAt = performance.now(); }, true);`;

/** Modules that define \`app\`, what the app does at a login and a logout. */
const modules = {
  1: `
    const container = navigator.serviceWorker;
    const stored = () => JSON.parse(localStorage.getItem('boxel-session') ?? '{}');
    const push = (tokens) => container.controller?.postMessage({ type: 'sync-tokens', tokens });
    container.addEventListener('message', ({ data: { type, requestURL }, ports: [port] }) => {
      if (type !== 'request-realm-token') return;
      const [realmURL, token] = Object.entries(stored()).find(([realm]) => requestURL.startsWith(realm)) ?? [];
      port.postMessage(token ? { realmURL, token } : {});
    });
    container.startMessages();
    container.register('/auth-service-worker.js');
    container.ready.then(() => push(stored()));
    globalThis.app = { logIn: push, logOut: () => container.controller?.postMessage({ type: 'clear-tokens' }) };`,
  2: `
    import { clearServiceWorkerTokens, registerAuthServiceWorker, syncAllTokensToServiceWorker } from '/page.js';
    registerAuthServiceWorker(OPTIONS);
    globalThis.app = { logIn: syncAllTokensToServiceWorker, logOut: clearServiceWorkerTokens };`,
};

/**
 * @param {Version} version
 * @param {object} [parts]
 * @param {string} [parts.imports] modules that load and run before the app's first own line
 * @param {string} [parts.script] the app's next lines
 * @param {string} [parts.options] those of registerAuthServiceWorker, for a version 2 page
 * @param {string} [parts.body] HTML
 * @returns {Promise<string>}
 */
export async function appPage(version, { imports = '', script = '', body = '', options = '' } = {}) {
  const early = version === 2 ? `<script>${await readFile(`${packageFolder}/early.js`, 'utf8')}</script>` : '';
  return `<!doctype html>
<meta charset="utf-8">
<title>An app</title>
<link rel="icon" href="data:,">
${early}
<script>${observer}</script>
<script type="module">${imports}${modules[version].replace('OPTIONS', () => options)}${script}</script>
<body>${body}`;
}

/** An app that hangs: it hears the worker's asks and never replies. */
export const hungPage = `<!doctype html>
<meta charset="utf-8">
<title>An app that hangs</title>
<link rel="icon" href="data:,">
<script>${observer}
  navigator.serviceWorker.startMessages();
  navigator.serviceWorker.register('/auth-service-worker.js');
</script>`;

/** A page of the same origin that registers no worker. */
export const plainPage = '<!doctype html><title>Before the app</title><link rel="icon" href="data:,">';

/** @param {string[]} urls */
export const imagesHtml = (urls) => urls.map((url) => `<img src="${url}">`).join('\n');

/** @param {string[]} urls */
export const insertImages = (urls) => `
  document.body.append(...${JSON.stringify(urls)}.map((src) => Object.assign(new Image(), { src })));`;

const DEPTH = 7;
const LEAVES = 3;
const LEAF_BYTES = 4000;

/** @param {string} body @returns {import('../servers.mjs').ServedResponse} */
const moduleResponse = (body) => ({ status: 200, type: 'text/javascript', body });

/**
 * The modules that an app's boot waits for. Each imports the next one, and some import nothing.
 * @type {Record<string, import('../servers.mjs').ServedResponse>}
 */
export const chain = {};
for (let depth = 0; depth < DEPTH; depth++) {
  const leaves = Array.from({ length: LEAVES }, (_, leaf) => `/chain/${depth}-${leaf}.js`);
  const imports = depth + 1 < DEPTH ? [`/chain/${depth + 1}.js`, ...leaves] : leaves;
  chain[`/chain/${depth}.js`] = moduleResponse(imports.map((path) => `import '${path}';`).join('\n'));
  for (const leaf of leaves) chain[leaf] = moduleResponse(`export const text = '${'x'.repeat(LEAF_BYTES)}';`);
}
export const importChain = "import '/chain/0.js';";
