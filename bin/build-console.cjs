// Builds the console (web/) into web/dist with Vite, on the project's own Node. Does nothing where there is no Vite
// (npm ci --omit=dev), no web/ folder, or with --if-stale when nothing has changed since the last build.
const { spawnSync } = require('node:child_process')
const { existsSync, readdirSync, statSync } = require('node:fs')
const { join } = require('node:path')
const { findNode } = require('./own-node.cjs')

const root = join(__dirname, '..')
const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
const built = join(root, 'web', 'dist', 'index.html')
const sources = ['package-lock.json', 'web']

function buildConsole({ if_stale }) {
  if (!existsSync(vite) || !existsSync(join(root, 'web', 'index.html'))) return 0
  if (if_stale && existsSync(built) && changedAt(sources) <= statSync(built).mtimeMs) return 0
  const { node, problem } = findNode(root)
  if (node === undefined) {
    process.stderr.write(`${problem}\n`)
    return 78
  }
  process.stdout.write('Building the console …\n')
  const { status } = spawnSync(node, [vite, 'build', 'web', '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' })
  return status ?? 1
}

/** When the newest of these files was changed, in milliseconds; folders are searched, apart from what was built. */
function changedAt(paths) {
  return Math.max(
    ...paths.map((path) => {
      const file = join(root, path)
      if (!statSync(file).isDirectory()) return statSync(file).mtimeMs
      const inside = readdirSync(file).filter((name) => name !== 'dist')
      return inside.length === 0 ? 0 : changedAt(inside.map((name) => join(path, name)))
    }),
  )
}

if (require.main === module) process.exitCode = buildConsole({ if_stale: process.argv.includes('--if-stale') })
exports.buildConsole = buildConsole
