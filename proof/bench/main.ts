// npm run bench: compares the service with a baseline service and with PostgreSQL alone.
import { writeFileSync } from 'node:fs'
import { cases } from './cases.ts'
import { formatCurves, measureCurves } from './curves/curves.ts'
import { small, standard } from './data.ts'
import { meets } from './figures.ts'
import { withFixture } from './fixture.ts'
import { type BenchOptions, parseOptions, usage } from './options.ts'
import { missingPrograms } from './programs.ts'
import { describeMachine, formatFigures, formatMachine, formatTable, type Machine, notesOn } from './report.ts'
import { measureAll } from './run.ts'
import { saveCurves, saveRounds } from './save.ts'
import { scenarios } from './scenarios.ts'
import { rowsOf } from './targets.ts'

const print = (line: string) => process.stdout.write(`${line}\n`)
const note = (line: string) => process.stderr.write(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  ${line}\n`)

interface Run {
  readonly started_at: string
  readonly machine: Machine
  readonly rounds: number
  readonly seconds: number
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), process.env)
  if (options.action === 'help') print(usage)
  if (options.action === 'list')
    for (const { id, title } of [...cases, ...scenarios]) print(`${id.padEnd(12)} ${title}`)
  if (options.action === 'help' || options.action === 'list') return 0
  const missing = missingPrograms(options)
  if (missing.length > 0)
    throw new Error(`the benchmark needs programs that are not installed:\n  ${missing.join('\n  ')}`)
  const { rounds, seconds } = options
  const run = { started_at: new Date().toISOString(), machine: describeMachine(), rounds, seconds }
  return options.action === 'curves' ? drawCurves(options, run) : measureCases(options, run)
}

async function measureCases(options: BenchOptions, run: Run): Promise<number> {
  const volume = options.is_quick ? small : standard
  note(`loading ${volume.agencies} agencies x ${volume.properties} properties x ${volume.bookings} bookings`)
  const { results, figures } = await withFixture(volume, (fixture) => measureAll(options, fixture, note))
  const rows = rowsOf(results)
  const missed = figures.filter((figure) => !meets(figure))
  const lines = [
    ...(rows.length === 0 ? [] : [...formatTable(rows), '']),
    ...notesOn(results),
    ...formatFigures(figures),
    '',
    formatMachine(run.machine),
  ]
  for (const line of lines) print(line)
  print(missed.length === 0 ? 'all targets met' : `targets missed: ${missed.length}`)
  writeJson(options, { ...run, volume, rows, figures })
  if (options.writes) saveRounds({ ...run, rows, figures })
  return missed.length === 0 ? 0 : 1
}

async function drawCurves(options: BenchOptions, run: Run): Promise<number> {
  const curves = await measureCurves({ ...run, is_tiny: options.is_quick }, note)
  for (const line of [...formatCurves(curves), formatMachine(run.machine)]) print(line)
  writeJson(options, { ...run, curves })
  if (options.writes) saveCurves({ ...run, curves })
  return 0
}

function writeJson({ json, is_quick }: BenchOptions, report: object): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ is_quick, ...report }, null, 2)}\n`)
}

try {
  // Open sockets would keep the process alive.
  process.exit(await main())
} catch (error) {
  note((error as Error).message)
  process.exit(2)
}
