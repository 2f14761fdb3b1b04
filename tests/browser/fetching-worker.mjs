// A dedicated or shared worker of an app: it fetches what it is sent, and sends back how that went.

/** @type {import('./servers.mjs').ServedResponse} */
export const fetchingWorker = {
  status: 200,
  type: 'text/javascript',
  body: `
    const fetchAll = async (urls) => Promise.all(urls.map(async (url) => (await fetch(url)).status));
    self.onmessage = async ({ data }) => self.postMessage(await fetchAll(data));
    self.onconnect = ({ ports: [port] }) => {
      port.onmessage = async ({ data }) => port.postMessage(await fetchAll(data));
    };`,
};
