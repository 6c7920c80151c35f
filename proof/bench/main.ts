// npm run bench: how quick the service is beside a comparison service and beside PostgreSQL alone, in turns, in one run.
import { writeFileSync } from 'node:fs'
import { cases } from './cases.ts'
import { curveTables, measureCurves } from './curves/curves.ts'
import { small, standard } from './data.ts'
import { onStand } from './dataset.ts'
import { meets } from './figures.ts'
import { type Choice, choiceOf, usage } from './options.ts'
import { missingPrograms } from './programs.ts'
import { figureTable, lineOf, type Machine, machine, notesOn, tableOf } from './report.ts'
import { measureAll } from './run.ts'
import { keepCurves, keepRounds } from './save.ts'
import { measures } from './scenarios.ts'
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
  const choice = choiceOf(process.argv.slice(2), process.env)
  if (choice.asks_for === 'help') print(usage)
  if (choice.asks_for === 'list')
    for (const { id, title } of [...cases, ...measures]) print(`${id.padEnd(12)} ${title}`)
  if (choice.asks_for === 'help' || choice.asks_for === 'list') return 0
  const missing = missingPrograms(choice)
  if (missing.length > 0) throw new Error(`the benchmark needs programs that are not here:\n  ${missing.join('\n  ')}`)
  const { rounds, seconds } = choice
  const run = { started_at: new Date().toISOString(), machine: machine(), rounds, seconds }
  return choice.asks_for === 'curves' ? drawCurves(choice, run) : measureCases(choice, run)
}

async function measureCases(choice: Choice, run: Run): Promise<number> {
  const volume = choice.is_quick ? small : standard
  note(`loading ${volume.agencies} agencies x ${volume.properties} properties x ${volume.bookings} bookings`)
  const { results, figures } = await onStand(volume, (stand) => measureAll(choice, stand, note))
  const rows = rowsOf(results)
  const missed = figures.filter((figure) => !meets(figure))
  const lines = [
    ...(rows.length === 0 ? [] : [...tableOf(rows), '']),
    ...notesOn(results),
    ...figureTable(figures),
    '',
    lineOf(run.machine),
  ]
  for (const line of lines) print(line)
  print(missed.length === 0 ? 'every target is met' : `targets that are missed: ${missed.length}`)
  save(choice, { ...run, volume, rows, figures })
  if (choice.writes) keepRounds({ ...run, rows, figures })
  return missed.length === 0 ? 0 : 1
}

async function drawCurves(choice: Choice, run: Run): Promise<number> {
  const curves = await measureCurves({ ...run, is_tiny: choice.is_quick }, note)
  for (const line of [...curveTables(curves), lineOf(run.machine)]) print(line)
  save(choice, { ...run, curves })
  if (choice.writes) keepCurves({ ...run, curves })
  return 0
}

function save({ json, is_quick }: Choice, report: object): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ is_quick, ...report }, null, 2)}\n`)
}

try {
  // Exits, rather than waits for sockets that are still open.
  process.exit(await main())
} catch (error) {
  note((error as Error).message)
  process.exit(2)
}
