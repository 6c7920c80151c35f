// Builds the console into web/dist, which the service serves at / (src/http/console.ts).
import { lingui } from '@lingui/vite-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const api = process.env.API_URL ?? 'http://127.0.0.1:3000'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [lingui({ macroTransform: true }), react()],
  build: {
    target: 'baseline-widely-available',
    emptyOutDir: true,
    // The service sends its own hints; the helper for old browsers would be one more script.
    modulePreload: { polyfill: false },
  },
  server: { port: 5173, strictPort: true, proxy: { '/api': api, '/health': api, '/ops': api } },
})
