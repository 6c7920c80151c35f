// Compares what a channel says now with what it said before, and applies only the difference to the booking.
import type { Revision } from '../bookings/revise.ts'
import type { Status } from '../bookings/schema.ts'
import { type AppliedFacts, type ChannelBooking, type ChannelFacts, isOff, totalOf } from './facts.ts'

export interface Merge {
  /** What the booking gets. Empty: nothing. */
  readonly revision: Revision
  /** The facts once the revision is applied. Where the office disagrees they are the earlier ones. */
  readonly applied: AppliedFacts
  /** What both the channel and the office have changed, to different values. */
  readonly disputed: readonly Topic[]
  /** Whether the channel has cancelled the stay since the last time. */
  readonly is_withdrawn: boolean
}

export type Topic = 'dates' | 'property' | 'status' | 'people' | 'price'

/** The result for one topic. Without `facts` the earlier ones stay. */
interface Part {
  readonly revision?: Revision
  readonly facts?: Partial<ChannelFacts>
  readonly disputed?: Topic
}

interface Sides {
  readonly last: AppliedFacts
  readonly now: ChannelFacts
  readonly booking: ChannelBooking
}

/** The same facts as last time change nothing, whatever the booking says. */
export function mergeFacts(last: AppliedFacts, now: ChannelFacts, booking: ChannelBooking): Merge {
  const sides = { last, now, booking }
  const status = mergeStatus(sides)
  const becomes = status.revision?.status ?? booking.status
  const is_withdrawn = isOff(now.status) && !isOff(last.status ?? booking.status)
  const price = mergePrice(sides, becomes)
  const parts = [
    status,
    ...(isOff(now.status) ? [] : [mergeDates(sides, becomes), mergeProperty(sides, becomes)]),
    ...mergePeople(sides),
    price,
    mergeChannelColumns(sides, price),
  ]
  return {
    revision: Object.assign({}, ...parts.map(({ revision }) => revision)),
    applied: Object.assign({ ...last }, ...parts.map(({ facts }) => facts)),
    disputed: [...new Set(parts.flatMap(({ disputed }) => disputed ?? []))],
    is_withdrawn,
  }
}

/** In the order in which a stay passes through them. */
const progress: readonly Status[] = ['inquiry', 'pending', 'confirmed', 'checked_in', 'checked_out']

function mergeStatus(sides: Sides): Part {
  const { last, now, booking } = sides
  const { status: to } = now
  if (to === null || to === last.status) return {}
  if (to === booking.status) return { facts: statusFacts(now) }
  if (isOff(to)) return endStay(sides)
  return isOff(last.status ?? booking.status) ? resumeStay(sides) : advanceStay(sides, to)
}

const statusFacts = ({ status, cancelled_by }: ChannelFacts) => ({ status, cancelled_by })

function applyStatus({ now }: Sides): Part {
  const { status, cancelled_by } = now
  if (status === null) return {}
  const by = status === 'cancelled' && cancelled_by !== null ? { cancelled_by } : {}
  return { facts: statusFacts(now), revision: { status, ...by } }
}

/** The office may have ended the stay in another way, or the guest may be there. */
function endStay(sides: Sides): Part {
  const { last, now, booking } = sides
  if (isOff(booking.status)) return { facts: statusFacts(now) }
  const is_untouched = booking.status === (last.status ?? booking.status)
  const has_arrived = progress.indexOf(booking.status) >= progress.indexOf('checked_in')
  return is_untouched || !has_arrived ? applyStatus(sides) : { disputed: 'status' }
}

function resumeStay(sides: Sides): Part {
  const { last, now, booking } = sides
  if (!isOff(booking.status)) return { facts: statusFacts(now) }
  return booking.status === (last.status ?? booking.status) ? applyStatus(sides) : { disputed: 'status' }
}

/** The label of the day of the export leads forwards only, and does not revive what the office has ended. */
function advanceStay(sides: Sides, to: Status): Part {
  const { last, now, booking } = sides
  const isBehind = (status: Status) => progress.indexOf(status) < progress.indexOf(to)
  if (isBehind(booking.status) && !isOff(booking.status)) return applyStatus(sides)
  return isBehind(last.status ?? booking.status) ? { facts: statusFacts(now) } : {}
}

/** The channel's guest is expected, but the booking is cancelled here: a change of the stay needs a person. */
const isEndedHere = (becomes: Status) => isOff(becomes)

function mergeDates({ last, now, booking }: Sides, becomes: Status): Part {
  const dates = { check_in: now.check_in, check_out: now.check_out }
  const isSame = (other: { check_in: string | null; check_out: string | null }) =>
    other.check_in === now.check_in && other.check_out === now.check_out
  if (isSame(last)) return {}
  if (isSame(booking) && !isEndedHere(becomes)) return { facts: dates }
  const is_untouched = booking.check_in === last.check_in && booking.check_out === last.check_out && !booking.is_split
  return is_untouched && !isEndedHere(becomes) ? { facts: dates, revision: dates } : { disputed: 'dates' }
}

/** Only another title moves a booking: properties are renamed in Roost. */
function mergeProperty({ last, now, booking }: Sides, becomes: Status): Part {
  const { property_id, listing } = now
  const is_unknown = last.property_id === null
  if (!is_unknown && (listing === last.listing || property_id === last.property_id)) return { facts: { listing } }
  if (property_id === booking.property_id) return { facts: { listing, property_id } }
  const is_untouched = booking.property_id === last.property_id && !booking.is_split && !isEndedHere(becomes)
  return is_untouched ? { facts: { listing, property_id }, revision: { property_id } } : { disputed: 'property' }
}

function mergePeople({ last, now, booking }: Sides): Part[] {
  return (['num_adults', 'num_children', 'num_infants'] as const).map((name) => {
    const value = now[name]
    if (value === null || value === last[name]) return {}
    const facts = { [name]: value }
    if (value === booking[name]) return { facts }
    return last[name] === null || booking[name] === last[name]
      ? { facts, revision: facts }
      : { disputed: 'people' as const }
  })
}

function mergePrice(sides: Sides, becomes: Status): Part {
  const { last, now, booking } = sides
  const is_ending = becomes === 'cancelled' && booking.status !== 'cancelled'
  if (is_ending) return applyPrice(sides, totalOf(now) ?? 0)
  // A file that has only the payout says nothing new about a price that another file has given.
  const is_only_payout = now.total_cents === null && last.total_cents !== null
  const total = is_only_payout ? null : totalOf(now)
  const is_new = total !== totalOf(last) || now.currency !== last.currency || hasNewParts(last, now)
  if (total === null || !is_new) return {}
  if (becomes === 'cancelled' && (booking.refund_cents ?? 0) > total) return { facts: priceFacts(now) }
  return mayChangePrice(sides, total) ? applyPrice(sides, total) : { disputed: 'price' }
}

/** The office has not changed the price, or to what the channel says now. */
function mayChangePrice({ last, now, booking }: Sides, total: number): boolean {
  const hasPrice = (price: number | null, currency: string) =>
    price === null || (booking.total_cents === price && booking.currency === currency)
  return hasPrice(totalOf(last), last.currency) || hasPrice(total, now.currency)
}

function applyPrice({ last, now, booking }: Sides, total_cents: number): Part {
  const { currency, cleaning_fee_cents, tax_cents } = now
  const is_same = total_cents === booking.total_cents && currency === booking.currency
  if (is_same && !hasNewParts(last, now)) return { facts: priceFacts(now) }
  return { facts: priceFacts(now), revision: { total_cents, currency, ...given({ cleaning_fee_cents, tax_cents }) } }
}

function priceFacts({ currency, total_cents, cleaning_fee_cents, tax_cents }: ChannelFacts): Partial<ChannelFacts> {
  return { currency, ...given({ total_cents, cleaning_fee_cents, tax_cents }) }
}

function hasNewParts(last: AppliedFacts, now: ChannelFacts): boolean {
  return (['cleaning_fee_cents', 'tax_cents'] as const).some((name) => now[name] !== null && now[name] !== last[name])
}

/** People do not change these, so the channel's word is always taken; bookings imported earlier do not have them yet. */
function mergeChannelColumns({ last, now, booking }: Sides, price: Part): Part {
  const names = ['payout_cents', 'channel_fee_cents', 'booked_on'] as const
  const changed = names.filter((name) => now[name] !== null && (now[name] !== last[name] || booking[name] === null))
  // While the price is disputed the payout stays news: the price may follow from it.
  const settled = changed.filter((name) => name !== 'payout_cents' || price.disputed === undefined)
  const facts = Object.fromEntries(settled.map((name) => [name, now[name]]))
  const revision = Object.fromEntries(
    changed.filter((name) => now[name] !== booking[name]).map((name) => [name, now[name]]),
  )
  return { facts, revision }
}

/** The members that are not null. */
function given<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}
