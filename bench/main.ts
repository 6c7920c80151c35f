// npm run bench: how quick the service is beside a comparison service and beside PostgreSQL alone, in turns, in one run.
import { writeFileSync } from 'node:fs'
import { missingTools } from '../scorecard/stage/tools.ts'
import { cases } from './cases.ts'
import type { Contestant } from './contestants/contestant.ts'
import { peerContestant, peerIsMissing, startPeer } from './contestants/peer.ts'
import { pgbenchContestant, pgbenchIsMissing } from './contestants/pgbench.ts'
import { productionEnv, roostContestant, serveRoost } from './contestants/roost.ts'
import { small, standard } from './data.ts'
import { type Figure, meets } from './figures.ts'
import { onStand, type Stand } from './ground.ts'
import { measures } from './measures.ts'
import { type Choice, choiceOf, usage } from './options.ts'
import { figureTable, lineOf, machine, tableOf } from './report.ts'
import { type Result, runRounds } from './rounds.ts'
import { figuresOf, rowsOf } from './targets.ts'
import { wrkIsMissing } from './wrk.ts'

const print = (line: string) => process.stdout.write(`${line}\n`)
const note = (line: string) => process.stderr.write(`${performance.now().toFixed(0).padStart(7)} ${line}\n`)

async function main(): Promise<number> {
  const choice = choiceOf(process.argv.slice(2), process.env)
  if (choice.asks_for === 'help') print(usage)
  if (choice.asks_for === 'list')
    for (const { id, title } of [...cases, ...measures]) print(`${id.padEnd(12)} ${title}`)
  if (choice.asks_for !== 'run') return 0
  const missing = [...missingTools(), ...wrkIsMissing()]
  if (missing.length > 0) throw new Error(`the benchmark needs programs that are not here:\n  ${missing.join('\n  ')}`)

  const started_at = new Date().toISOString()
  const volume = choice.is_quick ? small : standard
  const { agencies, properties, bookings } = volume
  note(`loading ${agencies} agencies x ${properties} properties x ${bookings} bookings`)
  const { results, figures } = await onStand(volume, (stand) => measureAll(choice, stand))
  const rows = rowsOf(results)
  const measured_on = machine()
  const missed = figures.filter((figure) => !meets(figure))
  for (const line of [...tableOf(rows), '', ...notesOn(results), ...figureTable(figures), '', lineOf(measured_on)])
    print(line)
  print(missed.length === 0 ? 'every target is met' : `${missed.length} targets are missed`)
  if (choice.json !== undefined) {
    const report = { started_at, is_quick: choice.is_quick, volume, machine: measured_on, rows, figures }
    writeFileSync(choice.json, `${JSON.stringify(report, null, 2)}\n`)
  }
  return missed.length === 0 ? 0 : 1
}

async function measureAll(choice: Choice, stand: Stand): Promise<{ results: Result[]; figures: Figure[] }> {
  const results = choice.cases.length === 0 ? [] : await inRounds(choice, stand)
  const figures = figuresOf(results)
  for (const measure of choice.measures) {
    note(`${measure.title} ...`)
    figures.push(...(await measure.run({ is_quick: choice.is_quick, stand })))
  }
  return { results, figures }
}

async function inRounds(choice: Choice, stand: Stand): Promise<Result[]> {
  const { cluster, urls, ground, folder } = stand
  const ends: (() => Promise<unknown>)[] = []
  try {
    const env = productionEnv(urls)
    const api = await serveRoost(folder, env)
    ends.push(() => api.kill())
    const contestants: Contestant[] = [roostContestant(api, cluster, ground)]
    const no_peer = peerIsMissing(choice.peer)
    if (no_peer === undefined) {
      const peer = await startPeer(choice.peer, folder, cluster)
      ends.push(peer.stop)
      contestants.push(peerContestant(peer, cluster, ground))
    }
    const no_pgbench = pgbenchIsMissing()
    if (no_pgbench === undefined) {
      contestants.push(await pgbenchContestant({ cluster, urls, env, ground, chosen: choice.cases }, note))
    }
    for (const line of [no_peer, no_pgbench]) if (line !== undefined) note(line)
    const pace = { ...choice, warm_up_seconds: choice.is_quick ? 1 : 2 }
    return await runRounds(choice.cases, contestants, pace, note)
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

/** Where the comparison's call is not the same. */
function notesOn(results: readonly Result[]): string[] {
  const lines = results.flatMap(({ one: { id, peer }, samples }) =>
    samples.comparison === undefined || peer?.note === undefined ? [] : [`${id}: ${peer.note}`],
  )
  return lines.length === 0 ? [] : [...lines, '']
}

try {
  // Exits, rather than waits for sockets that are still open.
  process.exit(await main())
} catch (error) {
  note((error as Error).message)
  process.exit(2)
}
