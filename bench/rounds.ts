// The rounds: every case by every contestant in turn, again and again, so that what the machine does meanwhile hits all.
import type { Case } from './cases.ts'
import type { Contestant } from './contestants/contestant.ts'
import type { Sample } from './figures.ts'

export interface Result {
  readonly one: Case
  /** By contestant, of each round; those that do not take the case are not there. */
  readonly samples: Readonly<Record<Contestant['name'], readonly Sample[] | undefined>>
}

export interface Pace {
  readonly rounds: number
  /** Of each load. */
  readonly seconds: number
  readonly warm_up_seconds: number
}

/** Checks and warms up everybody first. Throws when an answer is wrong: figures of a broken run are none. */
export async function runRounds(
  cases: readonly Case[],
  contestants: readonly Contestant[],
  { rounds, seconds, warm_up_seconds }: Pace,
  note: (line: string) => void,
): Promise<Result[]> {
  const pairs = cases.flatMap((one) => contestants.filter((who) => who.takes(one)).map((who) => ({ one, who })))
  for (const { one, who } of pairs) await who.check(one)
  note(`warming up ${pairs.length} pairs of case and contestant`)
  for (const { one, who } of pairs) await who.run(one, warm_up_seconds)
  const results = cases.map((one) => ({ one, samples: {} as Record<Contestant['name'], Sample[] | undefined> }))
  for (let round = 1; round <= rounds; round += 1) {
    for (const { one, samples } of results) {
      const told: string[] = []
      for (const who of contestants.filter((one_of_them) => one_of_them.takes(one))) {
        const sample = await who.run(one, seconds)
        samples[who.name] = [...(samples[who.name] ?? []), sample]
        told.push(`${who.name} ${Math.round(sample.per_second)}/s`)
      }
      note(`round ${round} of ${rounds}: ${one.id.padEnd(12)} ${told.join(', ')}`)
    }
  }
  return results
}
