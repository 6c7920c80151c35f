// npm run scorecard: runs the scenarios and prints the results with their targets.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { missingTools } from './environment/tools.ts'
import { describeMachine, formatMachine, formatTable, runScenarios, summarize } from './report.ts'
import type { Size } from './scenario.ts'
import { scenarios } from './scenarios.ts'

const usage = `npm run scorecard [-- options]
  --quick        run the subset for CI, with fewer rounds
  --only S5,S7   run only these scenarios
  --json FILE    also write the results to FILE
  --list         list the scenarios and how long they take
  --help         print this text
Exit code: 0 every check passed, 1 a check failed, 2 the scorecard could not run.`

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
  if (values.list) for (const line of listScenarios()) print(line)
  if (values.help || values.list) return 0

  const wanted = values.only?.toUpperCase().split(',')
  const unknown = wanted?.find((id) => !scenarios.some((scenario) => scenario.id === id))
  if (unknown !== undefined) throw new Error(`unknown scenario ${unknown}; --list prints them all`)
  const missing = missingTools()
  if (missing.length > 0)
    throw new Error(`the scorecard needs programs that are not installed:\n  ${missing.join('\n  ')}`)

  const size: Size = values.quick ? 'quick' : 'full'
  const chosen = scenarios.filter(
    ({ id, seconds }) => wanted?.includes(id) ?? (size === 'full' || seconds.quick !== undefined),
  )
  const started_at = new Date().toISOString()
  const results = await runScenarios(chosen, size, note)
  const passes = results.every((result) => result.passes)
  const measured_on = describeMachine()
  for (const line of [...formatTable(results), '', formatMachine(measured_on), summarize(results)]) print(line)
  if (values.json !== undefined) {
    const report = { size, started_at, passes, machine: measured_on, lines: results }
    writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
  }
  return passes ? 0 : 1
}

function listScenarios(): string[] {
  return scenarios.map(({ id, title, seconds: { full, quick } }) => {
    const time = quick === undefined ? `${full} s` : `${full} s, quick ${quick} s`
    return `${id.padEnd(4)} ${title} (${time})`
  })
}

try {
  // Sockets that a fault left open would keep the process alive.
  process.exit(await main())
} catch (error) {
  note((error as Error).message)
  process.exit(2)
}
