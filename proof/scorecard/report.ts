// Runs scenarios one after the other and formats their results.
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { findTools, versionOf } from './environment/tools.ts'
import { type Check, type Scenario, type Size, withoutTimes } from './scenario.ts'

/** `trouble`: the stack of what the scenario threw, which is a failure. */
export interface ScenarioResult {
  readonly id: string
  readonly title: string
  readonly seconds: number
  readonly checks: readonly Check[]
  readonly trouble?: string
  readonly passes: boolean
}

export async function runScenarios(
  scenarios: readonly Scenario[],
  size: Size,
  note: (line: string) => void,
): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = []
  for (const scenario of scenarios) {
    const limit = scenario.seconds[size] ?? scenario.seconds.full
    note(`${scenario.id.padEnd(4)} ${scenario.title} (up to ${limit} s) ...`)
    const result = await runOne(scenario, size)
    results.push(result)
    note(`     ${result.passes ? 'pass' : 'FAIL'} after ${result.seconds.toFixed(1)} s`)
    if (!result.passes) for (const text of explain(result.checks)) note(`     ${text}`)
    if (result.trouble !== undefined) note(`     ${result.trouble.replaceAll('\n', '\n     ')}`)
  }
  return results
}

/** The failed checks, then the informational figures that may explain them. */
function explain(checks: readonly Check[]): string[] {
  const failed = checks
    .filter(({ passes }) => !passes)
    .map(({ name, figure, target }) => `${name}: ${figure}, expected ${target}`)
  const infos = checks.filter(({ target }) => target === '').map(({ name, figure }) => `(${name}: ${figure})`)
  return [...failed, ...infos]
}

async function runOne({ id, title, run }: Scenario, size: Size): Promise<ScenarioResult> {
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

/** One row per check. */
export function formatTable(results: readonly ScenarioResult[]): string[] {
  const rows = results.flatMap(({ id, title, seconds, checks, trouble, passes }) => [
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
  const all = [['ID', 'CHECK', 'FIGURE', 'TARGET', ''], ...rows]
  // A long text without a target does not widen its column.
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

export function summarize(results: readonly ScenarioResult[]): string {
  const failed = results.filter(({ passes }) => !passes).map(({ id }) => id)
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0)
  const outcome = failed.length === 0 ? 'all pass' : `${failed.length} failed: ${failed.join(', ')}`
  return `${results.length} scenarios in ${seconds.toFixed(0)} s: ${outcome}`
}

/** The machine and program versions of a run. */
export interface Machine {
  readonly cores: number
  readonly memory_gib: number
  readonly node: string
  readonly postgres: string
  readonly pgbouncer: string
  readonly redis: string
}

export function describeMachine(): Machine {
  const { postgres_bin, pgbouncer, redis_server } = findTools()
  const version = (program: string | undefined) =>
    (program && /\d+\.\d+(\.\d+)?/.exec(versionOf(program))?.[0]) || 'not found'
  return {
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    postgres: version(postgres_bin && join(postgres_bin, 'postgres')),
    pgbouncer: version(pgbouncer),
    redis: version(redis_server),
  }
}

export function formatMachine({ cores, memory_gib, node, postgres, pgbouncer, redis }: Machine): string {
  const versions = `Node ${node}, PostgreSQL ${postgres}, PgBouncer ${pgbouncer}, Redis ${redis}`
  return `${cores} cores, ${memory_gib} GiB; ${versions}`
}
