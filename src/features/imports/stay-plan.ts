// Decides for each stay of a file what it changes: pure functions over what Roost has of it.

import type { Stay } from '../availability/context.ts'
import type { BookingInput } from '../bookings/new-row.ts'
import { takesNights } from '../bookings/occupancy.ts'
import type { Status } from '../bookings/schema.ts'
import { type AppliedFacts, adoptedFacts, type ChannelFacts, isOff, totalOf } from '../channels/facts.ts'
import type { Known, KnownBooking } from '../channels/known.ts'
import { type Merge, mergeFacts } from '../channels/merge.ts'
import type { ChannelStay } from './channel-stay.ts'
import type { DirectoryProperty } from './property-directory.ts'

/** A stay with its property and amounts. */
export interface PlannedStay {
  readonly stay: ChannelStay
  readonly facts: ChannelFacts
  readonly property: DirectoryProperty
}

export type Decision =
  | { readonly kind: 'skip'; readonly note?: string }
  | { readonly kind: 'create' }
  | { readonly kind: 'deleted'; readonly booking: KnownBooking }
  | { readonly kind: 'merge'; readonly booking: KnownBooking; readonly merge: Merge }

export const deleted_note = 'the booking was deleted in Roost and stays deleted'

/** A stay that was deleted and is over by the local day of its property is skipped. */
export function decide({ facts, property }: PlannedStay, { booking, conflict }: Known): Decision {
  if (booking === undefined) return { kind: 'create' }
  if (booking.is_deleted) {
    const is_expected = !isOff(facts.status) && facts.check_out > property.today
    return is_expected ? { kind: 'deleted', booking } : { kind: 'skip', note: deleted_note }
  }
  const last = booking.facts ?? adoptedFacts(booking, facts, booking.is_changed_by_people)
  const merge = mergeFacts(last, facts, booking)
  const is_same =
    Object.keys(merge.revision).length === 0 &&
    merge.disputed.length === 0 &&
    !merge.is_withdrawn &&
    hasSameFacts(booking.facts, merge.applied)
  return is_same && conflict === undefined ? { kind: 'skip' } : { kind: 'merge', booking, merge }
}

export function hasSameFacts(one: AppliedFacts | null, other: AppliedFacts): boolean {
  if (one === null) return false
  return (Object.keys(other) as (keyof AppliedFacts)[]).every((name) => one[name] === other[name])
}

export interface Nights {
  readonly from: Stay | null
  readonly to: Stay | null
}

/** The nights that the booking of the stay has, and those that it needs. */
export function nightsOf(planned: PlannedStay, decision: Decision): Nights {
  const { facts, property } = planned
  if (decision.kind === 'create') {
    const { check_in, check_out } = facts
    const status = initialStatus(planned)
    return { from: null, to: takesNights({ status }) ? { property_id: property.id, check_in, check_out } : null }
  }
  if (decision.kind !== 'merge') return { from: null, to: null }
  const { booking, merge } = decision
  const wanted = { ...booking, ...merge.revision }
  return { from: takesNights(booking) ? pick(booking) : null, to: takesNights(wanted) ? pick(wanted) : null }
}

const pick = ({ property_id, check_in, check_out }: Stay): Stay => ({ property_id, check_in, check_out })

/** The status of a new booking. Without one in the file, a stay that has ended is over. */
export function initialStatus({ facts, property }: Pick<PlannedStay, 'facts' | 'property'>): Status {
  return facts.status ?? (facts.check_out <= property.today ? 'checked_out' : 'confirmed')
}

/** The new booking of a channel. Without any amount createSoldBookings prices the nights, unless the stay is off. */
export function inputOf(planned: PlannedStay): BookingInput {
  const { stay, facts, property } = planned
  const status = initialStatus(planned)
  const total_cents = totalOf(facts) ?? (isOff(status) || property.base_price_cents === null ? 0 : undefined)
  const { check_in, check_out, payout_cents, channel_fee_cents, booked_on, cancelled_by } = facts
  return {
    ...{ status, check_in, check_out, payout_cents, channel_fee_cents, booked_on },
    property_id: property.id,
    num_adults: facts.num_adults ?? 1,
    num_children: facts.num_children ?? 0,
    num_infants: facts.num_infants ?? 0,
    ...(stay.guest !== undefined && { guest: stay.guest }),
    ...(status === 'cancelled' && cancelled_by !== null && { cancelled_by }),
    ...(total_cents !== undefined && { total_cents, currency: facts.currency, ...partsOf(facts, total_cents) }),
    source: stay.source,
    external_code: stay.code,
    payment_status: 'external',
  }
}

/** Sold stays are saved, whatever is odd about them. */
export function warnOddities({ stay, facts, property }: PlannedStay, addNote: (text: string) => void): void {
  if (isOff(facts.status)) return
  const { max_guests, is_active, base_price_cents } = property
  const num_guests = (facts.num_adults ?? 1) + (facts.num_children ?? 0)
  if (num_guests > max_guests) stay.warn('adults', `${num_guests} guests; the property takes ${max_guests}`)
  if (!is_active) stay.warn('listing', 'the property does not take bookings (is_active is false)')
  if ((facts.payout_cents ?? 0) < 0) stay.warn('payout', 'is negative: kept as the payout; the total is not negative')
  if (totalOf(facts) !== null) return
  if (base_price_cents === null) stay.warn('total', 'has no amount, and the property has no base price: the total is 0')
  else addNote('no amount: the price is that of the property')
}

/** The parts of the price, as far as they fit into it. */
function partsOf({ cleaning_fee_cents, tax_cents }: ChannelFacts, total_cents: number) {
  const tax = Math.min(tax_cents ?? 0, total_cents)
  return { tax_cents: tax, cleaning_fee_cents: Math.min(cleaning_fee_cents ?? 0, total_cents - tax) }
}
