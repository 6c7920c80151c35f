// Starts, restarts, signals and inspects `roost serve` and `roost worker` processes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../../src/store.ts'
import { freePort } from '../../../test/free-port.ts'
import { until } from '../../../test/until.ts'
import { killAtExit } from './cleanup.ts'

export interface RoostProcess {
  /** `http://127.0.0.1:PORT`; does not change after a restart. */
  readonly address: string
  readonly port: number
  /** The id of the current process, or of the last one. */
  pid(): number
  /** Restarts the process after it has ended. */
  start(): Promise<void>
  /** Sends SIGKILL or another signal. Resolves with exit code and signal when the process has ended. */
  kill(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null; ms: number }>
  isRunning(): boolean
  /** Resident memory in MB and open file descriptors; NaN where there is no /proc. */
  usage(): { rss_mb: number; fds: number }
  /** The last 64 kB of stdout and stderr; with `log_file` only stderr. */
  output(): string
}

export interface RoostOptions {
  readonly command?: 'serve' | 'worker'
  readonly env: Readonly<Record<string, string>>
  /** Returns without waiting for /health/ready. */
  readonly unready?: boolean
  /** Appends stdout, the log, to this file instead of a pipe to this process. */
  readonly log_file?: string
}

/** Starts the process and waits until it is ready (a worker: until it logs that it is running). */
export async function startRoost({ command = 'serve', env, unready, log_file }: RoostOptions): Promise<RoostProcess> {
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  let child: ChildProcess
  let text = ''

  async function start(): Promise<void> {
    const { PATH, HOME, TMPDIR } = process.env
    const log = log_file === undefined ? undefined : openSync(log_file, 'a')
    child = killAtExit(
      // bin/roost replaces itself with node (exec), so signals reach the service.
      spawn(join(root, 'bin/roost'), [command], {
        cwd: root,
        env: { PATH, HOME, TMPDIR, ENV_FILE: '', HOST: '127.0.0.1', PORT: String(port), ...env } as NodeJS.ProcessEnv,
        stdio: ['ignore', log ?? 'pipe', 'pipe'],
      }),
    )
    if (log !== undefined) closeSync(log)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (more: string) => {
        text = (text + more).slice(-65_536)
      })
    }
    if (unready !== true) await untilReady()
  }

  async function untilReady(): Promise<void> {
    const started = child
    const has_ended = () => started.exitCode !== null || started.signalCode !== null
    const is_ready = command === 'serve' ? () => isReady(address) : () => text.includes('worker is running')
    await until(async () => has_ended() || (await is_ready())).catch((error) => {
      throw new Error(`roost ${command} did not become ready:\n${text.slice(-2000)}`, { cause: error })
    })
    if (has_ended()) throw new Error(`roost ${command} ended instead of starting:\n${text.slice(-2000)}`)
  }

  await start()
  return {
    address,
    port,
    pid: () => child.pid ?? Number.NaN,
    start: () => {
      text = ''
      return start()
    },
    async kill(signal = 'SIGKILL') {
      const began = performance.now()
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit')
        child.kill(signal)
        await gone
      }
      return { code: child.exitCode, signal: child.signalCode, ms: performance.now() - began }
    },
    isRunning: () => child.exitCode === null && child.signalCode === null,
    usage: () => usageOf(child.pid ?? 0),
    output: () => text,
  }
}

/** Whether /health/ready answers 200. */
export async function isReady(address: string): Promise<boolean> {
  const reply = await fetch(`${address}/health/ready`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
  await reply?.arrayBuffer().catch(() => {})
  return reply?.status === 200
}

function usageOf(pid: number): { rss_mb: number; fds: number } {
  try {
    const kb = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    return { rss_mb: kb / 1024, fds: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return { rss_mb: Number.NaN, fds: Number.NaN }
  }
}
