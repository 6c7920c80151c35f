// How many homes are free on each day: of all homes that the filters of the API select, whichever rows are shown.
import type { Day } from '../../locales/days.ts'
import { type Chunk, chunk_days, chunkOf } from './chunk.ts'

export interface FreeHomes {
  readonly num_free: number
  /** Homes that can be booked: those that are active. */
  readonly num_homes: number
}

interface Counted {
  readonly num_homes: number
  /** Homes that are taken, by day from the first day of the chunk. */
  readonly taken: Uint16Array
}

const counts = new WeakMap<Chunk, Counted>()

function countsOf(chunk: Chunk): Counted {
  const known = counts.get(chunk)
  if (known !== undefined) return known
  const { property, first_day, nights } = chunk.occupants
  const taken = new Uint16Array(chunk.to - chunk.from)
  first_day.forEach((first, at) => {
    if (chunk.homes.is_active[property[at] ?? -1] === false) return
    const end = Math.min(first + (nights[at] ?? 1), chunk.to)
    for (let day = Math.max(first, chunk.from); day < end; day += 1) {
      taken[day - chunk.from] = (taken[day - chunk.from] ?? 0) + 1
    }
  })
  const counted = { num_homes: chunk.homes.is_active.filter(Boolean).length, taken }
  counts.set(chunk, counted)
  return counted
}

/** The homes that are free in the night of a day; undefined while its chunk is not read. */
export function freeOn(chunks: ReadonlyMap<number, Chunk>, day: Day): FreeHomes | undefined {
  const number = chunkOf(day)
  const chunk = chunks.get(number)
  if (chunk === undefined) return undefined
  const { num_homes, taken } = countsOf(chunk)
  return { num_homes, num_free: num_homes - (taken[day - number * chunk_days] ?? 0) }
}
