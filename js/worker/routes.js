// Requests the core always leaves alone need not even start the worker, where the browser can be told so:
// https://w3c.github.io/ServiceWorker/#dom-installevent-addroutes (Chromium). That is so of methods only: a
// token may cover a URL of any destination, a navigation's as well. With navigations past it the page's
// first image would come no sooner: tests/bench/routes.mjs

/**
 * @typedef {ExtendableEvent & {
 *   addRoutes?: (rule: {condition: object, source: 'network'}) => Promise<void>,
 * }} InstallEvent
 */

/**
 * Tells it of this version of the worker. What the browser refuses comes to the fetch event as before.
 * @param {InstallEvent} event
 * @param {string[] | undefined} methods those of which the core does not leave every request alone
 */
export function routePast(event, methods) {
  if (!methods || !event.addRoutes) return;
  const condition = { not: { or: methods.map((requestMethod) => ({ requestMethod })) } };
  try {
    event.addRoutes({ condition, source: 'network' }).catch(() => {});
  } catch {
    // As above.
  }
}
