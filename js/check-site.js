// Looks at a site and at the server of its pictures from outside, as a browser would, and says what to change.
import { SitePolicy } from './site-policy.js';

/**
 * @typedef {object} Finding
 * @property {boolean} isGood
 * @property {string} text a sentence; of a fault also what to change
 */
/**
 * @typedef {object} Site
 * @property {string} page URL of a page of the site
 * @property {string} worker path of the worker's file
 * @property {string} [picture] URL of a protected picture
 * @property {string} [token] that opens it
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
  if (site.picture) await checkPicture(site, site.picture, page.origin, say);
  return findings;
}

/** @typedef {(isGood: unknown, good: string, fault: string) => boolean} Say notes one finding, and returns isGood */

/** @param {Site} site @param {URL} page @param {Say} say */
async function checkPage({ picture, worker }, page, say) {
  const response = await get(page);
  if (
    !say(response?.ok, `The page answers: ${page}.`, `The page does not answer well: ${outcome(response)} at ${page}.`)
  )
    return;
  const policy = new SitePolicy(/** @type {Response} */ (response).headers.get('Content-Security-Policy'), page.origin);
  const workerURL = new URL(worker, page).href;
  say(
    policy.allows('worker-src', workerURL),
    'The policy of the page allows the worker.',
    "The policy of the page forbids the worker. Add worker-src 'self' to its Content-Security-Policy.",
  );
  if (!picture) return;
  const { origin } = new URL(picture);
  say(
    policy.allows('img-src', picture),
    'The policy of the page allows the picture.',
    `The policy of the page forbids the picture. Add ${origin} to img-src in its Content-Security-Policy.`,
  );
}

/** @param {Site} site @param {URL} page @param {Say} say */
async function checkWorker({ worker, picture, version }, page, say) {
  const url = new URL(worker, page);
  const response = await get(url, { redirect: 'manual' });
  if (response && response.status >= 300 && response.status < 400) {
    say(false, '', `${url} redirects. Browsers refuse a worker whose file redirects: serve it at that very URL.`);
    return;
  }
  if (
    !say(
      response?.ok,
      `The worker's file is there: ${url}.`,
      `The worker's file is not there: ${outcome(response)} at ${url}. Run "npx auth-service-worker init FOLDER" with the folder that the site serves as its root.`,
    )
  )
    return;
  const { headers } = /** @type {Response} */ (response);
  const type = headers.get('Content-Type') ?? 'none';
  if (
    !say(
      /(java|ecma)script/i.test(type),
      'It is served as JavaScript.',
      `It is served as ${type}. Serve it as text/javascript; a site that answers each path with its HTML needs an exception for this one.`,
    )
  )
    return;

  const [, found] =
    /auth-service-worker (\d[\w.-]*)/.exec((await /** @type {Response} */ (response).text()).slice(0, 200)) ?? [];
  say(
    found === version,
    `It is of version ${version}, as the installed package.`,
    found
      ? `It is of version ${found}, and ${version} is installed. Run "npx auth-service-worker init".`
      : `It does not say its version, so it is not a file of this package, or an old one. ${version} is installed.`,
  );

  const policy = new SitePolicy(headers.get('Content-Security-Policy'), url.origin);
  if (!policy.allowsWasm()) {
    const plain = await get(new URL(PLAIN_CORE, url));
    const change = "Add 'wasm-unsafe-eval' to script-src in the Content-Security-Policy of the worker's file";
    say(
      false,
      '',
      plain?.ok
        ? `WebAssembly is forbidden, so the slower ${PLAIN_CORE} is used. ${change}.`
        : `WebAssembly is forbidden, and ${PLAIN_CORE} is not served beside the worker: it does nothing. ${change}.`,
    );
  } else {
    say(true, 'WebAssembly is allowed.', '');
  }
  if (!picture) return;
  const { origin } = new URL(picture);
  say(
    policy.allows('connect-src', picture),
    "The policy of the worker's file allows requests to the picture's server.",
    `The policy of the worker's file forbids requests to the picture's server. Add ${origin} to connect-src in its Content-Security-Policy.`,
  );
}

/** @param {Site} site @param {string} picture @param {string} origin the page's @param {Say} say */
async function checkPicture({ token }, picture, origin, say) {
  const isCross = new URL(picture).origin !== origin;
  const plain = await get(picture, { headers: { Origin: origin } });
  if (!say(plain, "The picture's server answers.", `The picture's server does not answer: ${picture}.`)) return;
  const allowsOrigin = (/** @type {Response | undefined} */ response) =>
    ['*', origin].includes(response?.headers.get('Access-Control-Allow-Origin') ?? '');
  if (isCross) {
    const asked = await get(picture, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'authorization',
      },
    });
    say(
      asked?.ok,
      'The server answers OPTIONS.',
      `The server answers OPTIONS with ${outcome(asked)}. Answer it with 204, without asking for a token.`,
    );
    say(
      allowsOrigin(asked),
      'It allows the page to ask.',
      'It does not allow the page to ask. Send Access-Control-Allow-Origin on OPTIONS.',
    );
    const allowed = (asked?.headers.get('Access-Control-Allow-Headers') ?? '').toLowerCase().split(/\s*,\s*/);
    say(
      allowed.includes('authorization'),
      'It allows the token.',
      allowed.includes('*')
        ? 'It allows "*", which does not stand for Authorization. Name it: Access-Control-Allow-Headers: Authorization.'
        : 'It does not allow the token. Send Access-Control-Allow-Headers: Authorization on OPTIONS.',
    );
  }
  if (!plain?.ok && isCross) {
    say(
      allowsOrigin(plain),
      'Its errors can be read by the page.',
      `Its ${outcome(plain)} has no CORS headers, so the page cannot tell it from a broken connection. Send Access-Control-Allow-Origin on errors, too (nginx: "always").`,
    );
  }
  if (token === undefined) return;
  const response = await get(picture, { headers: { Origin: origin, Authorization: `Bearer ${token}` } });
  if (!say(response?.ok, 'The token opens the picture.', `The token does not open the picture: ${outcome(response)}.`))
    return;
  const { headers } = /** @type {Response} */ (response);
  if (isCross) {
    say(
      allowsOrigin(response),
      'The page may show it.',
      'The page may not show it. Send Access-Control-Allow-Origin with the picture.',
    );
  }
  say(
    /^(image|audio|video|font)\//.test(headers.get('Content-Type') ?? ''),
    'It is of a type that elements show.',
    `It is served as ${headers.get('Content-Type') ?? 'no type'}, which an <img> may refuse.`,
  );
  if (!plain?.ok && !/no-store/.test(headers.get('Cache-Control') ?? '')) {
    say(
      /\bauthorization\b|\*/i.test(headers.get('Vary') ?? ''),
      'Caches keep the pictures of users apart.',
      'Caches may give one user the picture of another. Send Vary: Authorization.',
    );
  }
}

/** @param {string | URL} url @param {RequestInit} [init] @returns {Promise<Response | undefined>} undefined: no answer */
async function get(url, init) {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return undefined;
  }
}

/** @param {Response | undefined} response */
const outcome = (response) => (response ? String(response.status) : 'no answer');
