// docs/performance.md and its pictures, from what the last written runs have counted and from the notes kept by hand.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../src/store.ts'
import type { Curve, Measured } from './curves/curves.ts'
import { svgOf } from './curves/svg.ts'
import { type Figure, meets, type Spread, written } from './figures.ts'
import { lineOf, type Machine, targetOf } from './report.ts'
import type { Row } from './targets.ts'

/** What a run leaves behind in docs/performance. */
export interface Kept {
  readonly started_at: string
  readonly machine: Machine
}
export interface KeptRounds extends Kept {
  readonly rounds: number
  readonly seconds: number
  readonly rows: readonly Row[]
  readonly figures: readonly Figure[]
}
export interface KeptCurves extends Kept {
  readonly rounds: number
  readonly seconds: number
  readonly curves: readonly Curve[]
}

export const keptFiles = { rounds: 'docs/performance/rounds.json', curves: 'docs/performance/curves.json' } as const

/** Every file of the page, by its path, from what is kept. */
export function performanceFiles(): Record<string, string> {
  const notes = readFileSync(join(root, 'docs/performance/notes.md'), 'utf8')
  return pageOf(read<KeptRounds>(keptFiles.rounds), read<KeptCurves>(keptFiles.curves), notes)
}

export function pageOf(
  rounds: KeptRounds | undefined,
  curves: KeptCurves | undefined,
  notes: string,
): Record<string, string> {
  const pictures = Object.fromEntries(
    (curves?.curves ?? []).map((curve) => [`docs/performance/${curve.id}.svg`, pictureOf(curve)]),
  )
  const sections = [
    intro,
    ...(rounds === undefined ? [] : roundSections(rounds)),
    ...(curves === undefined ? [] : curveSections(curves)),
    notes,
  ]
  return { 'docs/performance.md': `${sections.map((section) => section.trim()).join('\n\n')}\n`, ...pictures }
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
Made by \`npm run docs\` from \`docs/performance\`: \`*.json\` is what \`npm run bench -- --write\` has counted, \`notes.md\` is kept
by hand. Do not edit.

\`\`\`sh
npm run bench                          # every case and measure: half an hour or more
npm run bench -- --quick               # shows that it runs; its figures say little
npm run bench -- --only list,create    # these cases
npm run bench -- --write               # keeps what it counted for this page
npm run bench -- --curves --write      # the curves, up to 5,000,000 bookings: longer still
\`\`\`
How it is measured, and what bounds each figure, is below the figures.`

function roundSections({ started_at, machine, rounds, seconds, rows, figures }: KeptRounds): string[] {
  const times = figures.filter(({ name }) => !name.startsWith('storage:'))
  const bytes = figures.filter(({ name }) => name.startsWith('storage:'))
  return [
    `## The calls
${started_at.slice(0, 10)}, on ${lineOf(machine)}. 200,000 bookings in 50 agencies, 16 connections, ${rounds} rounds of ${seconds} s in turns.
Medians of the rounds. CPU is processor time for one request, of the service and of PostgreSQL. The last column is Roost's rate by
that of the line in each round: least, median, greatest.`,
    table(
      ['call', 'by', 'requests/s', 'p50 ms', 'p99 ms', 'CPU ms', 'PostgreSQL CPU ms', 'Roost by it'],
      rows.map((row) => [
        row.contestant === 'roost' ? row.title : '',
        row.contestant === 'roost' ? '**Roost**' : row.contestant,
        ...[row.per_second, row.p50_ms, row.p99_ms, row.own_cpu_ms, row.postgres_cpu_ms].map(({ median }) =>
          written(median),
        ),
        row.ratio === undefined ? '' : spread(row.ratio),
      ]),
    ),
    '## Targets',
    table(
      ['figure', 'measured', 'target', ''],
      times.map((figure) => [
        figure.name,
        `${written(figure.value)} ${figure.unit}`,
        targetOf(figure),
        figure.target === undefined ? '' : meets(figure) ? 'met' : '**missed**',
      ]),
    ),
    ...(bytes.length === 0
      ? []
      : [
          '## A booking on disk',
          table(
            ['what', 'bytes'],
            bytes.map(({ name, value }) => [name.slice(9), written(value)]),
          ),
        ]),
  ]
}

function curveSections({ started_at, machine, rounds, seconds, curves }: KeptCurves): string[] {
  return [
    `## Curves
${started_at.slice(0, 10)}, on ${lineOf(machine)}. Each point: ${rounds} rounds of ${seconds} s, their median, with least and greatest in the
tables. 200,000 bookings in 50 agencies and 16 connections, but for what changes.`,
    ...curves.flatMap(({ id, title, axis, points }) => [
      `### ${title}\n![Requests a second and p99 by ${axis}](performance/${id}.svg)`,
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
    `${written(per_second.median)} (${range(per_second)})${refused}`,
    `${written(p99_ms.median)} (${range(p99_ms)})`,
  ]
}

function pictureOf({ axis, points }: Curve): string {
  const places = points.map(({ at }) => short(at))
  const linesOf = (what: (measured: Measured) => number) =>
    names.map((name) => ({
      name,
      values: points.map(({ measured }) => (measured[name] ? what(measured[name]) : Number.NaN)),
    }))
  const common = { axis, places }
  return svgOf([
    { ...common, title: 'Requests a second', lines: linesOf(({ per_second }) => per_second.median) },
    { ...common, title: 'p99 in milliseconds', lines: linesOf(({ p99_ms }) => p99_ms.median) },
  ])
}

/** 10k, 1M */
const short = (n: number) => (n >= 1e6 ? `${n / 1e6}M` : n >= 1e4 ? `${n / 1e3}k` : n.toLocaleString('en'))
const range = ({ min, max }: Spread) => `${written(min)}-${written(max)}`
const spread = ({ min, median, max }: Spread) => `${written(min)} / ${written(median)} / ${written(max)}`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map((_, n) => (n === 0 ? '---' : '---:')).join('|')}|`, ...rows.map(line)].join('\n')
}
