// The rounds: every case by every contestant in turn, again and again, so that what the machine does meanwhile hits all.
import type { Case } from './cases.ts'
import type { Sample } from './figures.ts'
import type { Contestant } from './systems/system.ts'

export interface Result {
  readonly one: Case
  /** By contestant, of each round; those that do not take the case are not there. */
  readonly samples: Readonly<Record<Contestant['name'], readonly Sample[] | undefined>>
  /** An answer was wrong: the case says nothing, and no figure of it is given. */
  readonly trouble?: string
}

export interface Pace {
  readonly rounds: number
  /** Of each load. */
  readonly seconds: number
  readonly warm_up_seconds: number
}

/** Checks and warms up everybody first. A case in which an answer is wrong ends there, the others go on. */
export async function runRounds(
  cases: readonly Case[],
  contestants: readonly Contestant[],
  { rounds, seconds, warm_up_seconds }: Pace,
  note: (line: string) => void,
): Promise<Result[]> {
  const results: Writable[] = cases.map((one) => ({ one, samples: {} as Writable['samples'] }))
  const inTurn = async (name: string, work: (result: Writable, who: Contestant) => Promise<string>) => {
    for (const result of results.filter(({ trouble }) => trouble === undefined)) {
      const told: string[] = []
      try {
        for (const who of contestants.filter((each) => each.takes(result.one))) told.push(await work(result, who))
      } catch (error) {
        result.trouble = (error as Error).message
        result.samples = {} as Writable['samples']
        told.push(result.trouble)
      }
      note(`${name}: ${result.one.id.padEnd(12)} ${told.join(', ')}`)
    }
  }
  await inTurn('warming up', async ({ one }, who) => {
    await who.check(one)
    await who.run(one, warm_up_seconds)
    return who.name
  })
  for (let round = 1; round <= rounds; round += 1) {
    await inTurn(`round ${round} of ${rounds}`, async ({ one, samples }, who) => {
      const sample = await who.run(one, seconds)
      samples[who.name] = [...(samples[who.name] ?? []), sample]
      return `${who.name} ${Math.round(sample.per_second)}/s`
    })
  }
  return results
}

interface Writable {
  readonly one: Case
  samples: Record<Contestant['name'], Sample[] | undefined>
  trouble?: string
}
