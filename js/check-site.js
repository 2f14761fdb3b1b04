// Looks at a site and at the server of its images from outside, as a browser would, and says what to change.
import { policiesIn, SitePolicy } from './site-policy.js';

/**
 * @typedef {object} Finding
 * @property {boolean} isGood
 * @property {string} text what was found. For a fault, also what to change
 */
/**
 * @typedef {object} Site
 * @property {string} page URL of a page of the site
 * @property {string} worker path of the worker's file
 * @property {string} [image] URL of a protected image
 * @property {string} [token] one that opens the image
 * @property {string} version of the installed package
 */

const PATIENCE_MS = 10_000;
const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\]|.*\.localhost)$/;
const PLAIN_CORE = 'auth-core-without-wasm.js';

/** @param {Site} site @returns {Promise<Finding[]>} never rejects */
export async function checkSite(site) {
  /** @type {Finding[]} */
  const findings = [];
  const say = (/** @type {unknown} */ isGood, /** @type {string} */ good, /** @type {string} */ fault) => {
    findings.push({ isGood: !!isGood, text: isGood ? good : fault });
    return !!isGood;
  };

  const page = new URL(site.page);
  say(
    page.protocol === 'https:' || LOCAL.test(page.hostname),
    'The page is on https or on this machine.',
    'The page is on plain http. Browsers have service workers on https only, and on localhost.',
  );
  await checkPage(site, page, say);
  await checkWorker(site, page, say);
  if (site.image) await checkImage(site, site.image, page.origin, say);
  return findings;
}

/** @typedef {(isGood: unknown, good: string, fault: string) => boolean} Say notes one finding, and returns isGood */

/** @param {Site} site @param {URL} page @param {Say} say */
async function checkPage({ image, worker }, page, say) {
  const response = await get(page);
  if (
    !say(
      response?.ok,
      `The page responds: ${shown(page)}.`,
      `The page does not respond with success: ${outcome(response)} at ${shown(page)}.`,
    )
  )
    return;
  const { headers } = /** @type {Response} */ (response);
  const html = await /** @type {Response} */ (response).text().catch(() => '');
  const policies = [headers.get('Content-Security-Policy'), ...policiesIn(html)].map(
    (text) => new SitePolicy(text, page.origin),
  );
  const allows = (/** @type {string} */ directive, /** @type {string} */ url) =>
    policies.every((policy) => policy.allows(directive, url));
  const workerURL = new URL(worker, page).href;
  say(
    allows('worker-src', workerURL),
    'The policy of the page allows the worker.',
    "The policy of the page forbids the worker. Add worker-src 'self' to its Content-Security-Policy.",
  );
  if (!image) return;
  const { origin } = new URL(image);
  say(
    allows('img-src', image),
    'The policy of the page allows the image.',
    `The policy of the page forbids the image. Add ${origin} to img-src in its Content-Security-Policy.`,
  );
}

/** @param {Site} site @param {URL} page @param {Say} say */
async function checkWorker({ worker, image, version }, page, say) {
  const url = new URL(worker, page);
  const response = await get(url, { redirect: 'manual' });
  if (response && response.status >= 300 && response.status < 400) {
    say(
      false,
      '',
      `${shown(url)} redirects. Browsers refuse a worker whose file redirects. Serve the file at this URL itself.`,
    );
    return;
  }
  if (
    !say(
      response?.ok,
      `The worker's file is there: ${shown(url)}.`,
      `The worker's file is not there: ${outcome(response)} at ${shown(url)}. Run "npx auth-service-worker init FOLDER" with the folder that the site serves as its root.`,
    )
  )
    return;
  const { headers } = /** @type {Response} */ (response);
  const type = headers.get('Content-Type');
  if (
    !say(
      /(java|ecma)script/i.test(type ?? ''),
      'The file is served as JavaScript.',
      `The file is served ${type ? `as ${type}` : 'without a Content-Type'}. Serve it as text/javascript. A site that responds to every path with its HTML must make an exception for this file.`,
    )
  )
    return;

  const [, found] =
    /auth-service-worker (\d[\w.-]*)/.exec((await /** @type {Response} */ (response).text()).slice(0, 200)) ?? [];
  const isOwn = !found && !url.pathname.endsWith('/auth-service-worker.js');
  say(
    found === version || isOwn,
    isOwn
      ? 'The file does not name a version of the package. It seems to be a worker of your own. Whether it imports the package cannot be seen from outside: call diagnose() in the page.'
      : `The file is of version ${version}, as the installed package is.`,
    found
      ? `The file is of version ${found}, and ${version} is installed. Run "npx auth-service-worker init".`
      : `The file does not name its version. So it is not of this package, or it is an old copy. Version ${version} is installed: run "npx auth-service-worker init".`,
  );

  const allowed = headers.get('Service-Worker-Allowed');
  const folder = new URL(allowed ?? '.', url).pathname;
  const path = page.pathname;
  say(
    path.startsWith(folder),
    `The page is below ${folder}, where the worker may see its images.`,
    `The page is at ${path}, and the worker may see only pages below ${folder}. Serve the page at ${path.replace(/\/?$/, '/')}, or the file at or above the page's path, or send Service-Worker-Allowed: ${path} with the file and set the option scope to '${path}'.`,
  );

  const policy = new SitePolicy(headers.get('Content-Security-Policy'), url.origin);
  if (!policy.allowsWasm()) {
    const plain = await get(new URL(PLAIN_CORE, url));
    const change = "Add 'wasm-unsafe-eval' to script-src in its Content-Security-Policy";
    say(
      false,
      '',
      plain?.ok
        ? `The policy of the worker's file forbids WebAssembly, so the worker uses ${PLAIN_CORE}, which is slower. ${change}.`
        : `The policy of the worker's file forbids WebAssembly, and ${PLAIN_CORE} is not served beside that file. So the worker does nothing. ${change}.`,
    );
  } else {
    say(true, "The policy of the worker's file allows WebAssembly.", '');
  }
  if (!image) return;
  const { origin } = new URL(image);
  say(
    policy.allows('connect-src', image),
    "The policy of the worker's file allows requests to the image's server.",
    `The policy of the worker's file forbids requests to the image's server. Add ${origin} to connect-src in its Content-Security-Policy.`,
  );
}

/** @param {Site} site @param {string} image @param {string} origin the page's @param {Say} say */
async function checkImage({ token }, image, origin, say) {
  const isCross = new URL(image).origin !== origin;
  const plain = await get(image, { headers: { Origin: origin } });
  if (!say(plain, "The image's server responds.", `The image's server does not respond: ${shown(image)}.`)) return;
  const allowsOrigin = (/** @type {Response | undefined} */ response) =>
    ['*', origin].includes(response?.headers.get('Access-Control-Allow-Origin') ?? '');
  if (isCross) {
    const asked = await get(image, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'authorization',
      },
    });
    say(
      asked?.ok,
      'The server responds to OPTIONS.',
      `The server responds to OPTIONS with ${outcome(asked)}. Respond with 204, without asking for a token.`,
    );
    say(
      allowsOrigin(asked),
      'Its response to OPTIONS allows the page.',
      `Its response to OPTIONS does not allow the page. Send Access-Control-Allow-Origin: ${origin} (or *) with it.`,
    );
    const allowed = (asked?.headers.get('Access-Control-Allow-Headers') ?? '').toLowerCase().split(/\s*,\s*/);
    say(
      allowed.includes('authorization'),
      'Its response to OPTIONS allows the token.',
      allowed.includes('*')
        ? 'Its response to OPTIONS allows "*", which does not stand for Authorization. Send Access-Control-Allow-Headers: Authorization with it.'
        : 'Its response to OPTIONS does not allow the token. Send Access-Control-Allow-Headers: Authorization with it.',
    );
  }
  if (!plain?.ok && isCross) {
    say(
      allowsOrigin(plain),
      'The page can read the errors of the server.',
      `The response ${outcome(plain)} to a request without a token has no CORS headers, so the page cannot tell it from a broken connection. Send Access-Control-Allow-Origin also on errors (nginx: "always").`,
    );
  }
  if (token === undefined) return;
  const response = await get(image, { headers: { Origin: origin, Authorization: `Bearer ${token}` } });
  if (
    !say(
      response?.ok,
      'The token opens the image.',
      `The token does not open the image: the server responds with ${outcome(response)}.`,
    )
  )
    return;
  const { headers } = /** @type {Response} */ (response);
  if (isCross) {
    say(
      allowsOrigin(response),
      'The page may read the image.',
      'The page may not read the image. Send Access-Control-Allow-Origin with it.',
    );
  }
  say(
    /^(image|audio|video|font)\//.test(headers.get('Content-Type') ?? ''),
    'The image has a type that elements show.',
    `The image is served ${headers.get('Content-Type') ? `as ${headers.get('Content-Type')}` : 'without a Content-Type'}. Serve it with the type that it has, such as image/png.`,
  );
  if (!plain?.ok && !/no-store/.test(headers.get('Cache-Control') ?? '')) {
    say(
      /\bauthorization\b|\*/i.test(headers.get('Vary') ?? ''),
      'Caches keep the images of users apart.',
      'Caches may give one user the image of another. Send Vary: Authorization.',
    );
  }
}

/** @param {string | URL} url @param {RequestInit} [init] @returns {Promise<Response | undefined>} undefined: none */
async function get(url, init) {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return undefined;
  }
}

/** Logs keep what is shown, so query, name and password are left out. @param {string | URL} url */
function shown(url) {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** @param {Response | undefined} response */
const outcome = (response) => (response ? String(response.status) : 'no response');
