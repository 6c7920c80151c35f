// Booking pace: what is on the books for each month of arrival, beside what was on the books one year earlier.
import sql from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { localDay } from '../../core/time-zones.ts'
import { requireRange } from '../availability/days.ts'
import { occupyingStatuses } from '../availability/occupancies.ts'
import { inScope } from '../properties/visibility.ts'
import type { OnTheBooks, Pace, PaceQuery } from './pace-schema.ts'
import { monthsOf, type Range, rangeBefore, yearBefore } from './periods.ts'
import { max_report_days } from './schema.ts'

/**
 * For each month of arrival in the range: bookings on the books at the end of `day`, those of the same month a year earlier at the end
 * of the same day of that year, and those of that month in the end. docs/figures.md has the definitions. Throws ValidationError.
 */
export async function readPace(tx: Tx, { from, to, day: given }: PaceQuery): Promise<Pace> {
  requireRange({ from, to }, max_report_days)
  const range = { from, to }
  const before = rangeBefore(range)
  const day = given ?? (await readToday(tx))
  const previous_day = yearBefore(day)
  const [current, previous] = await settleAll(readBooks(tx, range, day), readBooks(tx, before, previous_day))
  const booksOf = (rows: readonly BookRow[], at: 'then' | 'final', month?: string) =>
    addUp(rows.filter((row) => row.at === at && (month === undefined || row.month === month)))
  const figuresOf = (now?: string, then?: string): Pace['totals'] => ({
    current: booksOf(current, 'then', now),
    previous: booksOf(previous, 'then', then),
    previous_final: booksOf(previous, 'final', then),
  })
  return {
    day,
    previous_day,
    totals: figuresOf(),
    months: monthsOf(range).map(({ month }) => ({ month, ...figuresOf(month, yearBefore(`${month}-01`).slice(0, 7)) })),
  }
}

/** In the time zone of the agency. */
async function readToday(tx: Tx): Promise<string> {
  const { time_zone } = await tx.one<{ time_zone: string }>(sql`
    select a.time_zone from agencies a where a.id = ${tx.agency_id}`)
  return localDay(tx.now(), time_zone)
}

interface BookRow {
  /** On the books at the end of the day, or in the end. */
  readonly at: 'then' | 'final'
  readonly month: string
  readonly currency: string
  readonly num_bookings: number
  readonly nights: number
  readonly num_undated: number
  readonly revenue_cents: number
}

/**
 * Bookings that arrive in the range, by month and currency. A booking is on the books from the day on which it was made until it is
 * cancelled; a no-show until the day before its arrival. Without a known day it is on the books from its arrival.
 */
function readBooks(tx: Tx, { from, to }: Range, day: string): Promise<BookRow[]> {
  return tx.query(sql`
    select f.at, t.month, t.currency, count(*) as num_bookings, sum(t.nights) as nights,
      count(*) filter (where t.is_undated) as num_undated, sum(t.total_cents) as revenue_cents
    from (
      select to_char(b.check_in, 'YYYY-MM') as month, b.currency, b.num_nights as nights, b.total_cents,
        b.made_on > b.check_in as is_undated, b.status = any (${[...occupyingStatuses]}) as is_final,
        least(b.made_on, b.check_in) <= ${day}::date and (
          b.status = any (${[...occupyingStatuses]})
          or b.status = 'cancelled' and (b.cancelled_at at time zone 'UTC')::date > ${day}::date
          or b.status = 'no_show' and b.check_in > ${day}::date) as is_then
      from (
        select b.agency_id, b.property_id, b.check_in, b.currency, b.num_nights, b.total_cents, b.status, b.cancelled_at,
          coalesce(b.booked_on, (b.created_at at time zone 'UTC')::date) as made_on
        from bookings b
        where b.agency_id = ${tx.agency_id} and b.deleted_at is null and b.check_in >= ${from} and b.check_in < ${to}) b
      join properties p on p.agency_id = ${tx.agency_id} and p.id = b.property_id
      where ${inScope(tx, 'reports:read')}) t
    join (values ('then', true), ('final', false)) f (at, is_at_day) on case when f.is_at_day then t.is_then else t.is_final end
    group by f.at, t.month, t.currency`)
}

/** The sums over months, by currency. */
function addUp(rows: readonly BookRow[]): OnTheBooks {
  const sums = { num_bookings: 0, nights: 0, num_undated: 0 }
  const money = new Map<string, OnTheBooks['money'][number]>()
  for (const { currency, num_bookings, nights, num_undated, revenue_cents } of rows) {
    sums.num_bookings += num_bookings
    sums.nights += nights
    sums.num_undated += num_undated
    const known = money.get(currency) ?? { currency, revenue_cents: 0, nights: 0 }
    money.set(currency, { currency, revenue_cents: known.revenue_cents + revenue_cents, nights: known.nights + nights })
  }
  return { ...sums, money: [...money.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1)) }
}
