// Keeps what became of the last requests, for those who watch. It never has a token.
import { CHANNEL, UNAUTHORISED } from '../protocol.js';
import { withoutSecrets } from '../realm-url.js';

const KEPT = 200;

/** @typedef {import('../protocol.js').Decision} Decision */

/** It is off until someone watches. From then on it is on until the worker stops, or for a limited time. */
export class DecisionLog {
  /** The last decisions, oldest first. @type {Decision[]} */
  kept = [];
  isOn = false;
  /** How many requests each rule has decided about. @type {Record<string, number>} */
  rules = {};
  /** @type {BroadcastChannel | undefined} */
  #channel;
  /** Ends the limited time. @type {ReturnType<typeof setTimeout> | undefined} */
  #end;

  /** @param {number} [ms] for how long. By default, until the worker stops */
  keep(ms = 0) {
    if (this.isOn && !this.#end) return;
    this.isOn = true;
    clearTimeout(this.#end);
    const end = () => {
      this.isOn = false;
      this.#end = undefined;
    };
    this.#end = ms > 0 ? setTimeout(end, ms) : undefined;
  }

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

  /** Tells the pages about a decision from which nothing more follows. @param {Decision} [decision] */
  end(decision) {
    if (decision) this.#tell(decision);
  }

  /**
   * Tells the pages that one of them gets a rejection as its response.
   * @param {Pick<FetchEvent, 'request' | 'clientId'>} event
   * @param {string} realmURL
   * @param {boolean} retried
   */
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
      // Old browsers have no such channel.
    }
  }
}

/**
 * @param {Decision | undefined} decision
 * @param {'asked' | 'sent' | 'answered'} what
 * @param {string | number} of
 */
export const note = (decision, what, of) => void decision?.steps.push([Date.now() - decision.at, what, of]);
