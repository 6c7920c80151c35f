// Formats the machine, the table of cases and the figures.
import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { findTools, versionOf } from '../scorecard/environment/tools.ts'
import { type Figure, formatNumber, meets, type Spread } from './figures.ts'
import { server_settings } from './fixture.ts'
import type { Result } from './rounds.ts'
import type { Row } from './targets.ts'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memory_gib: number
  readonly node: string
  readonly postgres: string
  readonly wrk: string
}

export function describeMachine(): Machine {
  const { postgres_bin } = findTools()
  const versionIn = (text: string) => /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? 'not found'
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    postgres: postgres_bin === undefined ? 'not found' : versionIn(versionOf(join(postgres_bin, 'postgres'))),
    wrk: versionIn(wrkVersion()),
  }
}

/** wrk --version exits with code 1. */
function wrkVersion(): string {
  try {
    return execFileSync('wrk', ['--version'], { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? '')
  }
}

export function formatMachine({ processor, cores, memory_gib, node, postgres, wrk }: Machine): string {
  const versions = `Node ${node}, PostgreSQL ${postgres} (${server_settings.join(', ')}), wrk ${wrk}`
  return `${cores} cores (${processor}), ${memory_gib} GiB; ${versions}`
}

/** Medians of the rounds; ratios with minimum and maximum. */
export function formatTable(rows: readonly Row[]): string[] {
  const lines = rows.map((row) => [
    row.system === 'roost' ? row.title : '',
    row.system,
    formatNumber(row.per_second.median),
    formatNumber(row.p50_ms.median),
    formatNumber(row.p99_ms.median),
    formatNumber(row.own_cpu_ms.median),
    formatNumber(row.postgres_cpu_ms.median),
    row.ratio === undefined ? '' : rangeOf(row.ratio),
  ])
  const head = ['CASE', '', 'REQUESTS/S', 'P50 MS', 'P99 MS', 'CPU MS', 'PG CPU MS', 'ROOST / SYSTEM (MIN MEDIAN MAX)']
  return aligned([head, ...lines])
}

/** How calls of the baseline differ. */
export function notesOn(results: readonly Result[]): string[] {
  const lines = results.flatMap(({ case: { id, baseline }, samples }) =>
    samples.comparison === undefined || baseline?.note === undefined ? [] : [`${id}: ${baseline.note}`],
  )
  return lines.length === 0 ? [] : [...lines, '']
}

export const rangeOf = ({ min, median, max }: Spread) =>
  `${formatNumber(min)}  ${formatNumber(median)}  ${formatNumber(max)}`

export function formatFigures(figures: readonly Figure[]): string[] {
  const lines = figures.map((figure) => [
    figure.name,
    `${formatNumber(figure.value)} ${figure.unit}`,
    targetOf(figure),
    figure.target === undefined ? '' : meets(figure) ? 'met' : 'MISSED',
  ])
  return aligned([['FIGURE', '', 'TARGET', ''], ...lines])
}

export function targetOf({ target, unit }: Figure): string {
  if (target === undefined) return ''
  return 'at_least' in target ? `>= ${target.at_least} ${unit}` : `<= ${target.at_most} ${unit}`
}

/** Aligns columns: the first two to the left, the others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
