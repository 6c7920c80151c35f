// npm run dev: the API, restarted when its source changes, and Vite, which serves the console and passes API requests on.
import { type ChildProcess, spawn } from 'node:child_process'

const start = (...args: string[]) => spawn(process.execPath, args, { stdio: 'inherit' })

const children: ChildProcess[] = [
  start('--watch', '--require', './bin/require-node.cjs', 'src/main.ts', 'serve'),
  start('node_modules/vite/bin/vite.js', 'web'),
]
for (const child of children) {
  child.on('exit', (code) => {
    process.exitCode ??= code ?? 1
    for (const other of children) other.kill('SIGTERM')
  })
}
