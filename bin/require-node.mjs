// Loaded before the first .ts file: checks the version of Node and enables the compile cache.
import { enablePrivateCompileCache } from './compile-cache.mjs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 16)) {
  process.stderr.write(
    `Roost needs Node 24.16 or later; this is ${process.version}. Run 'npm ci', which installs it on Linux and Windows, or install Node 24.\n`,
  )
  process.exit(78)
}
enablePrivateCompileCache(process.env)
