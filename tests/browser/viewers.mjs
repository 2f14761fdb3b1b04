// Libraries from npm that show tiles, videos and documents, each with files of a realm.
import { BufferTarget, EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, Output } from 'mediabunny';

const FRAME_SECONDS = 0.5;
const SEGMENT_SECONDS = 1;
const SEGMENTS = 3;

/** One key frame of VP9, 64 by 64 pixels of one colour. Both Chromium and Firefox have this codec for MP4. */
const vp9Frame = Buffer.from(
  '824983425003f003f60638241c184000002040006b43ffa5a93e2a115c25936aed25d50ee99b8df2707bfa6c5e9803d57a10edee0c163548111bd' +
    '25d05007fffffffa65affffffff971073d520',
  'hex',
);

/** @returns {Promise<Record<string, import('./servers.mjs').File>>} a video for hls.js by path: playlist, segments */
async function hlsFiles() {
  const target = new BufferTarget();
  const format = new Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration: SEGMENT_SECONDS });
  const output = new Output({ format, target });
  const source = new EncodedVideoPacketSource('vp9');
  output.addVideoTrack(source);
  await output.start();
  const decoderConfig = { codec: 'vp09.00.10.08', codedWidth: 64, codedHeight: 64 };
  for (let at = 0; at < SEGMENTS * SEGMENT_SECONDS; at += FRAME_SECONDS) {
    await source.add(new EncodedPacket(vp9Frame, 'key', at, FRAME_SECONDS), { decoderConfig });
  }
  await output.finalize();
  const video = Buffer.from(/** @type {ArrayBuffer} */ (target.buffer));
  const starts = [...video.toString('latin1').matchAll(/moof/g)].map(({ index }) => index - 4);
  const part = (/** @type {number} */ from, /** @type {number} */ to) => ({
    type: 'video/mp4',
    body: video.subarray(from, to),
  });
  const playlist = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${SEGMENT_SECONDS}`,
    '#EXT-X-MAP:URI="init.mp4"',
    ...starts.map((_, at) => `#EXTINF:${SEGMENT_SECONDS},\n${at}.mp4`),
    '#EXT-X-ENDLIST',
  ];
  return {
    'hls/video.m3u8': { type: 'application/vnd.apple.mpegurl', body: Buffer.from(playlist.join('\n')) },
    'hls/init.mp4': part(0, starts[0]),
    ...Object.fromEntries(
      starts.map((start, at) => [`hls/${at}.mp4`, part(start, starts[at + 1] ?? video.indexOf('mfra') - 4)]),
    ),
  };
}

/** @returns {Buffer} a document of one red page, so large that PDF.js requests parts of it */
function redPdf() {
  const padding = 'x'.repeat(200_000);
  const drawing = '1 0 0 rg 0 0 100 100 re f';
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 5 0 R >>',
    `<< /Length ${padding.length} >>\nstream\n${padding}\nendstream`,
    `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
  ];
  let text = '%PDF-1.4\n';
  const entries = objects.map((object, at) => {
    const entry = `${String(text.length).padStart(10, '0')} 00000 n \n`;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return entry;
  });
  const size = objects.length + 1;
  return Buffer.from(
    `${text}xref\n0 ${size}\n0000000000 65535 f \n${entries.join('')}trailer\n<< /Size ${size} /Root 1 0 R >>\n` +
      `startxref\n${text.length}\n%%EOF`,
  );
}

const point = { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [0, 0] } };

/** The files for the libraries that are no images, by path. */
export const viewerFiles = async () => ({
  ...(await hlsFiles()),
  'point.json': { type: 'application/json', body: Buffer.from(JSON.stringify(point)) },
  'red.pdf': { type: 'application/pdf', body: redPdf() },
});

/** @returns {HTMLElement} of 300 by 200 pixels, in the page */
const place = () => {
  const style = 'width: 300px; height: 200px';
  return document.body.appendChild(Object.assign(document.createElement('div'), { style }));
};

/**
 * Each function shows files below the URL `realm`, and returns what it got of them. They run in the page: see `inPage`.
 */
const views = {
  /** @param {string} realm @param {any} libraries @returns {Promise<object>} tiles as elements */
  Leaflet: async (realm, { L }) => {
    const element = place();
    const layer = L.tileLayer(`${realm}{z}/{x}/{y}.png`);
    const isLoaded = new Promise((resolve) => layer.on('load', resolve));
    L.map(element, { fadeAnimation: false }).setView([50, 10], 4).addLayer(layer);
    await isLoaded;
    const images = [...element.querySelectorAll('img')];
    return { broken: images.filter(({ naturalWidth }) => naturalWidth !== 64).length };
  },

  /** @param {string} realm @param {any} libraries @returns {Promise<object>} tiles as `new Image()`, then by XMLHttpRequest */
  OpenSeadragon: async (realm, { OpenSeadragon }) => {
    const counts = { tiles: 0, broken: 0 };
    for (const loadTilesWithAjax of [false, true]) {
      const getTileUrl = (/** @type {number[]} */ ...of) => `${realm}${loadTilesWithAjax}/${of.join('-')}.png`;
      const viewer = OpenSeadragon({
        element: place(),
        showNavigationControl: false,
        immediateRender: true,
        drawer: 'canvas',
        crossOriginPolicy: 'Anonymous',
        loadTilesWithAjax,
        tileSources: { width: 512, height: 320, tileSize: 256, minLevel: 9, getTileUrl },
      });
      viewer.addHandler('tile-loaded', () => counts.tiles++);
      viewer.addHandler('tile-load-failed', () => counts.broken++);
      await new Promise((resolve) => {
        viewer.addHandler('open', () => {
          const item = viewer.world.getItemAt(0);
          item.addHandler('fully-loaded-change', () => item.getFullyLoaded() && resolve(undefined));
        });
        viewer.addHandler('tile-load-failed', resolve);
      });
      viewer.destroy();
    }
    return counts;
  },

  /** @param {string} realm @param {any} libraries @returns {Promise<object>} tiles as `new Image()`, and features */
  OpenLayers: async (realm, { ol }) => {
    const source = new ol.source.XYZ({ url: `${realm}{z}/{x}/{y}.png`, crossOrigin: 'anonymous' });
    const vector = new ol.source.Vector({ url: `${realm}point.json`, format: new ol.format.GeoJSON() });
    const counts = { tiles: 0, broken: 0, features: 0 };
    source.on('tileloadend', () => counts.tiles++);
    source.on('tileloaderror', () => counts.broken++);
    const map = new ol.Map({
      target: place(),
      layers: [new ol.layer.Tile({ source }), new ol.layer.Vector({ source: vector })],
      view: new ol.View({ center: [0, 0], zoom: 2 }),
    });
    await new Promise((resolve) => map.once('rendercomplete', resolve));
    return { ...counts, features: vector.getFeatures().length };
  },

  /** @param {string} realm @param {any} libraries @returns {Promise<object>} tiles by `fetch()`, features in web workers */
  MapLibre: async (realm, { maplibre }) => {
    try {
      maplibre.setWorkerCount(1);
      const map = new maplibre.Map({
        container: place(),
        style: {
          version: 8,
          sources: {
            tiles: { type: 'raster', tiles: [`${realm}{z}/{x}/{y}.png`], tileSize: 256 },
            features: { type: 'geojson', data: `${realm}point.json` },
          },
          layers: [
            { id: 'tiles', type: 'raster', source: 'tiles' },
            { id: 'features', type: 'circle', source: 'features' },
          ],
        },
      });
      let broken = 0;
      map.on('error', () => broken++);
      await map.once('idle');
      const features = map.queryRenderedFeatures({ layers: ['features'] }).length;
      map.remove();
      return { broken, features };
    } catch (error) {
      if (/WebGL2/.test(String(error))) return { error: 'no WebGL2' };
      throw error;
    }
  },

  /** @param {string} realm @param {any} libraries @returns {Promise<object>} playlist and segments by XMLHttpRequest */
  'hls.js': async (realm, { Hls }) => {
    if (!Hls.isSupported()) return { isSupported: false };
    const video = document.body.appendChild(Object.assign(document.createElement('video'), { muted: true }));
    const hls = new Hls();
    const failed = new Promise((resolve) =>
      hls.on(Hls.Events.ERROR, (/** @type {any} */ _, /** @type {any} */ error) => resolve(error.details)),
    );
    hls.loadSource(`${realm}hls/video.m3u8`);
    hls.attachMedia(video);
    const shown = Promise.all([
      new Promise((resolve) => Object.assign(video, { onloadeddata: resolve })),
      new Promise((resolve) => hls.on(Hls.Events.BUFFERED_TO_END, resolve)),
    ]).then(() => ({ width: video.videoWidth, seconds: video.duration }));
    const outcome = await Promise.race([shown, failed]);
    hls.destroy();
    return /** @type {object} */ (outcome);
  },

  /** @param {string} realm @param {any} libraries @returns {Promise<object>} parts of a document by `fetch()` */
  'PDF.js': async (realm, { pdfjs }) => {
    const options = { url: `${realm}red.pdf`, disableStream: true, disableAutoFetch: true };
    const page = await (await pdfjs.getDocument(options).promise).getPage(1);
    const canvas = Object.assign(document.createElement('canvas'), { width: 100, height: 100 });
    await page.render({ canvas, viewport: page.getViewport({ scale: 1 }) }).promise;
    return { colour: [...(canvas.getContext('2d')?.getImageData(50, 50, 1, 1).data ?? [])] };
  },
};

/** @typedef {keyof typeof views} Viewer */
/** @param {string} name a Viewer @returns {(realm: string) => Promise<any>} for Tab.evaluate */
export const inPage = (name) =>
  /** @type {any} */ ({
    toString: () =>
      `(realm) => { const place = ${place}; return (${views[/** @type {Viewer} */ (name)]})(realm, globalThis); }`,
  });

const modules = (/** @type {string} */ name) => `/node_modules/${name}`;

/** The scripts that put the libraries into a page. */
export const viewerScripts = [
  'leaflet/dist/leaflet.js',
  'html2canvas/dist/html2canvas.min.js',
  'openseadragon/build/openseadragon/openseadragon.min.js',
  'ol/dist/ol.js',
  'hls.js/dist/hls.min.js',
]
  .map((name) => `<script src="${modules(name)}"></script>`)
  .join('');

/** The same for libraries that are modules. */
export const viewerModules = `
  import * as maplibre from '${modules('maplibre-gl/dist/maplibre-gl.mjs')}';
  import * as pdfjs from '${modules('pdfjs-dist/legacy/build/pdf.min.mjs')}';
  pdfjs.GlobalWorkerOptions.workerSrc = '${modules('pdfjs-dist/legacy/build/pdf.worker.min.mjs')}';
  Object.assign(globalThis, { maplibre, pdfjs });`;
