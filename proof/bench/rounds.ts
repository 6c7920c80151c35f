// Runs every case on every system in rotation: other activity of the machine affects all alike.
import type { Case } from './cases.ts'
import type { Sample } from './figures.ts'
import type { System } from './systems/system.ts'

export interface Result {
  readonly case: Case
  /** By system, one per round. Systems that do not support the case are missing. */
  readonly samples: Readonly<Record<System['name'], readonly Sample[] | undefined>>
  /** The error of a wrong answer; the case then has no figures. */
  readonly error?: string
}

export interface RoundOptions {
  readonly rounds: number
  /** Duration of each load. */
  readonly seconds: number
  readonly warm_up_seconds: number
}

/** First checks and warms up every system. A wrong answer ends its case; the other cases continue. */
export async function runRounds(
  cases: readonly Case[],
  systems: readonly System[],
  { rounds, seconds, warm_up_seconds }: RoundOptions,
  note: (line: string) => void,
): Promise<Result[]> {
  const results: Writable[] = cases.map((bench_case) => ({ case: bench_case, samples: {} as Writable['samples'] }))
  const forEachCase = async (name: string, work: (result: Writable, system: System) => Promise<string>) => {
    for (const result of results.filter(({ error }) => error === undefined)) {
      const texts: string[] = []
      try {
        for (const system of systems.filter((one) => one.supports(result.case))) texts.push(await work(result, system))
      } catch (cause) {
        result.error = (cause as Error).message
        result.samples = {} as Writable['samples']
        texts.push(result.error)
      }
      note(`${name}: ${result.case.id.padEnd(12)} ${texts.join(', ')}`)
    }
  }
  await forEachCase('warming up', async ({ case: bench_case }, system) => {
    await system.check(bench_case)
    await system.run(bench_case, warm_up_seconds)
    return system.name
  })
  for (let round = 1; round <= rounds; round += 1) {
    await forEachCase(`round ${round} of ${rounds}`, async ({ case: bench_case, samples }, system) => {
      const sample = await system.run(bench_case, seconds)
      samples[system.name] = [...(samples[system.name] ?? []), sample]
      return `${system.name} ${Math.round(sample.per_second)}/s`
    })
  }
  return results
}

interface Writable {
  readonly case: Case
  samples: Record<System['name'], Sample[] | undefined>
  error?: string
}
