// A run of cases and measures on one stand: starts who takes part, lets them take turns, and stops them.

import type { Stand } from './dataset.ts'
import type { Figure } from './figures.ts'
import type { Choice } from './options.ts'
import { type Result, runRounds } from './rounds.ts'
import { peerContestant, peerIsMissing, startPeer } from './systems/baseline.ts'
import { pgbenchContestant, pgbenchIsMissing } from './systems/pgbench.ts'
import { productionEnv, roostContestant, serveRoost } from './systems/roost.ts'
import type { Contestant } from './systems/system.ts'
import { figuresOf } from './targets.ts'

type Note = (line: string) => void

/** A measure that cannot be made is a figure that meets no target; the others are made all the same. */
export async function measureAll(
  choice: Choice,
  stand: Stand,
  note: Note,
): Promise<{ results: Result[]; figures: Figure[] }> {
  const results = choice.cases.length === 0 ? [] : await inRounds(choice, stand, note)
  const figures = figuresOf(results)
  for (const measure of choice.measures) {
    note(`${measure.title} ...`)
    try {
      const measured = await measure.run({ is_quick: choice.is_quick, stand })
      figures.push(...measured.map((figure) => ({ ...figure, name: `${measure.id}: ${figure.name}` })))
    } catch (error) {
      note(`${measure.id}: ${(error as Error).message}`)
      figures.push({
        name: `${measure.id}: could not be measured`,
        value: Number.NaN,
        unit: '',
        target: { at_least: 0 },
      })
    }
  }
  return { results, figures }
}

async function inRounds(choice: Choice, stand: Stand, note: Note): Promise<Result[]> {
  const { cluster, urls, ground, folder } = stand
  const ends: (() => Promise<unknown>)[] = []
  try {
    const env = productionEnv(urls)
    const api = await serveRoost(folder, env)
    ends.push(() => api.kill())
    const contestants: Contestant[] = [roostContestant([api], cluster, ground)]
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
    const pace = { rounds: choice.rounds, seconds: choice.seconds, warm_up_seconds: choice.is_quick ? 1 : 2 }
    return await runRounds(choice.cases, contestants, pace, note)
  } finally {
    for (const end of ends.reverse()) await end()
  }
}
