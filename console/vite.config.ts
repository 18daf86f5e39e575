import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))

/**
 * `npx vite build --config console/vite.config.ts` writes `dist/console`, which the hub serves.
 * `npx vite --config console/vite.config.ts` serves the sources and passes API calls to the hub named by `HUB_URL`.
 */
export default defineConfig({
  root,
  base: '/',
  plugins: [react()],
  // Fonts stay files: a data: URL would need `font-src data:` in the content security policy.
  build: { outDir: '../dist/console', emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 1200, target: 'es2022' },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(['/v1', '/healthz', '/readyz'].map((path) => [path, process.env['HUB_URL'] ?? 'http://127.0.0.1:8080'])),
  },
})
