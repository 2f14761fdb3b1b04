// A worker like deployed ones: it speaks version 1 of the wire. For the stories, it keeps what it was told.
const tokens = new Map();
const hosts = new Set();
const received = [];

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

const add = (realmURL, token) => {
  tokens.set(realmURL, token);
  hosts.add(new URL(realmURL).origin);
};

self.addEventListener('message', ({ data, ports }) => {
  if (data.type === 'received') return ports[0].postMessage(received);
  received.push({ ...data, ports: ports.length });
  switch (data.type) {
    case 'set-realm-token':
      return add(data.realmURL, data.token);
    case 'remove-realm-token':
      return tokens.delete(data.realmURL);
    case 'clear-tokens':
      return tokens.clear();
    case 'sync-tokens':
      tokens.clear();
      for (const [realmURL, token] of Object.entries(data.tokens)) add(realmURL, token);
  }
});

const tokenOf = (url) => [...tokens].find(([realmURL]) => url.startsWith(realmURL))?.[1];

async function ask(clientId, requestURL) {
  // It also responds to navigations, which have no client yet.
  const client = (await self.clients.get(clientId)) ?? (await self.clients.matchAll({ type: 'window' }))[0];
  if (!client) return undefined;
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    let timer = setTimeout(resolve, 200);
    port1.onmessage = ({ data }) => {
      clearTimeout(timer);
      if (data.type === 'pending') timer = setTimeout(resolve, 3000);
      else resolve(data.token);
      if (data.token) add(data.realmURL, data.token);
    };
    client.postMessage({ type: 'request-realm-token', requestURL }, [port2]);
  });
}

self.addEventListener('fetch', (event) => {
  const { request, clientId } = event;
  const { origin } = new URL(request.url);
  if (request.method !== 'GET' || (hosts.size > 0 && !hosts.has(origin))) return;
  const answer = async () => {
    const token = tokenOf(request.url) ?? (await ask(clientId, request.url));
    if (!token) return fetch(request);
    return fetch(new Request(request.url, { mode: 'cors', credentials: 'same-origin', headers: { Authorization: `Bearer ${token}` } }));
  };
  event.respondWith(answer());
});
