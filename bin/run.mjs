// Runs a file on the project's own Node: node bin/run.mjs [flags of Node] <file> [arguments]
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findNode } from './own-node.cjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { node, problem } = findNode(root)
if (node === undefined) {
  process.stderr.write(`${problem}\n`)
  process.exit(78)
}

const guard = join(root, 'bin', 'require-node.cjs')
const child = spawn(node, ['--require', guard, ...process.argv.slice(2)], { stdio: 'inherit' })
child.on('error', (error) => {
  process.stderr.write(`${node} could not be started: ${error.message}\n`)
  process.exitCode = 2
})
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal]
})

// npm runs scripts in a shell and sends a signal to that shell only, which ends without passing it on.
const parent = process.ppid
const watch = setInterval(() => process.ppid !== parent && pass('SIGTERM'), 200).unref()

// A terminal sends Ctrl+C to all processes, so the child may get it twice (src/commands/shutdown.ts). On Windows kill() would
// end the child at once.
function pass(signal) {
  clearInterval(watch)
  if (process.platform !== 'win32') child.kill(signal)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass)
