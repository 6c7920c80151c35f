// The processes of a test run: started as a group, ended as a group when the run is interrupted.
import { type ChildProcess, spawn } from 'node:child_process'

/** How long a group that was told to end may take before it is killed. */
const grace_ms = 5000

const running = new Set<ChildProcess>()
let interrupted_by: NodeJS.Signals | undefined

/** The exit code of a shell for a run that a signal ended; undefined when none did. */
export function interruption(): number | undefined {
  return interrupted_by && { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[interrupted_by as 'SIGINT']
}

/** From now on a signal ends the tests that run and starts no others; the caller cleans up. */
export function heedSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupted_by ??= signal
      end('SIGTERM')
      setTimeout(() => end('SIGKILL'), grace_ms).unref()
    })
  }
}

/**
 * Runs node with these arguments in a group of its own, so that services which tests have started end with it. Resolves
 * with its exit code, 1 when a signal ended it.
 */
export function runNode(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (interrupted_by !== undefined) return Promise.resolve(1)
  const child = spawn(process.execPath, args, { stdio: 'inherit', env, detached: true })
  running.add(child)
  return new Promise((resolve) =>
    child.on('exit', (code) => {
      // Whatever a test has left running.
      signalGroup(child, 'SIGKILL')
      running.delete(child)
      resolve(code ?? 1)
    }),
  )
}

function end(signal: NodeJS.Signals): void {
  for (const child of running) signalGroup(child, signal)
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // All of it is gone.
  }
}
