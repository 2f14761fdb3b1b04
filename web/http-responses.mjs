// Helpers of both demo servers, to respond and to listen.
import { createServer } from 'node:http';

/** @typedef {import('node:http').IncomingMessage} Incoming */
/** @typedef {import('node:http').ServerResponse} Outgoing */

/** @param {Outgoing} response @param {number} status @param {unknown} value */
export function respondWithJson(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

/**
 * Listens on the wanted port, for this machine only. If the port is taken, the system chooses another one.
 * @param {(request: Incoming, response: Outgoing) => void | Promise<void>} handle
 * @param {number} wantedPort
 * @returns {Promise<{port: number, close: () => void}>}
 */
export async function listen(handle, wantedPort) {
  const server = createServer(async (request, response) => {
    try {
      await handle(request, response);
    } catch (error) {
      console.error(request.method, request.url, error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  });
  /** @param {number} port @returns {Promise<boolean>} */
  const tryPort = (port) =>
    new Promise((resolve, reject) => {
      server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
        if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
        else reject(error);
      });
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
  if (!(await tryPort(wantedPort))) await tryPort(0);
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
