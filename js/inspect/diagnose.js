// Says in plain words why a protected picture does not show, and what to change.
import { coveringRealm } from '../page/covering-realm.js';
import { foundState } from '../page/found-state.js';
import { scriptURLOf } from '../page/own-workers.js';
import { containerOf, support } from '../page/platform.js';
import { withTimeout } from '../page/async.js';
import { BUILD, requestRealmToken } from '../protocol.js';
import { SitePolicy } from '../site-policy.js';
import { optionsOf } from '../worker/options.js';
import { isAuthorization, Schemes } from '../worker/schemes.js';
import { ask } from './questions.js';
import { describeDecision } from './rule-texts.js';

/**
 * @typedef {object} Finding
 * @property {boolean} isGood
 * @property {string} text a sentence; of a fault also what to change
 */
/**
 * @typedef {object} Diagnosis
 * @property {boolean} isGood nothing is wrong
 * @property {Finding[]} findings
 * @property {string} text all of them, one a line, for the console
 */
/** @typedef {(isGood: unknown, good: string, fault: string) => boolean} Say notes one finding, and returns isGood */

/** Of whatever may hang: a server, a page that gets a new token. */
const PATIENCE_MS = 5000;

/** Why there is no `navigator.serviceWorker`, and what to change. */
const ABSENT = {
  'insecure-context':
    'This page is on plain http, where browsers have no service workers. Serve it on https, or on localhost.',
  sandboxed:
    'This page is a sandboxed frame, which has no service workers. Add allow-same-origin to its sandbox attribute.',
  unsupported: 'This browser has no service workers here, as in some private modes.',
};

/**
 * Looks at the worker, the page, the token and the server of a picture. Requests the picture, with the page's token and
 * with a wrong one. Never rejects.
 * @param {string | URL} [pictureURL] of a protected picture; without one, only the worker is looked at
 * @returns {Promise<Diagnosis>}
 */
export async function diagnose(pictureURL) {
  /** @type {Finding[]} */
  const findings = [];
  const say = (/** @type {unknown} */ isGood, /** @type {string} */ good, /** @type {string} */ fault) => {
    const text = isGood ? good : fault;
    if (text) findings.push({ isGood: !!isGood, text });
    return !!isGood;
  };
  try {
    await look(pictureURL, say);
  } catch (error) {
    say(false, '', `Could not look further: ${error}`);
  }
  return {
    isGood: findings.every(({ isGood }) => isGood),
    findings,
    text: findings.map(({ isGood, text }) => `${isGood ? '✓' : '✗'} ${text}`).join('\n'),
  };
}

/** @param {string | URL | undefined} pictureURL @param {Say} say */
async function look(pictureURL, say) {
  const container = containerOf(undefined);
  const supported = support();
  if (!container) return void say(false, '', ABSENT['reason' in supported ? supported.reason : 'unsupported']);
  const url = pictureURL === undefined ? undefined : readURL(pictureURL, say);
  const state = foundState(container);
  say(
    state?.handler,
    'The page uses the package.',
    'registerAuthServiceWorker() has not been called in this page, or with isEnabled: false. Call it where the app starts.',
  );
  const registration = state?.workers.registration ?? (await container.getRegistration().catch(() => undefined));
  // It may have been registered a moment ago.
  if (registration && !registration.active && isInScope(registration)) await soon(container.ready);
  const worker = registration?.active;
  const scriptURL = worker?.scriptURL ?? state?.workers.scriptURL ?? scriptURLOf({});
  await lookAtFile(scriptURL, url, say);
  lookAtControl(container, registration, say);
  const answer = worker && (await soon(ask(true)));
  if (worker) {
    say(
      answer?.build,
      'The worker answers.',
      'The worker does not answer: its script is not of this package, or of version 1. Run "npx auth-service-worker init".',
    );
    if (answer?.build)
      say(
        answer.build === BUILD,
        `Worker and page are of version ${BUILD}.`,
        `The worker is of version ${answer.build}, the page of ${BUILD}. They work together. Run "npx auth-service-worker init" to update the worker's file.`,
      );
  }
  if (!url) return;
  const policy = await pagePolicy();
  say(
    policy.every((each) => each.allows('img-src', url.href)),
    '',
    `The policy of this page forbids the picture. Add ${url.origin} to img-src in its Content-Security-Policy.`,
  );
  const found = await lookAtToken(url, state, say);
  if (found && policy.every((each) => each.allows('connect-src', url.href)))
    await lookAtServer(url, found, scriptURL, say);
  await lookAtRequest(url, !!answer?.build, say);
}

/** @param {string | URL} text @param {Say} say @returns {URL | undefined} */
function readURL(text, say) {
  try {
    const url = new URL(text, location.href);
    const isMixed =
      location.protocol === 'https:' && url.protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(url.hostname);
    say(
      !isMixed,
      '',
      `The picture is on plain http and this page on https, so browsers block it. Serve ${url.origin} on https.`,
    );
    return url;
  } catch {
    say(false, '', `${text} is no URL.`);
    return undefined;
  }
}

/** @param {string} scriptURL @param {URL | undefined} url @param {Say} say */
async function lookAtFile(scriptURL, url, say) {
  const place = scriptURL.replace(/\?.*/s, '');
  if (
    !say(
      new URL(scriptURL).origin === location.origin,
      '',
      `The worker's file ${place} is on another origin than this page. Serve it from ${location.origin}.`,
    )
  )
    return;
  const response = await soon(fetch(scriptURL, { cache: 'no-store', redirect: 'manual' }).catch(() => undefined));
  if (
    !say(
      response?.type !== 'opaqueredirect',
      '',
      `${place} redirects. Browsers refuse a worker whose file redirects: serve it at that very URL.`,
    )
  )
    return;
  const fault = response ? `the server answers ${response.status}` : 'the server does not answer';
  if (
    !say(
      response?.ok,
      '',
      `The worker's file is not at ${place}: ${fault}. Run "npx auth-service-worker init FOLDER" with the folder that your site serves as its root, or set workerURL.`,
    )
  )
    return;
  const { headers } = /** @type {Response} */ (response);
  const type = headers.get('Content-Type') ?? 'nothing';
  if (
    !say(
      /(java|ecma)script/i.test(type),
      `The worker's file is at ${place}.`,
      `${place} is served as ${type}. Serve it as text/javascript; a site that answers each path with its HTML needs an exception for this one.`,
    )
  )
    return;
  const [, version] =
    /auth-service-worker (\d[\w.-]*)/.exec((await /** @type {Response} */ (response).text()).slice(0, 200)) ?? [];
  if (version)
    say(
      version === BUILD,
      '',
      `The worker's file is of version ${version}, the page of ${BUILD}. Run "npx auth-service-worker init".`,
    );
  const policy = new SitePolicy(headers.get('Content-Security-Policy'), location.origin);
  say(
    policy.allowsWasm(),
    '',
    "The policy of the worker's file forbids WebAssembly. Add 'wasm-unsafe-eval' to script-src in its Content-Security-Policy header.",
  );
  if (url)
    say(
      policy.allows('connect-src', url.href),
      '',
      `The policy of the worker's file forbids it to fetch the picture. Add ${url.origin} to connect-src in its Content-Security-Policy header.`,
    );
}

/**
 * @param {ServiceWorkerContainer} container
 * @param {ServiceWorkerRegistration | undefined} registration
 * @param {Say} say
 */
function lookAtControl(container, registration, say) {
  if (
    !say(
      registration,
      '',
      'No service worker is registered for this page. The console says why, if registerAuthServiceWorker() was called.',
    )
  )
    return;
  const { active, scope } = /** @type {ServiceWorkerRegistration} */ (registration);
  if (
    !say(
      isInScope({ scope }),
      '',
      `The worker is registered for ${scope}, which this page is not in. Register it for a scope above the page, with a file at or above that scope or with the header Service-Worker-Allowed.`,
    )
  )
    return;
  if (!say(active, '', 'The worker has not become active yet. Try again in a second.')) return;
  const { controller } = container;
  const isOther = controller && controller.scriptURL !== active?.scriptURL;
  say(
    controller && !isOther,
    'The worker controls this page.',
    isOther
      ? `Another worker controls this page: ${controller?.scriptURL}. A page has one worker: import this package into that one.`
      : 'No worker controls this page, as after a reload with the shift key. Load it again.',
  );
}

/** @param {{scope: string}} registration */
const isInScope = ({ scope }) => location.href.startsWith(scope);

/** Of the header and of meta elements. @returns {Promise<SitePolicy[]>} */
async function pagePolicy() {
  const response = await soon(fetch(location.href, { method: 'HEAD' }).catch(() => undefined));
  const metas = [...document.querySelectorAll('meta[http-equiv="Content-Security-Policy" i]')];
  const texts = [
    response?.headers.get('Content-Security-Policy') ?? null,
    ...metas.map((meta) => meta.getAttribute('content')),
  ];
  return texts.map((text) => new SitePolicy(text, location.origin));
}

/**
 * What the page would answer the worker.
 * @param {URL} url
 * @param {import('../page/page-state.js').PageState | undefined} state
 * @param {Say} say
 * @returns {Promise<{realmURL: string, token: string} | undefined>}
 */
async function lookAtToken(url, state, say) {
  if (!state?.handler) return undefined;
  const port = new MessageChannel();
  const reply = new Promise((resolve) => {
    port.port1.onmessage = ({ data }) => data?.type !== 'pending' && resolve(data);
  });
  void state.handler({ data: requestRealmToken(url.href), ports: [port.port2], source: null });
  const { realmURL, token } = /** @type {any} */ (await soon(reply)) ?? {};
  port.port1.close();
  const near = state.epoch.log.realms().filter((realm) => realm.startsWith(`${url.origin}/`));
  const known =
    near.length > 0
      ? `Its realms on ${url.origin} are ${near.join(', ')}; a realm ends at a "/".`
      : `It has none on ${url.origin}.`;
  if (
    !say(
      token,
      `The page has a token for it, of the realm ${realmURL}.`,
      `The page has no token for it, or one that has expired. ${known} tokens() must return an object whose keys are URL prefixes; with the options realmOf and reauthenticate the page gets a new token.`,
    )
  )
    return undefined;
  // The worker refuses it, too.
  if (!coveringRealm([realmURL], url))
    return void say(
      false,
      '',
      `realmOf() says that it is in the realm ${realmURL}, which its URL does not begin with.`,
    );
  return { realmURL, token };
}

/**
 * As the worker would ask, but from the page: requests that bring their token are left alone.
 * @param {URL} url
 * @param {{realmURL: string, token: string}} found
 * @param {string} scriptURL
 * @param {Say} say
 */
async function lookAtServer(url, { realmURL, token }, scriptURL, say) {
  const { search } = new URL(scriptURL);
  const schemes = new Schemes(
    optionsOf({ location: { origin: '', pathname: '', search }, authServiceWorkerOptions: { standalone: true } }, '')
      .authorization,
  );
  const redirect = schemes.headersFor(realmURL, token).every(([name]) => isAuthorization(name)) ? 'follow' : 'manual';
  const get = (/** @type {string} */ sent) =>
    soon(
      fetch(url, {
        headers: schemes.headersFor(realmURL, sent),
        cache: 'no-store',
        credentials: 'same-origin',
        redirect,
      }).catch(() => undefined),
    );
  const response = await get(token);
  const names = schemes
    .headersFor(realmURL, token)
    .map(([name]) => name)
    .join(', ');
  if (!say(response, '', url.origin === location.origin ? 'The server does not answer.' : corsAdvice(names))) return;
  const { status, ok, redirected, type } = /** @type {Response} */ (response);
  if (type === 'opaqueredirect')
    return void say(false, '', `The server redirects. Browsers take ${names} anywhere, so the worker lets that fail.`);
  say(
    ok,
    `The server answers the token with ${status}.`,
    status === 401 || status === 403
      ? `The server refuses the token with ${status}. It is not valid there, or sent in another way than the server expects: see the worker's option authorization.`
      : `The server answers ${status} to the token.`,
  );
  const end = redirected ? new URL(/** @type {Response} */ (response).url).origin : url.origin;
  say(end === url.origin, '', `The server redirects to ${end}, where browsers do not send the token.`);
  if (url.origin === location.origin) return;
  say(
    await get('wrong'),
    'Its errors can be read by the page.',
    'Its answer to a wrong token has no CORS headers, so that an expired token looks like a broken connection. Send Access-Control-Allow-Origin on errors, too (nginx: "always").',
  );
}

/** @param {string} names of headers */
const corsAdvice = (names) =>
  `The server does not let this page send the token. It must answer OPTIONS without asking for one, with Access-Control-Allow-Origin: ${location.origin} (or *) and Access-Control-Allow-Headers: ${names}, and send Access-Control-Allow-Origin on every answer.`;

/** @param {URL} url @param {boolean} isKept whether the worker keeps its decisions @param {Say} say */
async function lookAtRequest(url, isKept, say) {
  const since = Date.now();
  const image = new Image();
  const isShown = await soon(
    new Promise((resolve) => {
      image.onload = () => resolve(true);
      image.onerror = () => resolve(false);
      image.src = url.href;
    }),
  );
  const decisions =
    /** @type {import('../protocol.js').Decision[]} */ (isKept ? (await soon(ask(true)))?.decisions : []) ?? [];
  const place = url.href.replace(/[?#].*/s, '');
  const decision = decisions.reverse().find((each) => each.at >= since - 10 && each.url.replace(/\?.*/s, '') === place);
  if (isKept)
    say(
      decision,
      `What the worker did with it: ${decision && describeDecision(decision)}.`,
      isShown
        ? ''
        : 'The request has not reached the worker. Sandboxed frames and frames of other origins have none, and neither has a page that nothing controls.',
    );
  // WebKit sends the page's own request without OPTIONS, and the worker's with it.
  const isFailed = decision?.steps.some(([, what, of]) => what === 'answered' && of === 0);
  say(
    !isFailed || url.origin === location.origin,
    '',
    `A request with the token failed. ${corsAdvice('Authorization')}`,
  );
  say(
    isShown,
    'The picture shows.',
    isShown === undefined ? 'The picture did not arrive in 5 s.' : 'The picture does not show.',
  );
}

/** @template T @param {Promise<T>} promise @returns {Promise<T | undefined>} undefined when it takes too long */
const soon = (promise) => withTimeout(PATIENCE_MS, promise);
