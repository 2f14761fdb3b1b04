import authServiceWorker from 'auth-service-worker/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [authServiceWorker()],
  // Of Boxel's own build.
  resolve: { alias: { '@embroider/macros': '/ember.js', 'ember-window-mock': '/ember.js' } },
});
