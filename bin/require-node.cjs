// Loaded before the first .ts file: checks the version of Node and enables the compile cache.
// CommonJS, so that --require loads it by its path, which may contain characters that a URL does not.
const { join } = require('node:path')
const { findNode, isSupported } = require('./own-node.cjs')

if (!isSupported(process.versions.node)) {
  const { problem, node } = findNode(join(__dirname, '..'))
  process.stderr.write(
    `${problem ?? `Roost needs Node 24.16 or later; start it with npm start, bin/roost or ${node}.`}\n`,
  )
  process.exit(78)
}
require('./compile-cache.mjs').enablePrivateCompileCache(process.env)
