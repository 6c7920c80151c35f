// Runs pgbench with generated scripts and parses its output.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { postgresProgram } from '../../scorecard/environment/tools.ts'
import type { Script } from './script.ts'

const run = promisify(execFile)

export interface PgbenchLoad {
  /** Connects as the login role of the API. */
  readonly url: string
  /** Scripts with their weights. */
  readonly scripts: readonly (Script & { readonly weight: number })[]
  /** Initial values of script variables. */
  readonly defined: Readonly<Record<string, number>>
  readonly clients: number
  /** Whole seconds. */
  readonly seconds: number
}

export interface PgbenchOutcome {
  /** Includes those of the warm-up. */
  readonly transactions: number
  readonly per_second: number
  readonly p50_ms: number
  readonly p99_ms: number
}

/** In the first second new connections still prepare and plan their statements. */
const warm_up_seconds = 1

/** Throws when a transaction fails. */
export async function runPgbench({ url, scripts, defined, clients, seconds }: PgbenchLoad): Promise<PgbenchOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'roost-pgbench-'))
  const { hostname, port, username, pathname } = new URL(url)
  try {
    const files = scripts.map((_, n) => join(folder, `${n}.sql`))
    for (const [n, { text }] of scripts.entries()) await writeFile(files[n] ?? '', text)
    const constants = Object.assign({}, ...scripts.map((script) => script.constants), defined, { clients })
    const { stdout } = await run(
      postgresProgram('pgbench'),
      [
        ...[
          '-n',
          '-M',
          'prepared',
          '-h',
          hostname,
          '-p',
          port,
          '-U',
          username,
          '-c',
          clients,
          '-j',
          1,
          '-T',
          seconds + warm_up_seconds,
        ],
        ...['-l', `--log-prefix=${join(folder, 'log')}`],
        ...Object.entries(constants).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
        ...scripts.flatMap(({ weight }, n) => ['-f', `${files[n]}@${weight}`]),
        pathname.slice(1),
      ].map(String),
    )
    const logs = (await readdir(folder)).filter((name) => name.startsWith('log'))
    const logged = await Promise.all(
      logs.map(async (name) => transactionsIn(await readFile(join(folder, name), 'utf8'))),
    )
    return outcomeOf(stdout, logged.flat())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A transaction in the log of pgbench: end time in seconds, and duration. */
interface Logged {
  readonly at: number
  readonly ms: number
}

/** Parses log lines: client, transaction, microseconds, script, second, microsecond. */
export function transactionsIn(log: string): Logged[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, , took, , second, microsecond] = line.split(' ').map(Number) as number[]
      return { at: (second ?? 0) + (microsecond ?? 0) / 1e6, ms: (took ?? 0) / 1000 }
    })
}

/** Evaluates the transactions after the warm-up. Throws when pgbench reports a failure. */
export function outcomeOf(stdout: string, logged: readonly Logged[]): PgbenchOutcome {
  const transactions = Number(/actually processed: (\d+)/.exec(stdout)?.[1])
  const failed = Number(/failed transactions: (\d+)/.exec(stdout)?.[1] ?? 0)
  if (!(transactions > 0) || failed > 0) throw new Error(`pgbench failed:\n${stdout}`)
  const ends = logged.map(({ at }) => at)
  const from = ends.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY) + warm_up_seconds
  const last = ends.reduce((most, at) => Math.max(most, at), 0)
  const times = logged.filter(({ at }) => at > from).map(({ ms }) => ms)
  const per_second = times.length / (last - from)
  return { transactions, per_second, p50_ms: percentile(times, 0.5), p99_ms: percentile(times, 0.99) }
}
