// Reads a day at the desk: the lists of bookings with their lines, open conflicts, and holds that end soon.
import sql from 'sql-template-tag'
import { findScope } from '../../core/auth/permissions.ts'
import type { Cursors } from '../../core/cursors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { localDay } from '../../core/time-zones.ts'
import { addDays } from '../availability/days.ts'
import { hasNightIn } from '../availability/occupancies.ts'
import { balance } from '../bookings/balance.ts'
import { readScope } from '../bookings/filters.ts'
import { nextStatuses, type Progress } from '../bookings/lifecycle.ts'
import { findBookings } from '../bookings/list.ts'
import { visibleFields } from '../bookings/schema.ts'
import { countOpenConflicts, listConflicts } from '../channels/conflicts.ts'
import { listExpiringHolds } from '../holds/holds.ts'
import { timeZone } from '../properties/local-day.ts'
import { inScope } from '../properties/visibility.ts'
import { type Candidate, horizon_days, listNames, listsOf, overdue_days } from './lists.ts'
import { lineFields, lineGuestFields, type Today, type TodayBooking, type TodayQuery } from './schema.ts'

/** The rows of each list. */
const max_rows = 200
const hold_minutes = 60

/** The lists of the day that the role may see. */
export async function readToday(tx: Tx, cursors: Cursors, { day: given }: TodayQuery): Promise<Today> {
  const zones = await readZones(tx)
  const dayIn = (zone: string) => given ?? localDay(tx.now(), zone)
  const days = [zones.agency, ...zones.properties].map(dayIn).sort()
  const [found, conflicts, holds] = await settleAll(
    readCandidates(tx, days[0] ?? '', days.at(-1) ?? ''),
    readConflicts(tx, cursors),
    readHolds(tx),
  )
  const lists = listsOf(
    found.map((row) => ({ ...row, day: dayIn(row.time_zone) })),
    max_rows,
  )
  const zoneOf = new Map(found.map(({ id, time_zone }) => [id, time_zone]))
  const lines = await readLines(tx, new Set(listNames.flatMap((name) => lists[name].ids)), zoneOf)
  const linesOf = ({ total, ids }: { readonly total: number; readonly ids: readonly string[] }) => {
    return { total, items: ids.map((id) => lines.get(id)).filter((line) => line !== undefined) }
  }
  return {
    day: dayIn(zones.agency),
    arrivals: linesOf(lists.arrivals),
    departures: linesOf(lists.departures),
    in_house: linesOf(lists.in_house),
    overdue: linesOf(lists.overdue),
    unconfirmed: linesOf(lists.unconfirmed),
    unpaid: linesOf(lists.unpaid),
    ...(conflicts && { conflicts }),
    ...(holds && { holds }),
  }
}

function readZones(tx: Tx): Promise<{ agency: string; properties: string[] }> {
  return tx.one(sql`
    select a.time_zone as agency, array(
      select distinct p.time_zone from properties p where ${inScope(tx, 'bookings:read')} and p.time_zone is not null) as properties
    from agencies a where a.id = ${tx.agency_id}`)
}

type Found = Omit<Candidate, 'day'> & { readonly time_zone: string }

/**
 * The bookings that can be in a list when the local days are `first` to `last`, by name of the property. OFFSET 0 keeps the planner
 * from flattening the subquery: the nights of each property are read from an index.
 */
function readCandidates(tx: Tx, first: string, last: string): Promise<Found[]> {
  const nights = hasNightIn(addDays(first, -1 - overdue_days), addDays(last, horizon_days + 1))
  return tx.query(sql`
    select b.id, b.status, b.check_in, b.check_out, ${timeZone} as time_zone, b.is_open
    from properties p
    join agencies a on a.id = p.agency_id
    cross join lateral (
      select b.id, b.status, b.check_in, b.check_out, ${balance} is distinct from 0 as is_open
      from occupancies o join bookings b on b.agency_id = ${tx.agency_id} and b.id = o.booking_id
      where o.agency_id = ${tx.agency_id} and o.property_id = p.id and o.kind = 'booking' and ${nights}
        and (b.status = 'pending' or o.check_in <= ${last}) and (b.status = 'checked_in' or o.check_out >= ${first}) offset 0) b
    where ${inScope(tx, 'bookings:read')} and a.id = ${tx.agency_id}
    order by p.sort_name, p.id, b.check_in, b.id`)
}

type Line = TodayBooking & Progress & { readonly balance_cents: number | null }

/** The lines by id. The balance follows from what was paid, so it is for roles that see that. */
async function readLines(
  tx: Tx,
  ids: ReadonlySet<string>,
  zoneOf: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, TodayBooking>> {
  if (ids.size === 0) return new Map()
  const more = sql`${balance} as balance_cents, b.checked_in_at, b.checked_out_at, b.no_show_at`
  const rows = await findBookings<Line>(tx, [...ids], { fields: lineFields, guest: lineGuestFields }, more)
  const sees_payments = visibleFields[readScope(tx)].includes('paid_cents')
  const lines = rows.map(({ checked_in_at, checked_out_at, no_show_at, balance_cents, ...line }) => {
    const progress = { ...line, checked_in_at, checked_out_at, no_show_at }
    const local = localDay(tx.now(), zoneOf.get(line.id) ?? 'UTC')
    return {
      ...line,
      ...(sees_payments && { balance_cents }),
      next_statuses: nextStatuses(progress, tx.actor.role, tx.now(), local),
    }
  })
  return new Map(lines.map((line) => [line.id, line]))
}

async function readConflicts(tx: Tx, cursors: Cursors): Promise<Today['conflicts']> {
  if (findScope(tx.actor.role, 'conflicts:read') === undefined) return undefined
  const [total, { items }] = await settleAll(
    countOpenConflicts(tx),
    listConflicts(tx, cursors, { state: 'open', limit: max_rows }),
  )
  return { total, items }
}

async function readHolds(tx: Tx): Promise<Today['holds']> {
  if (findScope(tx.actor.role, 'holds:read') === undefined) return undefined
  return listExpiringHolds(tx, hold_minutes, max_rows)
}
