// The bars of one home: what takes its nights, from all chunks that were read.
import type { Schema } from '../../api/client.ts'
import type { Day } from '../../locales/days.ts'
import type { Chunk } from './chunk.ts'

/** What needs doing: the colour of a bar. */
export type Tone = 'attention' | 'today' | 'in_house' | 'later' | 'past' | 'blocked' | 'held'

export interface Bar {
  readonly key: string
  readonly home_id: string
  readonly first_day: Day
  readonly nights: number
  readonly kind: 'booking' | 'block' | 'hold' | 'channel' | 'conflict'
  /** Undefined if the role may not read it. */
  readonly id: string | undefined
  readonly version: number | undefined
  readonly status: Schema['BookingStatus'] | undefined
  readonly source: Schema['BookingSource'] | undefined
  readonly reason: Schema['BlockReason'] | undefined
  readonly reference: string | undefined
  readonly guest_name: string | undefined
  readonly num_guests: number | undefined
  readonly total_cents: number | undefined
  readonly paid_cents: number | undefined
  readonly currency: string | undefined
  readonly payment_status: Schema['PaymentStatus'] | undefined
  /** Of a hold, in ms since 1970. */
  readonly expires_at: number | undefined
}

export interface Home {
  readonly id: string
  readonly name: string
  readonly is_active: boolean
  readonly time_zone: string
  readonly city: string | undefined
  readonly max_guests: number | undefined
}

export function homeAt({ homes }: Chunk, n: number): Home {
  return {
    id: homes.id[n] ?? '',
    name: homes.name[n] ?? '',
    is_active: homes.is_active[n] ?? true,
    time_zone: homes.time_zone[n] ?? 'UTC',
    city: homes.city?.[n] ?? undefined,
    max_guests: homes.max_guests?.[n],
  }
}

/** The bars of a home. A stay that lies in two chunks is in both, and is one bar. */
export function barsOf(chunks: Iterable<Chunk>, home_id: string): Bar[] {
  const bars = new Map<string, Bar>()
  for (const chunk of chunks) {
    const n = chunk.index_of.get(home_id)
    if (n === undefined) continue
    for (let at = chunk.starts[n] ?? 0; at < (chunk.starts[n + 1] ?? 0); at += 1) {
      const bar = occupantAt(chunk, at, home_id)
      // One chunk can be read before a change, and the other one after it.
      if ((bars.get(bar.key)?.version ?? 0) <= (bar.version ?? 0)) bars.set(bar.key, bar)
    }
    chunk.conflicts?.property.forEach((home, at) => {
      if (home !== n) return
      const bar = conflictAt(chunk, at, home_id)
      if (bar !== undefined) bars.set(bar.key, bar)
    })
  }
  return [...bars.values()].sort((a, b) => a.first_day - b.first_day)
}

/** The value of a column; null and a column that the role does not have are undefined. */
const pick = <T>(column: readonly (T | null)[] | undefined, at: number): T | undefined => column?.[at] ?? undefined

function occupantAt({ occupants: o }: Chunk, at: number, home_id: string): Bar {
  const expires_at = pick(o.expires_at, at)
  const id = pick(o.id, at)
  const first_day = pick(o.first_day, at) ?? 0
  return {
    key: id ?? `${o.kind[at]}-${first_day}`,
    home_id,
    first_day,
    nights: pick(o.nights, at) ?? 1,
    kind: pick(o.kind, at) ?? 'booking',
    id,
    version: pick(o.version, at),
    status: pick(o.status, at),
    source: pick(o.source, at),
    reason: pick(o.reason, at),
    reference: pick(o.reference, at),
    guest_name: pick(o.guest_name, at),
    num_guests: pick(o.num_guests, at),
    total_cents: pick(o.total_cents, at),
    paid_cents: pick(o.paid_cents, at),
    currency: pick(o.currency, at),
    payment_status: pick(o.payment_status, at),
    expires_at: typeof expires_at === 'string' ? Date.parse(expires_at) : undefined,
  }
}

const nothing = {
  version: undefined,
  status: undefined,
  reason: undefined,
  num_guests: undefined,
  total_cents: undefined,
  paid_cents: undefined,
  currency: undefined,
  payment_status: undefined,
  expires_at: undefined,
} as const

function conflictAt({ conflicts: c }: Chunk, at: number, home_id: string): Bar | undefined {
  if (c === undefined) return undefined
  return {
    ...nothing,
    key: c.id[at] ?? `conflict-${at}`,
    home_id,
    first_day: pick(c.first_day, at) ?? 0,
    nights: pick(c.nights, at) ?? 1,
    kind: 'conflict',
    id: pick(c.booking_id, at),
    source: pick(c.source, at),
    reference: pick(c.external_code, at),
    guest_name: pick(c.guest_name, at),
  }
}

/** A stay whose arrival is so near should be paid. */
const due_days = 7

/** What needs doing about a bar on the day `today` of its home. */
export function toneOf(bar: Bar, today: Day): Tone {
  const { kind, first_day, nights } = bar
  if (kind === 'conflict') return 'attention'
  if (kind === 'hold') return 'held'
  if (kind === 'booking') return toneOfBooking(bar, today)
  return first_day + nights <= today ? 'past' : 'blocked'
}

function toneOfBooking(bar: Bar, today: Day): Tone {
  const { status, first_day, nights } = bar
  const end = first_day + nights
  if (status === 'checked_out') return 'past'
  if (status === 'checked_in') return end < today ? 'attention' : end === today ? 'today' : 'in_house'
  if (end <= today) return 'past'
  if (status === 'pending') return 'attention'
  if (first_day === today) return 'today'
  // Nobody has checked the guest in. Accountants see no status.
  if (first_day < today) return status === undefined ? 'in_house' : 'attention'
  return isOverdue(bar, today) ? 'attention' : 'later'
}

function isOverdue({ payment_status, first_day }: Bar, today: Day): boolean {
  const is_open = payment_status === 'pending' || payment_status === 'partial' || payment_status === 'failed'
  return is_open && first_day - today <= due_days
}

/** The paid share of the price, from 0 to 1. Undefined where there is no price to pay to the agency. */
export function paidShare({ total_cents, paid_cents, payment_status }: Bar): number | undefined {
  if (payment_status === 'paid' || payment_status === 'external') return 1
  if (total_cents === undefined || total_cents <= 0) return undefined
  if (paid_cents === undefined) return payment_status === 'pending' || payment_status === 'failed' ? 0 : undefined
  return Math.min(1, paid_cents / total_cents)
}

/** Expired holds do not block. */
export const hasExpired = ({ expires_at }: Bar, now: number): boolean => expires_at !== undefined && expires_at <= now

/** When the next hold expires after a time, in ms since 1970. */
export function nextExpiry(chunks: readonly Chunk[], after: number): number | undefined {
  const times = chunks
    .flatMap(({ occupants }) => occupants.expires_at ?? [])
    .flatMap((time) => (time === null ? [] : [Date.parse(time)]))
    .filter((time) => time > after)
  return times.length === 0 ? undefined : Math.min(...times)
}

/** What takes a night from `from` up to `to`, other than the bar with this key. */
export function obstacle(bars: readonly Bar[], from: Day, to: Day, except?: string): Bar | undefined {
  return bars.find(
    ({ kind, key, first_day, nights }) =>
      kind !== 'conflict' && key !== except && first_day < to && first_day + nights > from,
  )
}
