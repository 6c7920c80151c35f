// Saves the stays of some groups in one transaction: frees nights, takes nights, keeps facts, records conflicts.
import sql from 'sql-template-tag'
import { lock, lockAll, propertyKey } from '../../core/postgres/locks.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Stay } from '../availability/context.ts'
import { hasNightIn, isCurrent } from '../availability/occupancies.ts'
import { createSoldBookings } from '../bookings/create-many.ts'
import { type BookingRevision, reviseBookings } from '../bookings/revise.ts'
import { resolveConflicts } from '../channels/conflicts.ts'
import { isOff } from '../channels/facts.ts'
import {
  findKnown,
  findParts,
  type Known,
  keyText,
  lockBookings,
  type SavedFacts,
  type StayPart,
  saveFacts,
} from '../channels/known.ts'
import type { RowResult } from './importer.ts'
import { type Move, type Obstacle, type Occupant, settleMoves } from './nights.ts'
import { changesOf } from './stay-changes.ts'
import { conflictOf, saveConflict } from './stay-conflicts.ts'
import { type Decision, decide, hasSameFacts, inputOf, nightsOf, type PlannedStay } from './stay-plan.ts'

/** A stay with what is to happen, as of this transaction. */
export interface Task {
  readonly key: string
  readonly planned: PlannedStay
  readonly known: Known
  readonly decision: Decision
  /** Parts of the stay in other bookings that end with it. */
  readonly parts: readonly StayPart[]
}

/**
 * Returns one result per stay, in order. Decides again what each stay changes, because people may have changed its booking since
 * the file was planned. `booking_ids`: the bookings of the stays at that time; they are locked first.
 */
export async function saveStays(
  tx: Tx,
  stays: readonly PlannedStay[],
  booking_ids: readonly string[],
): Promise<RowResult[]> {
  await lock(tx, `${tx.agency_id}/import`)
  await lockBookings(tx, booking_ids)
  const known = await findKnown(
    tx,
    stays.map(({ stay }) => stay),
  )
  const tasks: Task[] = []
  for (const planned of stays) {
    const key = keyText(planned.stay)
    const one = known.get(key) ?? { booking: undefined, conflict: undefined }
    const decision = decide(planned, one)
    const is_withdrawn = decision.kind === 'merge' && decision.merge.is_withdrawn && decision.booking.is_split
    const parts = is_withdrawn ? await findParts(tx, decision.booking.id) : []
    tasks.push({ key, planned, known: one, decision, parts: parts.filter(isOpen) })
  }
  const obstacles = await settle(tx, tasks)
  await revise(tx, tasks, obstacles)
  const created = await create(tx, tasks, obstacles)
  return record(tx, tasks, obstacles, created)
}

const isOpen = ({ status }: StayPart) => status === 'pending' || status === 'confirmed'

/** Locks the properties and decides which stays get their nights. */
async function settle(tx: Tx, tasks: readonly Task[]): Promise<Map<string, Obstacle>> {
  const moves = tasks.flatMap(({ key, planned, decision, parts }): Move[] => {
    const { from, to } = nightsOf(planned, decision)
    const own = isSame(from, to) ? [] : [{ key, from, to }]
    return [...own, ...parts.map((part) => ({ key: `${key}/${part.id}`, from: part, to: null }))]
  })
  const nights = moves.flatMap(({ from, to }) => [from, to].filter((stay) => stay !== null))
  await lockAll(
    tx,
    nights.map(({ property_id }) => propertyKey(tx, property_id)),
  )
  const moving = new Set(
    tasks.flatMap(({ key, decision, parts }) => [
      ...(decision.kind === 'merge' && moves.some((move) => move.key === key) ? [decision.booking.id] : []),
      ...parts.map(({ id }) => id),
    ]),
  )
  const occupied = await findOccupied(tx, nights)
  return settleMoves(
    moves,
    occupied.filter(({ id }) => id === null || !moving.has(id)),
  )
}

function isSame(from: Stay | null, to: Stay | null): boolean {
  if (from === null || to === null) return from === to
  return from.property_id === to.property_id && from.check_in === to.check_in && from.check_out === to.check_out
}

/** What has nights in these properties between the first and the last day. Expired holds have none. */
async function findOccupied(tx: Tx, nights: readonly Stay[]): Promise<Occupant[]> {
  const from = nights.map(({ check_in }) => check_in).sort()[0]
  const to = nights
    .map(({ check_out }) => check_out)
    .sort()
    .at(-1)
  if (from === undefined || to === undefined) return []
  const ids = [...new Set(nights.map(({ property_id }) => property_id))]
  return tx.query<Occupant>(sql`
    select o.property_id, o.kind, coalesce(o.booking_id, o.block_id, o.hold_id) as id, b.reference as label,
      o.check_in, o.check_out
    from occupancies o
    left join bookings b on b.agency_id = ${tx.agency_id} and b.id = o.booking_id
    where o.agency_id = ${tx.agency_id} and o.property_id = any (${ids}::uuid[]) and ${hasNightIn(from, to)}
      and ${isCurrent}
    order by o.property_id, o.check_in`)
}

async function revise(tx: Tx, tasks: readonly Task[], obstacles: ReadonlyMap<string, Obstacle>): Promise<void> {
  const revisions = tasks.flatMap(({ key, decision, parts, planned }): BookingRevision[] => {
    if (decision.kind !== 'merge' || obstacles.has(key)) return []
    const { booking, merge } = decision
    const by = planned.facts.cancelled_by
    const end = { status: 'cancelled', total_cents: 0, ...(by !== null && { cancelled_by: by }) } as const
    const own = Object.keys(merge.revision).length === 0 ? [] : [{ id: booking.id, revision: merge.revision }]
    return [...own, ...parts.map(({ id }) => ({ id, revision: end }))]
  })
  await reviseBookings(tx, revisions)
}

/** The ids of the new bookings, by key. */
async function create(
  tx: Tx,
  tasks: readonly Task[],
  obstacles: ReadonlyMap<string, Obstacle>,
): Promise<ReadonlyMap<string, string>> {
  const creating = tasks.filter(({ key, decision }) => decision.kind === 'create' && !obstacles.has(key))
  const inputs = creating.map(({ planned, known }) => {
    const { guest, ...input } = inputOf(planned)
    if (known.conflict === undefined) return { ...input, ...(guest !== undefined && { guest }) }
    // The guest of the conflict, unless erased meanwhile.
    const { guest_id } = known.conflict
    return { ...input, ...(guest_id !== null && { guest_id }) }
  })
  const bookings = await createSoldBookings(tx, inputs)
  return new Map(creating.map(({ key }, index) => [key, bookings[index]?.id ?? '']))
}

/** Saves facts and conflicts. Returns the results. */
async function record(
  tx: Tx,
  tasks: readonly Task[],
  obstacles: ReadonlyMap<string, Obstacle>,
  created: ReadonlyMap<string, string>,
): Promise<RowResult[]> {
  const findId = (key: string) => created.get(key) ?? tasks.find((task) => task.key === key)?.known.booking?.id ?? null
  const results: RowResult[] = []
  const resolved: Task[] = []
  for (const task of tasks) {
    const conflict = conflictOf(task, obstacles.get(task.key), findId)
    if (conflict === undefined) resolved.push(task)
    else await saveConflict(tx, task, conflict)
    results.push(conflict?.error ?? resultOf(task))
  }
  await saveFacts(
    tx,
    tasks.filter(({ key }) => !obstacles.has(key)).flatMap((task) => factsOf(task, created.get(task.key))),
  )
  const isWithdrawn = ({ planned, decision }: Task) => isOff(planned.facts.status) || decision.kind === 'skip'
  const idsOf = (tasks_of: readonly Task[]) => tasks_of.flatMap(({ known }) => known.conflict?.id ?? [])
  const { withdrawn = [], applied = [] } = Object.groupBy(resolved, (task) =>
    isWithdrawn(task) ? 'withdrawn' : 'applied',
  )
  await resolveConflicts(tx, idsOf(applied), 'applied')
  await resolveConflicts(tx, idsOf(withdrawn), 'withdrawn')
  return results
}

function factsOf({ planned, decision }: Task, created_id: string | undefined): SavedFacts[] {
  const { source, code } = planned.stay
  if (created_id !== undefined) return [{ source, code, booking_id: created_id, facts: planned.facts }]
  if (decision.kind !== 'merge' || hasSameFacts(decision.booking.facts, decision.merge.applied)) return []
  return [{ source, code, booking_id: decision.booking.id, facts: decision.merge.applied }]
}

function resultOf({ decision, parts, planned }: Task): RowResult {
  if (decision.kind === 'create') return { outcome: 'created' }
  if (decision.kind !== 'merge') return { outcome: 'skipped', ...('note' in decision && { note: decision.note }) }
  const changes = changesOf(decision.booking, decision.merge.revision)
  if (changes.length + parts.length === 0) return { outcome: 'skipped' }
  const ended = parts.map(({ id }) => ({ field: `status of the part ${id}`, before: 'open', after: 'cancelled' }))
  return { outcome: 'updated', code: planned.stay.code, changes: [...changes, ...ended] }
}
