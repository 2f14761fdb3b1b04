import { registerAuthServiceWorker, syncTokenToServiceWorker, whenControlled } from 'auth-service-worker';
import { fromGetter } from 'auth-service-worker/adapters';
import L from 'leaflet';
import { Map as MapLibre, setWorkerCount } from 'maplibre-gl';
import 'leaflet/dist/leaflet.css';
import 'maplibre-gl/dist/maplibre-gl.css';

const REALM = 'https://realm.example/tiles/';
const TILES = `${REALM}{z}/{x}/{y}.png`;

registerAuthServiceWorker(fromGetter(REALM, async () => localStorage.getItem('tiles-token')));

document.querySelector('#log-in').onclick = () => {
  const token = 'example-token'; // Your login server makes it.
  localStorage.setItem('tiles-token', token);
  syncTokenToServiceWorker(REALM, token);
  showMapLibre();
};

await whenControlled();
// Leaflet's tiles are images. Tiles that are broken for lack of a token are requested again once there is one.
L.tileLayer(TILES).addTo(L.map('leaflet').setView([50, 10], 4));
// MapLibre fetches its tiles, and only once.
if (localStorage.getItem('tiles-token')) showMapLibre();

function showMapLibre() {
  setWorkerCount(1); // Safari: of several workers that start at once, only the first reaches the service worker
  new MapLibre({
    container: 'maplibre',
    center: [10, 50],
    zoom: 3,
    style: {
      version: 8,
      sources: { tiles: { type: 'raster', tiles: [TILES], tileSize: 256 } },
      layers: [{ id: 'tiles', type: 'raster', source: 'tiles' }],
    },
  });
}
