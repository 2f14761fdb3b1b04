import authServiceWorker from 'auth-service-worker/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [authServiceWorker()],
  // Boxel's own build has these modules.
  resolve: {
    alias: { '@embroider/macros': '/ember.js', 'ember-window-mock': '/ember.js', './local-storage-keys': '/ember.js' },
  },
});
