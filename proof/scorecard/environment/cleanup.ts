// Kills child processes and removes temporary folders when this process exits.
import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'

const children = new Set<ChildProcess>()
const folders = new Set<string>()
let is_registered = false

/** Kills the child when this process exits. Returns the child. */
export function killAtExit<T extends ChildProcess>(child: T): T {
  register()
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

export function removeAtExit(folder: string): void {
  register()
  folders.add(folder)
}

function register(): void {
  if (is_registered) return
  is_registered = true
  process.on('exit', cleanUp)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(2))
}

function cleanUp(): void {
  for (const child of children) {
    // SIGCONT first, in case a scenario has stopped the process.
    child.kill('SIGCONT')
    child.kill('SIGKILL')
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
