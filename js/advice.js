// The page's warnings: they tell developers what is wrong, and what to change. It is a module of its own, since most
// pages need no warning.

import { withoutSecrets } from './realm-url.js';

const texts = {
  'insecure-context': () => 'service workers need https, or localhost.',
  sandboxed: () => 'a sandboxed frame has no service workers without allow-same-origin.',
  unsupported: () =>
    !('document' in globalThis)
      ? 'there is no page here. Call this function in the browser, not on a server.'
      : 'this browser has no service workers here, as in some private windows. ' +
        'showWithoutWorker() of auth-service-worker/authorised shows images without one.',
  'options-unreadable': () =>
    'the options cannot be read: a getter of workerURL, scope or worker throws, or `worker` is null. Nothing is registered.',
  'no-public-realms': () => 'publicRealms is not used: it must be a list of realm URLs.',
  /** @param {string} scriptURL @param {string} scope @param {boolean} hasPolicy of Trusted Types */
  'registration-failed': (scriptURL, scope, hasPolicy) =>
    `could not register ${scriptURL} for ${scope}. Serve it from this origin, as JavaScript, at or above ` +
    'that scope or with Service-Worker-Allowed. If the site is below a path, set the options workerURL and scope. A Content-Security-Policy must allow it in worker-src' +
    ('trustedTypes' in globalThis && !hasPolicy ? ', and the policy "auth-service-worker" in trusted-types.' : '.'),
  /** @param {string} path */
  'outside-scope': (path) =>
    `this page is at ${path}, and the worker's scope is ${path}/, so the worker sees no image of this page. Serve the page at ` +
    `${path}/. Or set the option scope to '${path}', and send Service-Worker-Allowed: ${path} with the worker's file.`,
  /** @param {string} type */
  'not-sent': (type) => `could not send ${type}. Realm URLs and tokens must be strings.`,
};

/** These faults are found again at each look at the same tokens or worker, so each text is given once. */
const textsOnce = {
  'tokens-failed': () => 'tokens() failed: no token is known until it returns them.',
  /** @param {string} source */
  'tokens-no-object': (source) => `${source} must bring an object, with realm URLs as keys and tokens as values.`,
  /** @param {unknown} realm */
  'realm-no-url': (realm) =>
    `the realm "${shown(realm)}" is not used: it must be a whole URL, with https:// or http://.`,
  /** @param {string} realmURL */
  'token-unusable': (realmURL) =>
    `the token of ${shown(realmURL)} is not used: it must be a string of 1 to 16,384 visible ASCII characters, without "Bearer".`,
  /** @param {string} worker @param {string} page */
  'other-version': (worker, page) =>
    `the worker is of version ${worker}, and this page of ${page}. They work together. To update the worker's file, run: npx auth-service-worker init`,
};

/** @typedef {keyof typeof texts | keyof typeof textsOnce} Fault */

/** How much is shown of a realm that is no URL. */
const SHOWN_LENGTH = 16;

/** Shows a realm, without name, password and query. If it is no URL, it may be a token by mistake. @param {unknown} realm */
function shown(realm) {
  const text = String(realm);
  const isCut = !text.includes('://') && text.length > SHOWN_LENGTH;
  return isCut ? `${text.slice(0, SHOWN_LENGTH)}…` : withoutSecrets(text);
}

/** Nobody reads more warnings than this. */
const MAX_ONCE = 100;

/** @type {Set<string>} */
const given = new Set();

/** @param {Fault} fault @param {unknown[]} details @param {unknown[]} error none, or one */
export function advise(fault, details, error) {
  const text = /** @type {Record<Fault, (...details: any[]) => string>} */ ({ ...texts, ...textsOnce })[fault](
    ...details,
  );
  if (fault in textsOnce) {
    if (given.has(text) || given.size >= MAX_ONCE) return;
    given.add(text);
  }
  console.warn(`auth-service-worker: ${text}`, ...error);
}
