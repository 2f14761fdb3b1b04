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
 */
export async function routePast(event) {
  try {
    await event.addRoutes?.({
      // The last of Method in cpp/base/step.h, as a test compares: the core always leaves such requests alone.
      condition: { not: { or: [{ requestMethod: 'GET' }, { requestMethod: 'HEAD' }] } },
      source: 'network',
    });
  } catch {
    // As above.
  }
}
