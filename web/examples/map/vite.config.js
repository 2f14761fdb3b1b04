import authServiceWorker from 'auth-service-worker/vite';
import { defineConfig } from 'vite';

export default defineConfig({ plugins: [authServiceWorker()] });
