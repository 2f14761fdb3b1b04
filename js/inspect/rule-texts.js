// For each rule of the core, a text of what the worker does with the request. Names and order are those of Rule in
// cpp/base/step.h.

/** @type {Record<string, string>} */
export const ruleTexts = {
  tooLong: 'left alone, because its URL is longer than 8192 characters',
  method: 'left alone, because it is neither GET nor HEAD',
  ownAuthorization: 'left alone, because it has an Authorization header of its own, or another header for tokens',
  onlyIfCached: 'left alone, because its cache mode is only-if-cached',
  fromOutside: 'left alone, because it is a navigation, and nothing proves that a page of the app began it',
  forbiddenHost: "left alone, because connect-src in the policy of the worker's file forbids its host or path",
  presigned: 'left alone, because its URL has a signature of its own',
  token: 'sent with the token of its realm',
  notHttp: 'left alone, because its URL is neither http nor https',
  publicRealm: 'left alone, because the page has said that its realm needs no token',
  unknownHost: 'left alone, because the worker knows no realm on its origin',
  notAsked: 'left alone, because no token covers it, and for this kind of request the worker asks no page',
  negativeCache: 'left alone, because no token covers it, and a page has just said that it has none',
  nobody: 'left alone, because no token covers it, and there is no page to ask',
  boots: 'left alone, because the app needs it to start, and no page has replied yet',
  asked: 'held, while a page is asked for its token',
};

/**
 * Describes a decision in one sentence.
 * @param {import('../protocol.js').Decision} decision
 * @returns {string}
 */
export const describeDecision = (decision) => [describeRule(decision), ...decision.steps.map(describeStep)].join('; ');

/**
 * Describes what the worker did by the rule of a decision.
 * @param {import('../protocol.js').Decision} decision
 * @returns {string}
 */
export function describeRule({ rule, steps }) {
  const text = ruleTexts[rule] ?? rule;
  const isSent = steps.some(([, what]) => what === 'sent');
  return isSent
    ? text.replace(/^left .*/, "would be $&, but the browser's cache may have another user's response")
    : text;
}

/**
 * Describes a step that followed a decision.
 * @param {import('../protocol.js').Decision['steps'][number]} step
 * @returns {string}
 */
export function describeStep([ms, what, of]) {
  if (what === 'asked') return `asked a page${of ? `, since its token is ${of},` : ''} after ${ms} ms`;
  if (what === 'sent') return `sent ${of ? `with the token of ${of}` : 'without a token'} after ${ms} ms`;
  const outcome =
    of === 0 ? 'network error' : of === -1 ? 'aborted, or redirected by the page itself' : `response ${of}`;
  return `${outcome} after ${ms} ms`;
}
