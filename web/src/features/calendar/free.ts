// How many homes are taken on each day of a chunk.
import type { Day } from '../../locales/days.ts'
import { type Chunk, chunk_days, chunkOf } from './chunk.ts'

const known = new WeakMap<Chunk, Uint16Array>()

function takenIn(chunk: Chunk): Uint16Array {
  const before = known.get(chunk)
  if (before !== undefined) return before
  const taken = new Uint16Array(chunk.to - chunk.from)
  const { first_day, nights } = chunk.occupants
  first_day.forEach((first, at) => {
    const end = Math.min(first + (nights[at] ?? 1), chunk.to)
    for (let day = Math.max(first, chunk.from); day < end; day += 1) {
      taken[day - chunk.from] = (taken[day - chunk.from] ?? 0) + 1
    }
  })
  known.set(chunk, taken)
  return taken
}

/** The homes that are free in the night of a day; undefined while its chunk is not read. */
export function freeOn(chunks: ReadonlyMap<number, Chunk>, day: Day): number | undefined {
  const number = chunkOf(day)
  const chunk = chunks.get(number)
  if (chunk === undefined) return undefined
  return chunk.homes.id.length - (takenIn(chunk)[day - number * chunk_days] ?? 0)
}
