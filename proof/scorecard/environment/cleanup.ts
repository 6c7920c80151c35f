// Whatever happens to the scorecard, no process and no folder of it is left behind.
import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'

const children = new Set<ChildProcess>()
const folders = new Set<string>()
let is_watching = false

/** Killed with the scorecard, if it is still there then. Returns the child. */
export function killAtExit<T extends ChildProcess>(child: T): T {
  watch()
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

export function removeAtExit(folder: string): void {
  watch()
  folders.add(folder)
}

function watch(): void {
  if (is_watching) return
  is_watching = true
  process.on('exit', leaveNothing)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(2))
}

function leaveNothing(): void {
  for (const child of children) {
    // A frozen process would not hear of its end.
    child.kill('SIGCONT')
    child.kill('SIGKILL')
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
