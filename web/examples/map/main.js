import { registerAuthServiceWorker, syncTokenToServiceWorker, whenControlled } from 'auth-service-worker';
import { fromGetter } from 'auth-service-worker/adapters';
import L from 'leaflet';
import 'leaflet/dist/leaflet.css';

const REALM = 'https://realm.example/tiles/';

registerAuthServiceWorker(fromGetter(REALM, async () => localStorage.getItem('tiles-token')));

document.querySelector('#log-in').onclick = () => {
  const token = 'example-token'; // Your login server makes it.
  localStorage.setItem('tiles-token', token);
  syncTokenToServiceWorker(REALM, token);
};

await whenControlled();
const map = L.map('map').setView([50, 10], 4);
L.tileLayer(`${REALM}{z}/{x}/{y}.png`).addTo(map);
