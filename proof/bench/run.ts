// Runs the chosen cases and scenarios on one fixture.

import type { Figure } from './figures.ts'
import type { Fixture } from './fixture.ts'
import type { BenchOptions } from './options.ts'
import { type Result, runRounds } from './rounds.ts'
import { baselineSystem, explainMissingBaseline, startBaseline } from './systems/baseline.ts'
import { explainMissingPgbench, pgbenchSystem } from './systems/pgbench.ts'
import { productionEnv, roostSystem, serveRoost } from './systems/roost.ts'
import type { System } from './systems/system.ts'
import { figuresOf } from './targets.ts'

type Note = (line: string) => void

/** A scenario that throws becomes a figure that meets no target; the others still run. */
export async function measureAll(
  options: BenchOptions,
  fixture: Fixture,
  note: Note,
): Promise<{ results: Result[]; figures: Figure[] }> {
  const results = options.cases.length === 0 ? [] : await runCases(options, fixture, note)
  const figures = figuresOf(results)
  for (const scenario of options.scenarios) {
    note(`${scenario.title} ...`)
    try {
      const measured = await scenario.run({ is_quick: options.is_quick, fixture })
      figures.push(...measured.map((figure) => ({ ...figure, name: `${scenario.id}: ${figure.name}` })))
    } catch (error) {
      note(`${scenario.id}: ${(error as Error).message}`)
      figures.push({
        name: `${scenario.id}: could not be measured`,
        value: Number.NaN,
        unit: '',
        target: { at_least: 0 },
      })
    }
  }
  return { results, figures }
}

async function runCases(options: BenchOptions, fixture: Fixture, note: Note): Promise<Result[]> {
  const { cluster, urls, dataset, folder } = fixture
  const cleanups: (() => Promise<unknown>)[] = []
  try {
    const env = productionEnv(urls)
    const api = await serveRoost(folder, env)
    cleanups.push(() => api.kill())
    const systems: System[] = [roostSystem([api], cluster, dataset)]
    const no_baseline = explainMissingBaseline(options.baseline_dir)
    if (no_baseline === undefined) {
      const baseline = await startBaseline(options.baseline_dir, folder, cluster)
      cleanups.push(baseline.stop)
      systems.push(baselineSystem(baseline, cluster, { ...dataset, baseline_bookings: baseline.bookings }))
    }
    const no_pgbench = explainMissingPgbench()
    if (no_pgbench === undefined) {
      systems.push(await pgbenchSystem({ cluster, urls, env, dataset, chosen: options.cases }, note))
    }
    for (const line of [no_baseline, no_pgbench]) if (line !== undefined) note(line)
    const round_options = {
      rounds: options.rounds,
      seconds: options.seconds,
      warm_up_seconds: options.is_quick ? 1 : 2,
    }
    return await runRounds(options.cases, systems, round_options, note)
  } finally {
    for (const cleanUp of cleanups.reverse()) await cleanUp()
  }
}
