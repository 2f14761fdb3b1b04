import { coveringRealm } from '../page/covering-realm.js';
import { warn } from '../page/warn.js';

/** @typedef {import('./matcher.js').Found} Found */

/**
 * Finds the token of a URL, for workers that do not do so themselves. The first ask of such a worker imports the
 * matcher and its core. If they cannot be loaded, the page goes on without them.
 * @param {import('../page/options.js').FlatOptions} options
 * @returns {(tokens: import('../page/tokens.js').StoredTokens, url: URL) => Promise<Found | undefined>} never rejects
 */
export function tokenFinder(options) {
  /** @type {Promise<import('./matcher.js').Matcher> | undefined} */
  let matcher;
  let hasWarned = false;
  return async (tokens, url) => {
    // The worker may be asking about core.js itself, which would wait for this reply.
    if (!tokens || !coveringRealm(Object.keys(tokens), url)) return undefined;
    const asked = (matcher ??= import('./matcher.js').then(({ createMatcher }) => createMatcher(options)));
    try {
      return (await asked)(tokens, url);
    } catch (error) {
      // The next ask tries again.
      if (matcher === asked) matcher = undefined;
      if (!hasWarned)
        warn('cannot look up tokens, only refresh them. Serve core.js and core-without-wasm.js beside page.js.', error);
      hasWarned = true;
      return undefined;
    }
  };
}
