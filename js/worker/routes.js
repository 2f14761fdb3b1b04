// Routes requests past the worker that the core always leaves alone, so that they need not start it. Chromium can do
// that: https://w3c.github.io/ServiceWorker/#dom-installevent-addroutes. Only a request's method is certain: a token
// may cover a URL of any destination, even of a navigation. To route navigations past the worker would not show the
// page's first image sooner: tests/bench/routes.mjs

/**
 * @typedef {ExtendableEvent & {
 *   addRoutes?: (rule: {condition: object, source: 'network'}) => Promise<void>,
 * }} InstallEvent
 */

/**
 * Sets the routes of this version of the worker. If the browser refuses them, the requests reach the fetch event as
 * before.
 * @param {InstallEvent} event
 */
export async function routePast(event) {
  try {
    await event.addRoutes?.({
      // The core always leaves such requests alone: `Other` of Method in cpp/base/step.h. A test compares.
      condition: { not: { or: [{ requestMethod: 'GET' }, { requestMethod: 'HEAD' }] } },
      source: 'network',
    });
  } catch {
    // The browser refuses the routes: see above.
  }
}
