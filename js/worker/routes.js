// Requests that the core always leaves alone need not start the worker. Chromium can be told which:
// https://w3c.github.io/ServiceWorker/#dom-installevent-addroutes. Only the method tells: a token may cover a URL of
// any destination, that of a navigation too. To route navigations past the worker would not show the page's first image
// sooner: tests/bench/routes.mjs

/**
 * @typedef {ExtendableEvent & {
 *   addRoutes?: (rule: {condition: object, source: 'network'}) => Promise<void>,
 * }} InstallEvent
 */

/**
 * Sets the routes of this version of the worker. Where the browser refuses them, the requests reach the fetch event as
 * before.
 * @param {InstallEvent} event
 * @param {string[]} methods of the core; the last stands for all that it always leaves alone
 */
export function routePast(event, methods) {
  if (!event.addRoutes) return;
  const condition = { not: { or: methods.slice(0, -1).map((requestMethod) => ({ requestMethod })) } };
  try {
    event.addRoutes({ condition, source: 'network' }).catch(() => {});
  } catch {
    // As above.
  }
}
