// Says in plain words why a protected image does not show, and what to change.
import { coveringRealm } from '../page/covering-realm.js';
import { foundState } from '../page/found-state.js';
import { scriptURLOf } from '../page/own-workers.js';
import { containerOf, support } from '../page/platform.js';
import { BUILD, requestRealmToken } from '../protocol.js';
import { withoutSecrets } from '../realm-url.js';
import { SitePolicy } from '../site-policy.js';
import { credentialsOf, optionsOf } from '../worker/options.js';
import { isAuthorization, Schemes } from '../worker/schemes.js';
import { requested, soon } from './image-request.js';
import { askStats } from './stats.js';
import { describeDecision } from './rule-texts.js';

/**
 * @typedef {object} Finding
 * @property {boolean} isGood
 * @property {string} text what was found. For a fault, also what to change
 */
/**
 * @typedef {object} Diagnosis
 * @property {boolean} isGood whether nothing is wrong
 * @property {Finding[]} findings
 * @property {string} text all findings, one a line, for the console
 */
/** @typedef {(isGood: unknown, good: string, fault: string) => boolean} Say notes one finding, and returns isGood */

/** Why there is no `navigator.serviceWorker`, and what to change. */
const ABSENT = {
  'insecure-context':
    'This page is on plain http, where browsers have no service workers. Serve it on https, or on localhost.',
  sandboxed:
    'This page is a sandboxed frame, which has no service workers. Add allow-same-origin to its sandbox attribute.',
  unsupported: 'This browser has no service workers here, as in some private modes.',
};

/**
 * Looks at the worker, the page, the token and the server of an image. Requests the image, with the page's token and
 * with a wrong one. Never rejects.
 * @param {string | URL} [imageURL] that of a protected image. Without it, only the worker is looked at
 * @returns {Promise<Diagnosis>}
 */
export async function diagnose(imageURL) {
  /** @type {Finding[]} */
  const findings = [];
  const say = (/** @type {unknown} */ isGood, /** @type {string} */ good, /** @type {string} */ fault) => {
    const text = isGood ? good : fault;
    if (text) findings.push({ isGood: !!isGood, text });
    return !!isGood;
  };
  try {
    await look(imageURL, say);
  } catch (error) {
    say(false, '', `Could not look further: ${error}`);
  }
  return {
    isGood: findings.every(({ isGood }) => isGood),
    findings,
    text: findings.map(({ isGood, text }) => `${isGood ? '✓' : '✗'} ${text}`).join('\n'),
  };
}

/** @param {string | URL | undefined} imageURL @param {Say} say */
async function look(imageURL, say) {
  const container = containerOf(undefined);
  const supported = support();
  if (!container) return void say(false, '', ABSENT['reason' in supported ? supported.reason : 'unsupported']);
  const url = imageURL === undefined ? undefined : readURL(imageURL, say);
  const state = foundState(container);
  say(
    state?.options && state.handler,
    'The page uses the package.',
    'registerAuthServiceWorker() has not been called in this page, or was called with isEnabled: false. Call it where the app starts.',
  );
  const registration = state?.workers.registration ?? (await container.getRegistration().catch(() => undefined));
  // The worker may have been registered only now.
  if (registration && !registration.active && isInScope(registration)) await soon(container.ready);
  const worker = registration?.active;
  const scriptURL = worker?.scriptURL ?? state?.workers.scriptURL ?? scriptURLOf({});
  await lookAtFile(scriptURL, url, say);
  lookAtControl(container, registration, say);
  const reply = worker && (await soon(askStats(true)));
  if (worker) {
    const [place, ownPlace] = [scriptURL, state?.workers.scriptURL ?? scriptURL].map((text) =>
      text.replace(/\?.*/s, ''),
    );
    say(
      reply?.build,
      'The worker replies.',
      place === ownPlace
        ? 'The worker does not reply. Its file is not of this package, or is of an old version. Run "npx auth-service-worker init".'
        : `${place} has taken the scope of ${ownPlace}. A scope has one worker: import this package into that one.`,
    );
    if (reply?.build)
      say(
        reply.build === BUILD,
        `Worker and page are of version ${BUILD}.`,
        `The worker is of version ${reply.build} of the package, and the page of ${BUILD}. They work together. To update the worker's file, run "npx auth-service-worker init".`,
      );
  }
  if (!url) return;
  const policy = await pagePolicy();
  say(
    policy.every((each) => each.allows('img-src', url.href)),
    '',
    `The policy of this page forbids the image. Add ${url.origin} to img-src in its Content-Security-Policy.`,
  );
  const found = await lookAtToken(url, state, say);
  const mayAsk = policy.every((each) => each.allows('connect-src', url.href));
  const names = found && mayAsk ? await lookAtServer(url, found, scriptURL, say) : '';
  await lookAtRequest(url, !!reply?.build, names, say);
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
      `The image is on plain http and this page on https, so browsers block it. Serve ${url.origin} on https.`,
    );
    return url;
  } catch {
    say(false, '', `${text} is not a URL.`);
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
      `${place} redirects. Browsers refuse a worker whose file redirects. Serve the file at this URL itself.`,
    )
  )
    return;
  const fault = response ? `the server responds with ${response.status}` : 'the server does not respond';
  if (
    !say(
      response?.ok,
      '',
      `The worker's file is not at ${place}: ${fault}. Run "npx auth-service-worker init FOLDER" with the folder that your site serves as its root. If the file is elsewhere, set the option workerURL.`,
    )
  )
    return;
  const { headers } = /** @type {Response} */ (response);
  const type = headers.get('Content-Type');
  if (
    !say(
      /(java|ecma)script/i.test(type ?? ''),
      `The worker's file is at ${place}.`,
      `${place} is served ${type ? `as ${type}` : 'without a Content-Type'}. Serve it as text/javascript. A site that responds to every path with its HTML must make an exception for this file.`,
    )
  )
    return;
  const [, version] =
    /auth-service-worker (\d[\w.-]*)/.exec((await /** @type {Response} */ (response).text()).slice(0, 200)) ?? [];
  if (version)
    say(
      version === BUILD,
      '',
      `The worker's file is of version ${version} of the package, and the page of ${BUILD}. Run "npx auth-service-worker init".`,
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
      `The policy of the worker's file forbids the worker to fetch the image. Add ${url.origin} to connect-src in its Content-Security-Policy header.`,
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
      'No service worker is registered for this page. If registerAuthServiceWorker() was called, the console says why.',
    )
  )
    return;
  const { active, scope } = /** @type {ServiceWorkerRegistration} */ (registration);
  if (
    !say(
      isInScope({ scope }),
      '',
      `The worker is registered for ${scope}, and this page is not below that. Set the option scope to a path above the page. If the worker's file lies deeper than that path, serve it with the header Service-Worker-Allowed and that path.`,
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
      : 'No worker controls this page. This is so after a reload with the shift key: load the page again.',
  );
}

/** @param {{scope: string}} registration */
const isInScope = ({ scope }) => location.href.startsWith(scope);

/** @returns {Promise<SitePolicy[]>} the page's policies, in its header and its meta elements */
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
 * Looks at what the page would reply to the worker.
 * @param {URL} url
 * @param {import('../page/page-state.js').PageState | undefined} state
 * @param {Say} say
 * @returns {Promise<{realmURL: string, token: string} | undefined>}
 */
async function lookAtToken(url, state, say) {
  if (!state?.options || !state.handler) return undefined;
  const { epoch } = state;
  const port = new MessageChannel();
  const reply = new Promise((resolve) => {
    port.port1.onmessage = ({ data }) => data?.type !== 'pending' && resolve(data);
  });
  void state.handler({ data: requestRealmToken(url.href), ports: [port.port2], source: null });
  const { realmURL, token } = /** @type {any} */ (await soon(reply)) ?? {};
  port.port1.close();
  if (
    !say(
      token,
      `The page has a token for the image. Its realm is ${withoutSecrets(String(realmURL))}.`,
      `The page has no valid token for the image. ${tokenAdvice(url, state)}`,
    )
  )
    return undefined;
  if (epoch !== state.epoch) return void say(false, '', 'The user has changed meanwhile. Try again.');
  // The worker would refuse such a token.
  if (!coveringRealm([realmURL], url))
    return void say(
      false,
      '',
      `realmOf() returned the realm ${withoutSecrets(String(realmURL))}, and the image's URL does not begin with it.`,
    );
  return { realmURL, token };
}

/** Names only the options that would help. @param {URL} url @param {import('../page/page-state.js').PageState} state */
function tokenAdvice(url, { epoch, options = {} }) {
  const realms = epoch.log.realms();
  const covering = coveringRealm(realms, url);
  const refreshes = !!(options.reauthenticate ?? options.realmService);
  if (covering && refreshes)
    return `It has asked reauthenticate() for a token of the realm ${covering}, and got none that is valid.`;
  if (covering)
    return `The token of the realm ${covering} has expired, or is gone. To get a new one, give the option reauthenticate.`;
  const near = realms.filter((realm) => realm.startsWith(`${url.origin}/`));
  const known =
    near.length > 0
      ? `Its realms on ${url.origin} are ${near.join(', ')}, and the image's URL is in none of them.`
      : `It has no realm on ${url.origin}.`;
  return `${known} A realm is the beginning of its images' URLs, up to a "/". The object that tokens() returns has realms as its keys.${refreshes ? ' List the realm in the option realms, too, or return it from realmOf(): then reauthenticate() is called for it.' : ''}`;
}

/**
 * Sends the request as the worker would, but from the page: the worker leaves requests alone that bring their token.
 * @param {URL} url
 * @param {{realmURL: string, token: string}} found
 * @param {string} scriptURL
 * @param {Say} say
 * @returns {Promise<string>} the headers that carry the token; '' when the page could not read the response
 */
async function lookAtServer(url, { realmURL, token }, scriptURL, say) {
  const { search } = new URL(scriptURL);
  const options = optionsOf(
    { location: { origin: '', pathname: '', search }, authServiceWorkerOptions: { standalone: true } },
    '',
  );
  const schemes = new Schemes(options.authorization);
  const redirect = schemes.headersFor(realmURL, token).every(([name]) => isAuthorization(name)) ? 'follow' : 'manual';
  const get = (/** @type {string} */ sent) =>
    soon(
      fetch(url, {
        headers: schemes.headersFor(realmURL, sent),
        cache: 'no-store',
        credentials: credentialsOf(options),
        redirect,
      }).catch(() => undefined),
    );
  const response = await get(token);
  const names = schemes
    .headersFor(realmURL, token)
    .map(([name]) => name)
    .join(', ');
  if (!say(response, '', url.origin === location.origin ? 'The server does not respond.' : corsAdvice(names)))
    return '';
  const { status, ok, redirected, type, headers } = /** @type {Response} */ (response);
  if (type === 'opaqueredirect') {
    const fault = `The server redirects. Browsers would send ${names} even to another server, so the worker lets the request fail.`;
    say(false, '', `${fault} Serve the image without a redirect.`);
    return '';
  }
  say(
    ok,
    `The server responds to the token with ${status}.`,
    status === 401 || status === 403
      ? `The server rejects the token with ${status}. Either the token is not valid there, or the server does not expect it in ${names}: see the worker's option authorization.`
      : `The server responds with ${status} to the token.`,
  );
  say(
    !/^text\/html/i.test(headers.get('Content-Type') ?? ''),
    '',
    'The server responds with an HTML page, not with an image: perhaps with a login page. Let it respond to an invalid token with 401, so that the page can get a new one.',
  );
  const end = redirected ? new URL(/** @type {Response} */ (response).url).origin : url.origin;
  say(
    end === url.origin,
    '',
    `The server redirects to ${end}, and browsers do not send the token there. Serve the image without a redirect, or let ${end} respond without a token.`,
  );
  if (url.origin === location.origin) return names;
  say(
    await get('wrong'),
    'The page can read the errors of the server.',
    'The response to a wrong token has no CORS headers, so an expired token looks like a broken connection. Send Access-Control-Allow-Origin also on errors (nginx: "always").',
  );
  return names;
}

/** @param {string} names of headers */
const corsAdvice = (names) =>
  `The server does not let this page send the token. It must respond to OPTIONS without a token, and send Access-Control-Allow-Origin: ${location.origin} (or *) and Access-Control-Allow-Headers: ${names} with that response. It must send Access-Control-Allow-Origin with every other response, too.`;

/**
 * @param {URL} url
 * @param {boolean} isKept whether the worker keeps its decisions
 * @param {string} names of the headers; '' if the page itself got no response with them
 * @param {Say} say
 */
async function lookAtRequest(url, isKept, names, say) {
  const { isShown, decision } = await requested(url, isKept);
  if (isKept)
    say(
      decision,
      `What the worker did with the request: ${decision && describeDecision(decision)}.`,
      isShown
        ? ''
        : 'The request for the image did not reach the worker. A worker sees no requests of sandboxed frames, of frames of other origins, and of pages that it does not control. Nor does it see what an earlier listener in its script responds to: import this package first.',
    );
  // In WebKit, the page's own request goes without OPTIONS, and the worker's with it. So only the worker's may fail.
  const isFailed = names && decision?.steps.some(([, what, of]) => what === 'answered' && of === 0);
  say(
    !isFailed || url.origin === location.origin,
    '',
    `The worker's request with the token failed. ${corsAdvice(names)}`,
  );
  say(
    isShown,
    'The image shows.',
    isShown === undefined ? 'The image did not arrive in 5 s.' : 'The image does not show.',
  );
}
