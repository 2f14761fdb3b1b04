// Finds faults of sites that have a worker of their own, and that should import ours into it.
import { coveringRealm } from '../page/covering-realm.js';
import { currentContainer, foundState } from '../page/found-state.js';
import { setTimeout } from '../page/platform.js';
import { advise, warnOnce } from '../page/warn.js';

/** A worker that speaks our wire replies to a hello sooner, even if it has to start. */
const SILENCE_MS = 10_000;

/**
 * Ends the page's wait if its worker will never control it. There are three cases: the worker cannot be installed,
 * another registration has the page in its scope, or the site's own worker does not import ours. Warns of a scope that
 * only lacks the page's slash.
 * @param {ServiceWorkerRegistration} registration the page's
 */
export function boundWait(registration) {
  const container = currentContainer();
  const { options, push, workers } = foundState(container) ?? {};
  // Other pages outside of the scope may be login pages. If only the slash is missing, the page is the app itself.
  const { origin, pathname } = globalThis.location ?? {};
  if (registration.scope === `${origin}${pathname}/`) advise('outside-scope', [pathname]);
  // The page may have registered another worker since.
  const isOfNow = () => workers?.registration === registration;
  const end = () => isOfNow() && push?.endWait();
  // The closest scope counts: no claim can take the page from its worker.
  container?.getRegistration?.().then(
    (closest) => closest && closest.scope !== registration.scope && end(),
    () => {},
  );
  let isTimed = false;
  const stayedSilent = () => {
    if (workers?.receiver || !isOfNow()) return;
    warnOnce(
      `${registration.active?.scriptURL} does not reply to this package. Import the package into that worker, or leave the option registration out.`,
    );
    end();
  };
  const look = () => {
    const { installing, waiting, active } = registration;
    if (!(installing ?? waiting ?? active)) end();
    if (!active || !options?.registration || isTimed) return;
    isTimed = true;
    setTimeout(stayedSilent, SILENCE_MS);
  };
  (registration.installing ?? registration.waiting)?.addEventListener('statechange', look);
  look();
}

let hasLooked = false;

/**
 * Warns once if the site's own worker has another listener that responds to requests of realms before ours, for example
 * with a 401 from a cache. Our listener does not see these requests.
 * @param {string} url of an image that has failed
 */
export async function lookWhoResponds(url) {
  const { epoch, workers } = foundState(currentContainer()) ?? {};
  const scriptURL = workers?.controller?.scriptURL;
  // Our own file has no other listener.
  if (hasLooked || !epoch || !scriptURL || new URL(scriptURL).pathname.endsWith('/auth-service-worker.js')) return;
  const place = new URL(url);
  if (!coveringRealm(Object.keys(epoch.log.tokens()), place)) return;
  hasLooked = true;
  const inspect = await import('../inspect/index.js').catch(() => {});
  if (!(await inspect?.isUnseen(place))) return;
  warnOnce(
    `the request for ${place.origin + place.pathname} did not reach this package in ${scriptURL}. If another listener there responds to it, import this package before it.`,
  );
}
