// The conflict of a stay that cannot be applied: what is kept of it, and the sentence that names both sides.
import type { Tx } from '../../core/postgres/transaction.ts'
import type { NeighbourWithId } from '../availability/context.ts'
import { statusWords } from '../bookings/status-words.ts'
import { recordConflict } from '../channels/conflicts.ts'
import type { KnownBooking } from '../channels/known.ts'
import type { Topic } from '../channels/merge.ts'
import type { Conflict } from '../channels/schema.ts'
import { findOrCreateGuest } from '../guests/of-booking.ts'
import type { RowError } from './import-errors.ts'
import type { Obstacle } from './nights.ts'
import type { PlannedStay } from './stay-plan.ts'
import type { Task } from './stay-save.ts'

interface StayConflict {
  readonly kind: Conflict['kind']
  readonly booking: KnownBooking | undefined
  readonly other: NeighbourWithId | null
  readonly error: RowError
}

/** undefined when the stay was applied. `findId`: the id of the booking of another stay of the file, by key. */
export function conflictOf(
  { planned, known, decision }: Task,
  obstacle: Obstacle | undefined,
  findId: (key: string) => string | null,
): StayConflict | undefined {
  const { booking } = known
  if (obstacle !== undefined) {
    const other = neighbourOf(obstacle, findId)
    return { kind: 'overlap', booking, other, error: overlapError(planned, obstacle) }
  }
  if (decision.kind === 'deleted') {
    return { kind: 'deleted_here', booking, other: null, error: deletedError(planned, decision.booking) }
  }
  if (decision.kind !== 'merge' || decision.merge.disputed.length === 0) return undefined
  const error = disputeError(planned, decision.booking, decision.merge.disputed)
  return { kind: 'changed_here', booking, other: null, error }
}

function neighbourOf(obstacle: Obstacle, findId: (key: string) => string | null): NeighbourWithId {
  if ('occupant' in obstacle) {
    const { kind, id, check_in, check_out } = obstacle.occupant
    return { kind, id, check_in, check_out }
  }
  const { key, check_in, check_out } = obstacle.rival
  return { kind: 'booking', id: findId(key), check_in, check_out }
}

const kept = 'Kept as a conflict, which takes no nights; see GET /api/v1/conflicts'

function overlapError({ stay, facts, property }: PlannedStay, obstacle: Obstacle): RowError {
  const at = 'occupant' in obstacle ? obstacle.occupant : obstacle.rival
  const name =
    'occupant' in obstacle ? `${obstacle.occupant.kind} ${obstacle.occupant.label ?? ''}`.trim() : obstacle.rival.key
  const wanted = `${stay.code} from ${facts.check_in} to ${facts.check_out} in "${property.name}"`
  return stay.error(`${wanted} overlaps ${name} (taken from ${at.check_in} to ${at.check_out}). ${kept}`, 'conflict')
}

function deletedError({ stay, facts }: PlannedStay, { reference }: KnownBooking): RowError {
  return stay.error(
    `the booking ${reference} was deleted in Roost, but the channel expects ${stay.code} from ${facts.check_in} to ${facts.check_out}. ${kept}`,
    'conflict',
  )
}

function disputeError(planned: PlannedStay, booking: KnownBooking, topics: readonly Topic[]): RowError {
  const sides = topics.map((topic) => {
    const [here, there] = sidesOf[topic](planned, booking)
    return `${topic}: the channel says ${there}, Roost has ${here}`
  })
  return planned.stay.error(
    `${planned.stay.code} was changed by the channel, and booking ${booking.reference} in Roost (${sides.join('; ')}). ${kept}`,
    'conflict',
  )
}

type Sides = (planned: PlannedStay, booking: KnownBooking) => [here: string, there: string]

const sidesOf: Readonly<Record<Topic, Sides>> = {
  dates: ({ facts }, booking) => [
    `${statusWords[booking.status]} from ${booking.check_in} to ${booking.check_out}`,
    `${facts.check_in} to ${facts.check_out}`,
  ],
  property: ({ property }, { property_id }) => [`property ${property_id}`, `"${property.name}"`],
  status: ({ facts }, { status }) => [statusWords[status], facts.status === null ? 'none' : statusWords[facts.status]],
  people: ({ facts }, { num_adults, num_children }) => [
    `${num_adults} adults and ${num_children} children`,
    `${facts.num_adults ?? '?'} and ${facts.num_children ?? 0}`,
  ],
  price: ({ facts }, { total_cents, currency }) => [
    `${total_cents} ${currency}`,
    `${facts.total_cents ?? facts.payout_cents} ${facts.currency}`,
  ],
}

/** With the guest of a stay that is no booking yet, so that nothing about it is lost. */
export async function saveConflict(
  tx: Tx,
  { planned, known }: Task,
  { kind, booking, other }: StayConflict,
): Promise<void> {
  const { stay, facts, property } = planned
  const known_guest = known.conflict?.guest_id ?? null
  // An open conflict without a guest had one who was erased.
  const is_new_guest = booking === undefined && known.conflict === undefined && stay.guest !== undefined
  const guest = is_new_guest ? await findOrCreateGuest(tx, { guest: stay.guest }) : undefined
  await recordConflict(tx, {
    ...{ source: stay.source, code: stay.code, kind, facts, other },
    property_id: booking?.property_id ?? property.id,
    guest_id: guest?.id ?? known_guest,
    booking_id: booking?.id ?? null,
  })
}
