// A worker as those that are deployed: version 1 of the wire, and what it was told, for the stories.
const tokens = new Map();
const received = [];

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', ({ data, ports }) => {
  if (data.type === 'received') return ports[0].postMessage(received);
  received.push({ ...data, ports: ports.length });
  switch (data.type) {
    case 'set-realm-token':
      return tokens.set(data.realmURL, data.token);
    case 'remove-realm-token':
      return tokens.delete(data.realmURL);
    case 'clear-tokens':
      return tokens.clear();
    case 'sync-tokens':
      tokens.clear();
      for (const [realmURL, token] of Object.entries(data.tokens)) tokens.set(realmURL, token);
  }
});

const tokenOf = (url) => [...tokens].find(([realmURL]) => url.startsWith(realmURL))?.[1];

async function ask(clientId, requestURL) {
  const client = await self.clients.get(clientId);
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    let timer = setTimeout(resolve, 200);
    port1.onmessage = ({ data }) => {
      clearTimeout(timer);
      if (data.type === 'pending') timer = setTimeout(resolve, 3000);
      else resolve(data.token);
    };
    client.postMessage({ type: 'request-realm-token', requestURL }, [port2]);
  });
}

self.addEventListener('fetch', (event) => {
  const { request, clientId } = event;
  if (request.destination !== 'image' || new URL(request.url).origin === location.origin) return;
  const answer = async () => {
    const token = tokenOf(request.url) ?? (await ask(clientId, request.url));
    if (!token) return fetch(request);
    return fetch(new Request(request.url, { mode: 'cors', credentials: 'same-origin', headers: { Authorization: `Bearer ${token}` } }));
  };
  event.respondWith(answer());
});
