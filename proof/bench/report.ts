// What is printed: the machine, the table of cases, the figures beside their targets.
import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { findTools, versionOf } from '../scorecard/environment/tools.ts'
import { server_settings } from './dataset.ts'
import { type Figure, meets, type Spread, written } from './figures.ts'
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

export function machine(): Machine {
  const { postgres_bin } = findTools()
  const versionIn = (text: string) => /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? 'not here'
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    postgres: postgres_bin === undefined ? 'not here' : versionIn(versionOf(join(postgres_bin, 'postgres'))),
    wrk: versionIn(wrkVersion()),
  }
}

/** wrk says its version and ends with 1. */
function wrkVersion(): string {
  try {
    return execFileSync('wrk', ['--version'], { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? '')
  }
}

export function lineOf({ processor, cores, memory_gib, node, postgres, wrk }: Machine): string {
  const versions = `Node ${node}, PostgreSQL ${postgres} (${server_settings.join(', ')}), wrk ${wrk}`
  return `${cores} cores (${processor}), ${memory_gib} GiB; ${versions}`
}

/** Medians of the rounds, the ratio with its least and greatest. */
export function tableOf(rows: readonly Row[]): string[] {
  const lines = rows.map((row) => [
    row.contestant === 'roost' ? row.title : '',
    row.contestant,
    written(row.per_second.median),
    written(row.p50_ms.median),
    written(row.p99_ms.median),
    written(row.own_cpu_ms.median),
    written(row.postgres_cpu_ms.median),
    row.ratio === undefined ? '' : rangeOf(row.ratio),
  ])
  const head = ['CASE', '', 'REQUESTS/S', 'P50 MS', 'P99 MS', 'CPU MS', 'PG CPU MS', 'ROOST BY IT (MIN MEDIAN MAX)']
  return aligned([head, ...lines])
}

/** Where the comparison's call is not the same. */
export function notesOn(results: readonly Result[]): string[] {
  const lines = results.flatMap(({ one: { id, peer }, samples }) =>
    samples.comparison === undefined || peer?.note === undefined ? [] : [`${id}: ${peer.note}`],
  )
  return lines.length === 0 ? [] : [...lines, '']
}

export const rangeOf = ({ min, median, max }: Spread) => `${written(min)}  ${written(median)}  ${written(max)}`

export function figureTable(figures: readonly Figure[]): string[] {
  const lines = figures.map((figure) => [
    figure.name,
    `${written(figure.value)} ${figure.unit}`,
    targetOf(figure),
    figure.target === undefined ? '' : meets(figure) ? 'met' : 'MISSED',
  ])
  return aligned([['FIGURE', '', 'TARGET', ''], ...lines])
}

export function targetOf({ target, unit }: Figure): string {
  if (target === undefined) return ''
  return 'at_least' in target ? `>= ${target.at_least} ${unit}` : `<= ${target.at_most} ${unit}`
}

/** Columns side by side: the first two are text, the others end at the same place. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
