// Runs pgbench with scripts of our own and reads what it says.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { postgresProgram } from '../../scorecard/stage/tools.ts'
import { percentile } from '../../src/commands/verify/overlap/counting.ts'
import type { Script } from './script.ts'

const run = promisify(execFile)

export interface PgbenchLoad {
  /** As the API's login role. */
  readonly url: string
  /** Each with its share of the transactions. */
  readonly scripts: readonly (Script & { readonly weight: number })[]
  /** Numbers the scripts begin with. */
  readonly defined: Readonly<Record<string, number>>
  readonly clients: number
  /** Whole seconds. */
  readonly seconds: number
}

export interface PgbenchOutcome {
  readonly transactions: number
  readonly per_second: number
  readonly p50_ms: number
  readonly p99_ms: number
}

/** Throws when a transaction fails: then it is not the same work. */
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
        ...['-n', '-M', 'prepared', '-h', hostname, '-p', port, '-U', username, '-c', clients, '-j', 1, '-T', seconds],
        ...['-l', `--log-prefix=${join(folder, 'log')}`],
        ...Object.entries(constants).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
        ...scripts.flatMap(({ weight }, n) => ['-f', `${files[n]}@${weight}`]),
        pathname.slice(1),
      ].map(String),
    )
    const logs = (await readdir(folder)).filter((name) => name.startsWith('log'))
    const times = await Promise.all(logs.map(async (name) => timesIn(await readFile(join(folder, name), 'utf8'))))
    return outcomeOf(stdout, times.flat())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Milliseconds out of its log: client, transaction, microseconds, script, second, microsecond. */
export function timesIn(log: string): number[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(line.split(' ')[2]) / 1000)
}

export function outcomeOf(stdout: string, times: readonly number[]): PgbenchOutcome {
  const transactions = Number(/actually processed: (\d+)/.exec(stdout)?.[1])
  const per_second = Number(/tps = ([\d.]+) \(without/.exec(stdout)?.[1])
  const failed = Number(/failed transactions: (\d+)/.exec(stdout)?.[1] ?? 0)
  if (!(transactions > 0 && per_second > 0) || failed > 0) throw new Error(`pgbench did not run well:\n${stdout}`)
  return { transactions, per_second, p50_ms: percentile(times, 0.5), p99_ms: percentile(times, 0.99) }
}
