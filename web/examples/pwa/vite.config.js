import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    rolldownOptions: {
      input: ['index.html', 'sw.js'],
      // The files have the same names in each build. The revision tells builds apart.
      output: { entryFileNames: '[name].js' },
    },
  },
  define: { 'import.meta.env.VITE_REVISION': JSON.stringify(String(Date.now())) },
});
