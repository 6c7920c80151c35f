// Loaded before the first .ts file: an older runtime gets one line that says what to do, not a syntax error. A newer one
// keeps what it has compiled, in a private folder, which makes every later start quicker.
import { enablePrivateCompileCache } from './compile-cache.mjs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 16)) {
  process.stderr.write(
    `Roost needs Node 24.16 or later; this is ${process.version}. Run 'npm ci' (it brings its own on Linux and Windows) or install Node 24.\n`,
  )
  process.exit(78)
}
enablePrivateCompileCache(process.env)
