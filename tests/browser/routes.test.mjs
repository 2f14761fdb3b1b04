import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { engineOfRun } from './launcher.mjs';
import { openApp, silentPage, test, useBrowser } from './story.mjs';

/** The split worker, which tells when it was started. */
const worker = `
  const born = Date.now();
  addEventListener('message', ({ data, ports: [port] }) => data === 'born' && port.postMessage(born));
  authServiceWorkerOptions = { standalone: true };
  importScripts('auth-core.js', 'auth-worker.js');`;

/** Sends a request, and tells when it got its response. @param {string} method @returns {Promise<number>} Date.now() */
const respondedAt = async (method) => {
  await (await fetch('/', { method })).text();
  // Past the clock's own coarseness.
  await new Promise((resolve) => setTimeout(resolve, 20));
  return Date.now();
};

const PATIENCE_MS = 500;

/** When the worker was started, which this does if need be. @param {number} patienceMs @returns {Promise<number>} */
const workerBorn = (patienceMs) =>
  new Promise((resolve) => {
    const ask = () => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => {
        clearInterval(timer);
        resolve(data);
      };
      navigator.serviceWorker.controller?.postMessage('born', [port2]);
    };
    // Firefox may lose a message to a worker that it stops.
    const timer = setInterval(ask, patienceMs);
    ask();
  });

describe('A worker that was stopped', () => {
  const browser = useBrowser();

  /** @param {import('./story.mjs').Cleanup} t */
  const openStoppedApp = async (t) => {
    const pages = {
      '/': silentPage,
      '/auth-service-worker.js': { status: 200, type: 'text/javascript', body: worker },
    };
    const { app, tab } = await openApp(t, browser, { page: () => pages });
    // Firefox may stop a worker that has just started before it has done its first work, and then responds to nothing.
    await tab.evaluate(workerBorn, PATIENCE_MS);
    await tab.stopWorkers();
    return { app, tab };
  };

  for (const method of ['GET', 'HEAD']) {
    test(`is started by a ${method}`, async (t) => {
      const { tab } = await openStoppedApp(t);
      const responded = await tab.evaluate(respondedAt, method);
      assert.ok((await tab.evaluate(workerBorn, PATIENCE_MS)) < responded);
    });
  }

  // Only Chromium accepts static routes: https://bugzilla.mozilla.org/show_bug.cgi?id=1855580,
  // https://bugs.webkit.org/show_bug.cgi?id=269893
  const takesRoutes = engineOfRun === 'chromium';
  for (const method of ['POST', 'PUT', 'DELETE']) {
    test(`is ${takesRoutes ? 'not ' : ''}started by a ${method}, which it would leave alone`, async (t) => {
      const { app, tab } = await openStoppedApp(t);
      const responded = await tab.evaluate(respondedAt, method);
      assert.equal((await tab.evaluate(workerBorn, PATIENCE_MS)) >= responded, takesRoutes);
      assert.deepEqual(
        app.log.of('/').map((entry) => entry.method),
        ['GET', method],
      );
    });
  }
});
