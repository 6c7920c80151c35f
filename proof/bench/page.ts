// Generates docs/performance.md and its charts from the saved runs and the manual notes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../src/store.ts'
import type { Curve, Measured } from './curves/curves.ts'
import { svgOf } from './curves/svg.ts'
import { type Figure, formatNumber, meets, type Spread } from './figures.ts'
import { formatMachine, type Machine, targetOf } from './report.ts'
import type { Row } from './targets.ts'

/** The common part of the JSON files in docs/performance. */
interface SavedRun {
  readonly started_at: string
  readonly machine: Machine
}
export interface SavedRounds extends SavedRun {
  readonly rounds: number
  readonly seconds: number
  readonly rows: readonly Row[]
  readonly figures: readonly Figure[]
}
export interface SavedCurves extends SavedRun {
  readonly rounds: number
  readonly seconds: number
  readonly curves: readonly Curve[]
}

export const saved_files = { rounds: 'docs/performance/rounds.json', curves: 'docs/performance/curves.json' } as const

/** The generated files by path. */
export function performanceFiles(): Record<string, string> {
  const notes = readFileSync(join(root, 'docs/performance/notes.md'), 'utf8')
  return pageOf(read<SavedRounds>(saved_files.rounds), read<SavedCurves>(saved_files.curves), notes)
}

export function pageOf(
  rounds: SavedRounds | undefined,
  curves: SavedCurves | undefined,
  notes: string,
): Record<string, string> {
  const charts = Object.fromEntries(
    (curves?.curves ?? []).map((curve) => [`docs/performance/${curve.id}.svg`, chartOf(curve)]),
  )
  const sections = [
    intro,
    ...(rounds === undefined ? [] : roundSections(rounds)),
    ...(curves === undefined ? [] : curveSections(curves)),
    notes,
  ]
  return { 'docs/performance.md': `${sections.map((section) => section.trim()).join('\n\n')}\n`, ...charts }
}

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const intro = `# Performance
Made by \`npm run docs\` from \`docs/performance\`: \`*.json\` holds the figures of \`npm run bench -- --write\`, \`notes.md\` is
written by hand. Do not edit.

\`\`\`sh
npm run bench                          # every case and scenario: half an hour or more
npm run bench -- --quick               # a functional check; its figures are not meaningful
npm run bench -- --only list,create    # these cases
npm run bench -- --write               # saves the figures for this page
npm run bench -- --curves --write      # the curves, up to 5,000,000 bookings: takes longer
\`\`\`
How the figures are measured, and what limits them, is described after them.`

function roundSections({ started_at, machine, rounds, seconds, rows, figures }: SavedRounds): string[] {
  const times = figures.filter(({ name }) => !name.startsWith('storage:'))
  const bytes = figures.filter(({ name }) => name.startsWith('storage:'))
  return [
    `## The calls
${started_at.slice(0, 10)}, on ${formatMachine(machine)}. 200,000 bookings in 50 agencies, 16 connections, ${rounds} rounds of ${seconds} s, the systems in rotation.
Medians of the rounds. CPU is the processor time per request, of the system and of PostgreSQL. The last column is the rate of Roost
divided by the rate of the row, per round: minimum, median, maximum.`,
    table(
      ['call', 'system', 'requests/s', 'p50 ms', 'p99 ms', 'CPU ms', 'PostgreSQL CPU ms', 'Roost / system'],
      rows.map((row) => [
        row.system === 'roost' ? row.title : '',
        row.system === 'roost' ? '**Roost**' : row.system,
        ...[row.per_second, row.p50_ms, row.p99_ms, row.own_cpu_ms, row.postgres_cpu_ms].map(({ median }) =>
          formatNumber(median),
        ),
        row.ratio === undefined ? '' : spread(row.ratio),
      ]),
    ),
    '## Targets',
    table(
      ['figure', 'measured', 'target', ''],
      times.map((figure) => [
        figure.name,
        `${formatNumber(figure.value)} ${figure.unit}`,
        targetOf(figure),
        figure.target === undefined ? '' : meets(figure) ? 'met' : '**missed**',
      ]),
    ),
    ...(bytes.length === 0
      ? []
      : [
          '## Disk space of a booking',
          table(
            ['what', 'bytes'],
            bytes.map(({ name, value }) => [name.slice(9), formatNumber(value)]),
          ),
        ]),
  ]
}

function curveSections({ started_at, machine, rounds, seconds, curves }: SavedCurves): string[] {
  return [
    `## Curves
${started_at.slice(0, 10)}, on ${formatMachine(machine)}. Each point: ${rounds} rounds of ${seconds} s, the median, with minimum and maximum in the
tables. 200,000 bookings in 50 agencies and 16 connections, except for the variable of the curve.`,
    ...curves.flatMap(({ id, title, axis, points }) => [
      `### ${title}\n![Requests per second and p99 by ${axis}](performance/${id}.svg)`,
      table(
        [axis, ...names.flatMap((name) => [`${name}/s`, `${name} p99 ms`])],
        points.map(({ at, measured }) => [
          at.toLocaleString('en'),
          ...names.flatMap((name) => cellsOf(measured[name])),
        ]),
      ),
    ]),
  ]
}

const names = ['list', 'get', 'create']

function cellsOf(measured: Measured | undefined): string[] {
  if (measured === undefined) return ['', '']
  const { per_second, p99_ms, refused_share } = measured
  const refused = refused_share > 0 ? `, ${(refused_share * 100).toFixed(1)} % refused` : ''
  return [
    `${formatNumber(per_second.median)} (${range(per_second)})${refused}`,
    `${formatNumber(p99_ms.median)} (${range(p99_ms)})`,
  ]
}

function chartOf({ axis, points }: Curve): string {
  const labels = points.map(({ at }) => short(at))
  const linesOf = (what: (measured: Measured) => number) =>
    names.map((name) => ({
      name,
      values: points.map(({ measured }) => (measured[name] ? what(measured[name]) : Number.NaN)),
    }))
  const common = { axis, labels }
  return svgOf([
    { ...common, title: 'Requests per second', lines: linesOf(({ per_second }) => per_second.median) },
    { ...common, title: 'p99 in milliseconds', lines: linesOf(({ p99_ms }) => p99_ms.median) },
  ])
}

/** For example 10k or 1M. */
const short = (n: number) => (n >= 1e6 ? `${n / 1e6}M` : n >= 1e4 ? `${n / 1e3}k` : n.toLocaleString('en'))
const range = ({ min, max }: Spread) => `${formatNumber(min)}-${formatNumber(max)}`
const spread = ({ min, median, max }: Spread) => `${formatNumber(min)} / ${formatNumber(median)} / ${formatNumber(max)}`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map((_, n) => (n === 0 ? '---' : '---:')).join('|')}|`, ...rows.map(line)].join('\n')
}
