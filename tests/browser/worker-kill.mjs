// Stops running service workers. Each engine has its own way.

/**
 * Over the DevTools protocol. Detaches afterwards: Chromium never stops a worker for idleness while
 * DevTools watches it.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<void>} settles when none runs any more
 */
export async function stopChromiumWorkers(page) {
  const devtools = await page.context().newCDPSession(page);
  /** The state of each worker version. @type {Map<string, string>} */
  const states = new Map();
  const stopped = new Promise((resolve) => {
    devtools.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      for (const { versionId, runningStatus } of versions) states.set(versionId, runningStatus);
      if (states.size > 0 && [...states.values()].every((state) => state === 'stopped')) resolve(undefined);
    });
  });
  await devtools.send('ServiceWorker.enable');
  await devtools.send('ServiceWorker.stopAllWorkers');
  await stopped;
  await devtools.detach();
}
