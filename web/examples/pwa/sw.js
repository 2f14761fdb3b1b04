import { addAuthListeners } from 'auth-service-worker/worker';
import { precacheAndRoute } from 'workbox-precaching';

// First: it answers requests for protected images, and leaves all others to Workbox.
addAuthListeners({ standalone: true });

// What the page is made of, so that it starts without its server.
const revision = import.meta.env.VITE_REVISION;
precacheAndRoute([
  { url: '/index.html', revision },
  { url: '/index.js', revision },
]);
