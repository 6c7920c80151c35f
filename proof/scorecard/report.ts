// Runs measures one after the other and lays out what they counted.
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { findTools, versionOf } from './environment/tools.ts'
import { type Check, type Measure, type Size, withoutTimes } from './scenario.ts'

/** What became of one measure. `trouble`: it threw, and that is a failure. */
export interface Line {
  readonly id: string
  readonly title: string
  readonly seconds: number
  readonly checks: readonly Check[]
  readonly trouble?: string
  readonly passes: boolean
}

export async function runAll(measures: readonly Measure[], size: Size, note: (line: string) => void): Promise<Line[]> {
  const lines: Line[] = []
  for (const measure of measures) {
    const limit = measure.seconds[size] ?? measure.seconds.full
    note(`${measure.id.padEnd(4)} ${measure.title} (up to ${limit} s) ...`)
    const line = await runOne(measure, size)
    lines.push(line)
    note(`     ${line.passes ? 'pass' : 'FAIL'} after ${line.seconds.toFixed(1)} s`)
    if (!line.passes) for (const text of explain(line.checks)) note(`     ${text}`)
    if (line.trouble !== undefined) note(`     ${line.trouble.replaceAll('\n', '\n     ')}`)
  }
  return lines
}

/** What failed first, and what may tell why. */
function explain(checks: readonly Check[]): string[] {
  const failed = checks
    .filter(({ passes }) => !passes)
    .map(({ name, figure, target }) => `${name}: ${figure}, wanted ${target}`)
  const told = checks.filter(({ target }) => target === '').map(({ name, figure }) => `(${name}: ${figure})`)
  return [...failed, ...told]
}

async function runOne({ id, title, run }: Measure, size: Size): Promise<Line> {
  const began = performance.now()
  const since = () => (performance.now() - began) / 1000
  try {
    const checks = size === 'quick' ? withoutTimes(await run(size)) : await run(size)
    const passes = checks.length > 0 && checks.every((check) => check.passes)
    return { id, title, seconds: since(), checks, passes }
  } catch (error) {
    const trouble = (error as Error).stack ?? String(error)
    return { id, title, seconds: since(), checks: [], trouble, passes: false }
  }
}

/** A row per check; figures without a target stand there to be known. */
export function table(lines: readonly Line[]): string[] {
  const rows = lines.flatMap(({ id, title, seconds, checks, trouble, passes }) => [
    [id, title, `${seconds.toFixed(0)} s`, '', passes ? 'pass' : 'FAIL'],
    ...checks.map(({ name, figure, target, passes: is_good }) => [
      '',
      `  ${name}`,
      String(figure),
      target,
      target === '' ? '' : is_good ? 'pass' : 'FAIL',
    ]),
    ...(trouble === undefined ? [] : [['', `  ${trouble.split('\n')[0]}`, '', '', 'FAIL']]),
  ])
  const all = [['LINE', 'CHECK', 'FIGURE', 'TARGET', ''], ...rows]
  // A long text without a target does not push the other columns away.
  const widthOf = (column: number) =>
    Math.max(...all.filter((row) => row[3] !== '').map((row) => row[column]?.length ?? 0))
  const widths = [4, widthOf(1), widthOf(2), widthOf(3), 0]
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

export function summaryOf(lines: readonly Line[]): string {
  const failed = lines.filter(({ passes }) => !passes).map(({ id }) => id)
  const seconds = lines.reduce((sum, line) => sum + line.seconds, 0)
  const verdict = failed.length === 0 ? 'all pass' : `${failed.length} failed: ${failed.join(', ')}`
  return `${lines.length} lines in ${seconds.toFixed(0)} s: ${verdict}`
}

/** What the figures were measured on. */
export interface Machine {
  readonly cores: number
  readonly memory_gib: number
  readonly node: string
  readonly postgres: string
  readonly pgbouncer: string
  readonly redis: string
}

export function machine(): Machine {
  const { postgres_bin, pgbouncer, redis_server } = findTools()
  const version = (program: string | undefined) =>
    (program && /\d+\.\d+(\.\d+)?/.exec(versionOf(program))?.[0]) || 'not here'
  return {
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    postgres: version(postgres_bin && join(postgres_bin, 'postgres')),
    pgbouncer: version(pgbouncer),
    redis: version(redis_server),
  }
}

export function lineOf({ cores, memory_gib, node, postgres, pgbouncer, redis }: Machine): string {
  const versions = `Node ${node}, PostgreSQL ${postgres}, PgBouncer ${pgbouncer}, Redis ${redis}`
  return `${cores} cores, ${memory_gib} GiB; ${versions}`
}
