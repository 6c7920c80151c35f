// A part of the calendar in memory: the columns of the API, with the place of each home's occupants. Nothing is copied into objects
// until a row is visible.
import type { Schema } from '../../api/client.ts'
import { type Day, dayOf } from '../../locales/days.ts'

export type Answer = Schema['PropertyCalendars']
type Columns = Readonly<Record<string, readonly unknown[]>>

/** The days of one request. */
export const chunk_days = 56

export interface Chunk {
  readonly from: Day
  readonly to: Day
  readonly position: number
  readonly homes: Answer['properties']
  readonly occupants: Answer['occupants']
  readonly conflicts: NonNullable<Answer['conflicts']> | undefined
  /** Id of a home -> its index in `homes`. */
  readonly index_of: ReadonlyMap<string, number>
  /** The occupants of the home n are those from starts[n] up to starts[n + 1]. */
  readonly starts: Uint32Array
}

/** The number of the chunk that contains a day. */
export const chunkOf = (day: Day): number => Math.floor(day / chunk_days)

export function readAnswer(answer: Answer): Chunk {
  const { properties: homes, occupants, conflicts, position, from, to } = answer
  return {
    from: dayOf(from),
    to: dayOf(to),
    position,
    homes,
    occupants,
    conflicts,
    index_of: new Map(homes.id.map((id, n) => [id, n])),
    starts: startsOf(occupants.property, homes.id.length),
  }
}

/** The API lists occupants by home. */
function startsOf(property: readonly number[], num_homes: number): Uint32Array {
  const starts = new Uint32Array(num_homes + 1)
  for (const n of property) starts[n + 1] = (starts[n + 1] ?? 0) + 1
  for (let n = 1; n <= num_homes; n += 1) starts[n] = (starts[n] ?? 0) + (starts[n - 1] ?? 0)
  return starts
}

/**
 * The chunk after an answer to a request with `since`. Answers can arrive in another order than their requests were sent: what is older
 * than the chunk is dropped. A complete answer to the position of the chunk replaces it even if its own position is lower, as after a
 * restored backup.
 */
export function mergeAnswer(chunk: Chunk, since: number, answer: Answer): Chunk {
  if (answer.is_complete)
    return since === chunk.position || answer.position >= chunk.position ? readAnswer(answer) : chunk
  return answer.position < chunk.position || since > chunk.position ? chunk : applyChanges(chunk, answer)
}

/** Which of two reads of the same days is newer. The second one wins at the same position. */
export const newerOf = (held: Chunk | undefined, read: Chunk): Chunk =>
  held !== undefined && held.position > read.position ? held : read

/**
 * The homes of the answer replace those of the chunk, with everything that they have; removed ones go.
 * A home that is new, or that sorts elsewhere now, is put at its place by name.
 */
function applyChanges(chunk: Chunk, answer: Answer): Chunk {
  const changed = readAnswer(answer)
  if (changed.homes.id.length === 0 && answer.removed_property_ids.length === 0)
    return { ...chunk, position: answer.position }
  const gone = new Set([...changed.homes.id, ...answer.removed_property_ids])
  const kept = chunk.homes.id.flatMap((id, n) => (gone.has(id) ? [] : [{ chunk, n, name: chunk.homes.name[n] ?? '' }]))
  const added = changed.homes.id.map((_, n) => ({ chunk: changed, n, name: changed.homes.name[n] ?? '' }))
  const rows = added.length === 0 ? kept : [...kept, ...added].sort((a, b) => compareNames(a.name, b.name))
  return readAnswer({ ...answer, ...joined(rows), from: answer.from, to: answer.to })
}

const collator = new Intl.Collator('de', { numeric: false })
const compareNames = (a: string, b: string) => collator.compare(a, b)

interface Row {
  readonly chunk: Chunk
  readonly n: number
}

function joined(rows: readonly Row[]): Pick<Answer, 'properties' | 'occupants' | 'conflicts'> {
  const homes = emptyLike(rows.map(({ chunk }) => chunk.homes))
  const occupants = emptyLike(rows.map(({ chunk }) => chunk.occupants))
  const conflicts = emptyLike(rows.flatMap(({ chunk }) => chunk.conflicts ?? []))
  rows.forEach(({ chunk, n }, place) => {
    copyRow(chunk.homes, n, homes)
    for (let at = chunk.starts[n] ?? 0; at < (chunk.starts[n + 1] ?? 0); at += 1) {
      copyRow(chunk.occupants, at, occupants)
      occupants.property?.splice(-1, 1, place)
    }
    chunk.conflicts?.property.forEach((home, at) => {
      if (home !== n || chunk.conflicts === undefined) return
      copyRow(chunk.conflicts, at, conflicts)
      conflicts.property?.splice(-1, 1, place)
    })
  })
  return { properties: homes, occupants, conflicts } as unknown as Pick<
    Answer,
    'properties' | 'occupants' | 'conflicts'
  >
}

function emptyLike(tables: readonly object[]): Record<string, unknown[]> {
  const [first] = tables
  return Object.fromEntries(Object.keys(first ?? {}).map((name) => [name, []]))
}

function copyRow(from: object, at: number, into: Record<string, unknown[]>): void {
  for (const [name, column] of Object.entries(from as Columns)) into[name]?.push(column[at])
}
