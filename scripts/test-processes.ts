// Starts the processes of a test run as process groups and ends them on a signal.
import { type ChildProcess, spawn } from 'node:child_process'

/** Time between SIGTERM and SIGKILL. */
const grace_ms = 5000

const running = new Set<ChildProcess>()
let interrupted_by: NodeJS.Signals | undefined

/** The shell's exit code for the received signal; undefined without a signal. */
export function interruptExitCode(): number | undefined {
  return interrupted_by && { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[interrupted_by as 'SIGINT']
}

/** After this call a signal ends running tests and prevents new ones. The caller cleans up. */
export function handleSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupted_by ??= signal
      endAll('SIGTERM')
      setTimeout(() => endAll('SIGKILL'), grace_ms).unref()
    })
  }
}

/**
 * Runs node in its own process group, so that services started by tests end with it. Resolves with the exit code, or 1 when
 * a signal ended it.
 */
export function runNode(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (interrupted_by !== undefined) return Promise.resolve(1)
  const child = spawn(process.execPath, args, { stdio: 'inherit', env, detached: true })
  running.add(child)
  return new Promise((resolve) =>
    child.on('exit', (code) => {
      // Ends processes that tests left running.
      signalGroup(child, 'SIGKILL')
      running.delete(child)
      resolve(code ?? 1)
    }),
  )
}

function endAll(signal: NodeJS.Signals): void {
  for (const child of running) signalGroup(child, signal)
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // The group has already ended.
  }
}
