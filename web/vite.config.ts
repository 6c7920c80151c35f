// Builds the console into web/dist, which the service serves at / (src/http/console.ts).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { getConfig } from '@lingui/conf'
import { lingui } from '@lingui/vite-plugin'
import babel from '@rolldown/plugin-babel'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const root = import.meta.dirname
const api = process.env.API_URL ?? 'http://127.0.0.1:3000'

/** Babel and not the native transform of Lingui: npm on Node 20 does not install the native one, which asks for Node 22. */
const macros = {
  preset: { plugins: [['@lingui/babel-plugin-lingui-macro', { linguiConfig: getConfig({ cwd: root }) }]] },
  rolldown: { filter: { code: /@lingui\/(core|react)\/macro/ } },
}

/** Compresses each script and style once, so that the service need not. */
const precompress: Plugin = {
  name: 'precompress',
  apply: 'build',
  writeBundle({ dir = root }) {
    const folder = join(dir, 'assets')
    for (const name of readdirSync(folder).filter((file) => /\.(js|css|svg)$/.test(file))) {
      const plain = readFileSync(join(folder, name))
      if (plain.length < 1024) continue
      writeFileSync(join(folder, `${name}.br`), brotliCompressSync(plain))
      writeFileSync(join(folder, `${name}.gz`), gzipSync(plain, { level: 9 }))
    }
  },
}

export default defineConfig({
  root,
  plugins: [babel({ presets: [macros] }), lingui({ cwd: root }), react(), precompress],
  build: {
    target: 'baseline-widely-available',
    emptyOutDir: true,
    // The service sends its own hints; the helper for old browsers would be one more script.
    modulePreload: { polyfill: false },
  },
  server: { port: 5173, strictPort: true, fs: { allow: ['..'] }, proxy: { '/api': api, '/health': api, '/ops': api } },
})
