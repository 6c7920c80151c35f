// Fills the calendar of a demo agency: bookings, blocks, a hold, and the work of the desk today.
import type { Tx } from '../../core/postgres/transaction.ts'
import { createBlock } from '../../features/availability/blocks.ts'
import { addDays } from '../../features/availability/days.ts'
import type { NewBlock } from '../../features/availability/schema.ts'
import { createSoldBookings } from '../../features/bookings/create-many.ts'
import type { FullBooking } from '../../features/bookings/schema.ts'
import { cancelBooking, transitionStatus } from '../../features/bookings/status.ts'
import { createHold } from '../../features/holds/holds.ts'
import type { Property } from '../../features/properties/schema.ts'
import { bookingOfStay } from './bookings.ts'
import { createRandom } from './random.ts'
import { planStays } from './stays.ts'

/** A block: the number of the home, and days counted from today. */
interface Closed {
  readonly home: number
  readonly from: number
  readonly to: number
  readonly reason: NewBlock['reason']
  readonly notes: string
}

const blocks: readonly Closed[] = [
  { home: 1, from: 16, to: 26, reason: 'owner_use', notes: 'Family of the owner' },
  { home: 7, from: 40, to: 47, reason: 'owner_use', notes: 'Owner stays a week' },
  { home: 3, from: -2, to: 4, reason: 'maintenance', notes: 'New boiler' },
  { home: 5, from: 9, to: 12, reason: 'maintenance', notes: 'Painter in the kitchen' },
  { home: 14, from: 20, to: 34, reason: 'maintenance', notes: 'Bathroom renovation' },
  { home: 22, from: 5, to: 8, reason: 'other', notes: 'Photographer' },
  { home: 31, from: -120, to: -90, reason: 'maintenance', notes: 'Roof repair' },
]

/** The home has no rules that the hold could break. */
const hold = { home: 4, from: 11, to: 15, notes: 'Family Regenbogen calls back' }

interface DemoCalendar {
  readonly homes: readonly Property[]
  readonly guest_ids: readonly string[]
  readonly today: string
  /** The number of homes of the agency before these: others have other stays, and only the first ones a hold. */
  readonly num_before: number
}

export async function fillCalendar(tx: Tx, { homes, guest_ids, today, num_before }: DemoCalendar): Promise<void> {
  const random = createRandom(homes.length + num_before)
  // A home has some 70 stays in two years.
  let serial = num_before * 1000
  const nextSerial = () => {
    serial += 1
    return serial
  }
  const inputs = homes.flatMap((home, index) => {
    const closed = [...blocks, hold].filter((span) => span.home === index)
    const plan = planStays({ ...home, closed, has_turnover_today: index % 6 === 0 }, today, random)
    return plan.map((stay) => bookingOfStay(home, stay, { today, random, guest_ids, nextSerial }))
  })
  const bookings = await createSoldBookings(tx, inputs)
  for (const { home, from, to, reason, notes } of blocks) {
    const property_id = homes[home]?.id
    if (property_id === undefined) continue
    const dates = { start_date: addDays(today, from), end_date: addDays(today, to) }
    await createBlock(tx, { property_id, ...dates, reason, notes })
  }
  const property_id = homes[hold.home]?.id
  if (property_id !== undefined && num_before === 0) {
    const dates = { check_in: addDays(today, hold.from), check_out: addDays(today, hold.to) }
    await createHold(tx, { property_id, ...dates, notes: hold.notes })
  }
  await workOfToday(tx, bookings, today)
}

/** The statuses that staff has set by now: some arrivals and departures are done, two stays are cancelled with a refund. */
async function workOfToday(tx: Tx, bookings: readonly FullBooking[], today: string): Promise<void> {
  const arrivals = bookings.filter(({ status, check_in }) => status === 'confirmed' && check_in === today)
  const departures = bookings.filter(({ status, check_out }) => status === 'checked_in' && check_out === today)
  const paid = bookings.filter(({ status, check_in, paid_cents, total_cents }) => {
    return status === 'confirmed' && check_in > today && paid_cents === total_cents
  })
  for (const { id } of arrivals.slice(0, 2)) await transitionStatus(tx, id, 'checked_in')
  for (const { id } of departures.slice(0, 3)) await transitionStatus(tx, id, 'checked_out')
  for (const { id, total_cents } of paid.slice(0, 2)) {
    const refund_cents = Math.round(total_cents / 2)
    await cancelBooking(tx, id, { cancelled_by: 'guest', reason: 'Cannot travel, is ill', refund_cents })
  }
}
