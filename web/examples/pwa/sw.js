import { addAuthListeners } from 'auth-service-worker/worker';
import { precacheAndRoute } from 'workbox-precaching';

// This comes first: it responds to requests for protected images, and leaves all others to Workbox.
addAuthListeners({ standalone: true });

// The files of the page are cached, so that it starts without its server.
const revision = import.meta.env.VITE_REVISION;
precacheAndRoute([
  { url: '/index.html', revision },
  { url: '/index.js', revision },
]);
