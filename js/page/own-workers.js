// Which workers are the page's own.

/**
 * Relative to where the page is: a `<base>` may be of another origin, where no worker can come from.
 * @param {string | URL} url
 * @returns {string} as given where the page is nowhere, as in a frame made with `srcdoc`
 */
export function addressOf(url) {
  try {
    return new URL(url, globalThis.location.href).href;
  } catch {
    return String(url);
  }
}

/** The path that a bundler's plugin serves the worker below. */
const BASE = /** @type {{AUTH_SERVICE_WORKER_BASE?: string}} */ (globalThis).AUTH_SERVICE_WORKER_BASE ?? '/';

/** @param {Pick<import('./options.js').FlatOptions, 'scope'>} options */
export const scopeOf = ({ scope = BASE }) => scope;

/**
 * The address of the worker's script, with the worker's options in its query.
 * @param {Pick<import('./options.js').FlatOptions, 'workerURL' | 'worker'>} options
 * @returns {string}
 */
export function scriptURLOf({ workerURL = `${BASE}auth-service-worker.js`, worker = {} }) {
  const address = addressOf(workerURL);
  const texts = Object.entries(worker).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]],
  );
  const query = new URLSearchParams(texts).toString();
  return query ? `${address}${address.includes('?') ? '&' : '?'}${query}` : address;
}

/**
 * The workers that get tokens and whose asks are answered: those of the page's registration, and those of the registered
 * script. Another may be in control, of another part of the origin or of another script, and is told nothing.
 */
export class OwnWorkers {
  /** @type {ServiceWorkerRegistration | undefined} */
  registration;
  scriptURL = scriptURLOf({});
  #container;

  /** @param {ServiceWorkerContainer | undefined} container */
  constructor(container) {
    this.#container = container;
  }

  /**
   * @param {unknown} worker
   * @param {string} [registered] the address of the script
   * @returns {boolean} throws for a window of another origin, whose properties may not be read
   */
  has(worker, registered = this.scriptURL) {
    const { scriptURL } = /** @type {{scriptURL?: unknown}} */ (worker ?? {});
    if (typeof scriptURL !== 'string') return false;
    const { installing, waiting, active } = this.registration ?? {};
    return (
      !globalThis.location ||
      scriptURL === registered ||
      [installing, waiting, active].some((own) => own?.scriptURL === scriptURL)
    );
  }

  /** The one in control of the page. @returns {ServiceWorker | undefined} */
  get controller() {
    const controller = this.#container?.controller;
    return controller && this.has(controller) ? controller : undefined;
  }

  /** The one that gets the tokens, even while it does not control the page. @returns {ServiceWorker | undefined} */
  get receiver() {
    return this.controller ?? this.registration?.active ?? undefined;
  }

  /** Whether the page is in the scope of its registration. */
  get coverPage() {
    return !!this.registration && !!globalThis.location?.href.startsWith(this.registration.scope);
  }
}
