import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where a hub answers while the page is being developed with `npx vite services/console`. */
const HUB_URL = process.env['HUB_PUBLIC_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  server: { host: '127.0.0.1', proxy: { '/api': { target: HUB_URL, ws: true, changeOrigin: true } } },
  build: {
    target: 'es2022',
    // The page's policy allows `data:` for pictures only; everything else is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      treeshake: {
        // Schemas are built by calls at the top of contract modules; the page uses only constants and functions of them.
        manualPureFunctions: ['Type', 'nullable', 'strict'],
      },
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler|react-router|react-router-dom)[\\/]/ },
          ],
        },
      },
    },
  },
});
