// What the worker does with a request by each rule of the core, by the names of Rule in cpp/step.h and in its order.

/** @type {Record<string, string>} */
export const ruleTexts = {
  tooLong: 'left alone: its URL is longer than 8192 characters',
  method: 'left alone: it is neither GET nor HEAD',
  ownAuthorization: 'left alone: it brings an Authorization header of its own, or another header that carries tokens',
  onlyIfCached: 'left alone: its cache mode is only-if-cached',
  fromOutside: 'left alone: a navigation of which it is not certain that a page of the app began it',
  forbiddenHost: "left alone: connect-src in the policy of the worker's file forbids its host",
  presigned: 'left alone: its URL carries a signature of its own',
  token: 'sent with the token of its realm',
  notHttp: 'left alone: its URL is neither http nor https',
  publicRealm: 'left alone: it is in a realm that needs no token, as the page has announced',
  unknownHost: 'left alone: no realm is known on its origin',
  notAsked: 'left alone: no token covers it, and about requests of this kind the worker asks nobody there',
  negativeCache: 'not asked about: a page has just said that it has no token for it',
  nobody: 'not asked about: no page answers',
  boots: 'not asked about: the app boots from it, and no page has answered yet',
  asked: 'held: a page is asked for its token',
};

/**
 * A decision in one sentence.
 * @param {import('../protocol.js').Decision} decision
 * @returns {string}
 */
export function describeDecision({ rule, steps }) {
  const stepText = (/** @type {import('../protocol.js').Decision['steps'][number]} */ [ms, what, of]) =>
    what === 'asked'
      ? `asked a page${of ? ` (${of})` : ''} after ${ms} ms`
      : what === 'sent'
        ? `sent ${of ? `with the token of ${of}` : 'without a token'} after ${ms} ms`
        : `${of === 0 ? 'network error' : of === -1 ? 'aborted or redirected' : `answered ${of}`} after ${ms} ms`;
  return [ruleTexts[rule] ?? rule, ...steps.map(stepText)].join('; ');
}
