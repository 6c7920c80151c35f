// npm run scorecard: takes the running service apart in every way it names, and prints what it counted beside the targets.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { missingTools } from './environment/tools.ts'
import { lineOf, machine, runAll, summaryOf, table } from './report.ts'
import type { Size } from './scenario.ts'
import { measures } from './scenarios.ts'

const usage = `npm run scorecard [-- options]
  --quick        the subset that CI runs, with fewer rounds
  --only S5,S7   these lines and no others
  --json FILE    writes everything to FILE as well
  --list         what there is to measure, and how long it takes
  --help         this
Exit code: 0 every check passes, 1 some do not, 2 could not run.`

const print = (line: string) => process.stdout.write(`${line}\n`)
const note = (line: string) => process.stderr.write(`${line}\n`)

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) print(usage)
  if (values.list) for (const line of list()) print(line)
  if (values.help || values.list) return 0

  const wanted = values.only?.toUpperCase().split(',')
  const unknown = wanted?.find((id) => !measures.some((measure) => measure.id === id))
  if (unknown !== undefined) throw new Error(`there is no line ${unknown}; --list shows what there is`)
  const missing = missingTools()
  if (missing.length > 0) throw new Error(`the scorecard needs programs that are not here:\n  ${missing.join('\n  ')}`)

  const size: Size = values.quick ? 'quick' : 'full'
  const chosen = measures.filter(
    ({ id, seconds }) => wanted?.includes(id) ?? (size === 'full' || seconds.quick !== undefined),
  )
  const started_at = new Date().toISOString()
  const lines = await runAll(chosen, size, note)
  const passes = lines.every((line) => line.passes)
  const measured_on = machine()
  for (const line of [...table(lines), '', lineOf(measured_on), summaryOf(lines)]) print(line)
  if (values.json !== undefined) {
    const report = { size, started_at, passes, machine: measured_on, lines }
    writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
  }
  return passes ? 0 : 1
}

function list(): string[] {
  return measures.map(({ id, title, seconds: { full, quick } }) => {
    const time = quick === undefined ? `${full} s` : `${full} s, quick ${quick} s`
    return `${id.padEnd(4)} ${title} (${time})`
  })
}

try {
  // Exits, rather than waits for sockets that a fault has left behind.
  process.exit(await main())
} catch (error) {
  note((error as Error).message)
  process.exit(2)
}
