// What became of the last requests, for those who watch: never a token.
import { CHANNEL, UNAUTHORISED } from '../protocol.js';

const KEPT = 200;

/** @typedef {import('../protocol.js').Decision} Decision */

/** Off until someone watches, and then until the worker stops. */
export class DecisionLog {
  /** The last ones, oldest first. @type {Decision[]} */
  kept = [];
  isOn = false;
  /** How many requests each rule has decided about. @type {Record<string, number>} */
  rules = {};
  /** @type {BroadcastChannel | undefined} */
  #channel;

  /** @param {Pick<FetchEvent, 'request' | 'clientId'>} event @param {string} rule @returns {Decision} */
  begin({ request, clientId }, rule) {
    const decision = {
      at: Date.now(),
      url: withoutSecrets(request.url),
      destination: request.destination,
      clientId,
      rule,
      steps: [],
    };
    this.kept.push(decision);
    this.rules[rule] = (this.rules[rule] ?? 0) + 1;
    if (this.kept.length > KEPT) this.kept.shift();
    return decision;
  }

  /** The pages' side is told when nothing more follows. @param {Decision} [decision] */
  end(decision) {
    if (decision) this.#tell(decision);
  }

  /** A page is shown a rejection. @param {Pick<FetchEvent, 'request' | 'clientId'>} event @param {string} realmURL @param {boolean} retried */
  unauthorised({ request, clientId }, realmURL, retried) {
    const { url, destination } = request;
    this.#tell({ type: UNAUTHORISED, requestURL: withoutSecrets(url), realmURL, retried, destination, clientId });
  }

  /** @param {object} message */
  #tell(message) {
    try {
      this.#channel ??= new BroadcastChannel(CHANNEL);
      this.#channel.postMessage(message);
    } catch {
      // There is none, as in old browsers.
    }
  }
}

/**
 * @param {Decision | undefined} decision
 * @param {'asked' | 'sent' | 'answered'} what
 * @param {string | number} of
 */
export const note = (decision, what, of) => void decision?.steps.push([Date.now() - decision.at, what, of]);

/** A query may carry a signature, a fragment a token, and a user's name and password may stand before the host. @param {string} url */
const withoutSecrets = (url) => url.replace(/([?#]).*/s, '$1…').replace(/^(\w+:\/\/)[^/]*@/, '$1');
