import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { registerAuthServiceWorker, syncAllTokensToServiceWorker } from 'auth-service-worker';
import { watchWorker } from 'auth-service-worker/inspect';

registerAuthServiceWorker({ tokens: () => JSON.parse(localStorage.getItem('tokens') ?? '{}') });

const exporter = new OTLPMetricExporter({ url: 'https://collector.example/v1/metrics' });
const provider = new MeterProvider({
  readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })],
});
const meter = provider.getMeter('auth-service-worker');
// The image-401 rate is image.unauthorised divided by image.requests.
const requests = meter.createCounter('image.requests', { description: 'images requested with a token' });
const unauthorised = meter.createCounter('image.unauthorised', {
  description: 'of these, shown a 401 or 403 in the end',
});

// The worker counts for all tabs, from its start on. Storage keeps what was counted last, so that no tab counts it
// again.
const report = ({ startedAt, images, imagesUnauthorised }) => {
  const last = JSON.parse(localStorage.getItem('counted') ?? '{}');
  const since = last.startedAt === startedAt ? last : { images: 0, imagesUnauthorised: 0 };
  requests.add(images - since.images);
  unauthorised.add(imagesUnauthorised - since.imagesUnauthorised);
  localStorage.setItem('counted', JSON.stringify({ startedAt, images, imagesUnauthorised }));
};
watchWorker({ onStats: report, everyMs: 60_000 });

document.querySelector('#log-in').onclick = () => {
  // Your login server makes the tokens. The second one has been revoked.
  const tokens = {
    'https://realm.example/photos/': 'example-token',
    'https://realm.example/revoked/': 'revoked-token',
  };
  localStorage.setItem('tokens', JSON.stringify(tokens));
  syncAllTokensToServiceWorker(tokens);
};
