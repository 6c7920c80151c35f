// Reads a report: what was sold, blocked and cancelled in a range and in the year before, by group.
import sql, { empty, type Sql } from 'sql-template-tag'
import { findScope } from '../../core/auth/permissions.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { requireRange } from '../availability/days.ts'
import { hasNightIn } from '../availability/occupancies.ts'
import { inScope } from '../properties/visibility.ts'
import { figuresOf, noSums, type Sums } from './figures.ts'
import { addUp, type Cancelled, type GroupedSums, type Rows, type Taken } from './groups.ts'
import { type Range, rangeBefore } from './periods.ts'
import { max_groups, max_report_days, type Report, type ReportQuery } from './schema.ts'

type GroupBy = ReportQuery['group_by']

/** The figures of the range and of the same days one year earlier. Throws ValidationError. */
export async function readReport(tx: Tx, { from, to, group_by }: ReportQuery): Promise<Report> {
  requireRange({ from, to }, max_report_days)
  const range = { from, to }
  const before = rangeBefore(range)
  const [properties, taken, cancelled, takenBefore, cancelledBefore] = await settleAll(
    readProperties(tx),
    readTaken(tx, range, group_by),
    readCancelled(tx, range, group_by),
    readTaken(tx, before, group_by),
    readCancelled(tx, before, group_by),
  )
  const open = openOf(properties, group_by)
  const current = addUp({ open, taken, cancelled }, range, group_by)
  const previous = addUp({ open, taken: takenBefore, cancelled: cancelledBefore }, before, group_by, 1)
  const keys = keysOf(group_by, properties, current, previous)
  const nameOf = new Map<string | null, string>(properties.map(({ id, name }) => [id, name]))
  return {
    ...range,
    previous_from: before.from,
    previous_to: before.to,
    group_by,
    totals: { current: figuresOf(current.totals), previous: figuresOf(previous.totals) },
    groups: keys.slice(0, max_groups).map((key) => {
      const name = group_by === 'property' ? (nameOf.get(key) ?? null) : key
      return { key, name, current: groupOf(current, key, group_by), previous: groupOf(previous, key, group_by) }
    }),
    num_groups: keys.length,
  }
}

/** Sources and countries have no nights of their own: each has those of all properties, so that the occupancies add up. */
function groupOf({ totals, groups }: GroupedSums, key: string | null, group_by: GroupBy): Report['totals']['current'] {
  const sums = groups.get(key) ?? noSums()
  return figuresOf(sums, isOfBooking(group_by) ? totals : sums)
}

/** Whether the group belongs to the booking, not to the property. */
const isOfBooking = (group_by: GroupBy) => group_by === 'source' || group_by === 'country'

interface PropertyRow {
  readonly id: string
  readonly name: string
  readonly city: string | null
  readonly is_active: boolean
  readonly is_deleted: boolean
}

function openOf(properties: readonly PropertyRow[], group_by: GroupBy): Rows['open'] {
  const active = properties.filter(({ is_active }) => is_active)
  if (group_by === 'month' || isOfBooking(group_by)) return [{ key: null, num_active: active.length }]
  return active.map(({ id, city }) => ({ key: group_by === 'city' ? city : id, num_active: 1 }))
}

/** Months and sources in their own order, properties by name; cities and countries by name, and last what has none. */
function keysOf(
  group_by: GroupBy,
  properties: readonly PropertyRow[],
  current: GroupedSums,
  previous: GroupedSums,
): (string | null)[] {
  const found = new Set([...current.groups.keys(), ...previous.groups.keys()])
  if (group_by === 'property') {
    return properties.filter(({ id, is_deleted }) => found.has(id) || !is_deleted).map(({ id }) => id)
  }
  const hasRows = (sums?: Sums) => sums !== undefined && sums.nights_sold + sums.num_cancelled > 0
  const isUsed = (key: string | null) => hasRows(current.groups.get(key)) || hasRows(previous.groups.get(key))
  const used = isOfBooking(group_by) ? [...found].filter(isUsed) : [...found]
  const named = used.filter((key) => key !== null).sort((a, b) => (a < b ? -1 : 1))
  return used.includes(null) ? [...named, null] : named
}

const visible = (tx: Tx) => inScope(tx, 'reports:read')

const isActive = sql`(p.is_active and p.deleted_at is null)`

function readProperties(tx: Tx): Promise<PropertyRow[]> {
  return tx.query(sql`
    select p.id, p.name, p.city, ${isActive} as is_active, p.deleted_at is not null as is_deleted
    from properties p where ${visible(tx)} order by p.sort_name, p.id`)
}

/** Joins the country c of this guest for a report by country. Accountants see no guests, so a function reads ids and countries. */
function countryOf(tx: Tx, group_by: GroupBy, guest_id: Sql): Sql {
  if (group_by !== 'country') return empty
  if (findScope(tx.actor.role, 'reports:read') === 'all') {
    return sql`left join app.guest_countries() c on c.guest_id = ${guest_id}`
  }
  return sql`left join lateral (
    select g.country from guests g where g.agency_id = ${tx.agency_id} and g.id = ${guest_id} offset 0) c on true`
}

/** `source`: the column of the booking. */
function keyOf(group_by: GroupBy, source: Sql): Sql {
  const keys = { month: sql`null::text`, property: sql`p.id::text`, city: sql`p.city`, source, country: sql`c.country` }
  return keys[group_by]
}

/**
 * Bookings and blocks with nights in the range. Those whose nights are all in one period are added up here, so that the rows are
 * few; the others come one by one. A hold is not a sale, and its nights are not blocked for long: it does not count.
 */
function readTaken(tx: Tx, { from, to }: Range, group_by: GroupBy): Promise<Taken[]> {
  const month = sql`to_char(o.check_in, 'YYYY-MM')`
  const in_range = sql`o.check_in >= ${from} and o.check_out <= ${to}`
  const by_month = group_by === 'month'
  const is_whole = by_month ? sql`(${in_range} and ${month} = to_char(o.check_out - 1, 'YYYY-MM'))` : sql`(${in_range})`
  return tx.query(sql`
    select t.key, t.is_sold, t.is_active, t.currency, t.is_whole, min(t.check_in) as check_in, max(t.check_out) as check_out,
      count(*) as num_stays, sum(t.nights) as nights, coalesce(sum(t.total_cents), 0) as total_cents,
      coalesce(sum(t.num_guests), 0) as num_guests, coalesce(sum(t.nights * t.num_guests), 0) as guest_nights,
      count(t.lead) as num_leads, coalesce(sum(t.lead), 0) as lead_days
    from (
      select ${keyOf(group_by, sql`o.source`)} as key, ${isActive} as is_active, o.is_sold, o.currency, o.check_in, o.check_out,
        o.check_out - o.check_in as nights, o.total_cents, o.num_guests, ${is_whole} as is_whole, ${by_month ? month : sql`null`} as month,
        case when not ${is_whole} then o.id end as crossing_id, case when o.lead >= 0 then o.lead end as lead
      from properties p
      cross join lateral (
        select o.id, o.kind = 'booking' as is_sold, o.check_in, o.check_out, b.source, b.currency, b.total_cents,
          b.guest_id, b.num_guests,
          b.check_in - coalesce(b.booked_on, (b.created_at at time zone 'UTC')::date) as lead
        from occupancies o left join bookings b on b.agency_id = ${tx.agency_id} and b.id = o.booking_id
        where o.agency_id = ${tx.agency_id} and o.property_id = p.id and o.kind <> 'hold' and ${hasNightIn(from, to)}
        offset 0) o
      ${countryOf(tx, group_by, sql`o.guest_id`)}
      where ${visible(tx)}) t
    group by t.key, t.is_sold, t.is_active, t.currency, t.is_whole, t.month, t.crossing_id`)
}

function readCancelled(tx: Tx, { from, to }: Range, group_by: GroupBy): Promise<Cancelled[]> {
  return tx.query(sql`
    select c.key, c.month, count(*) as count
    from (
      select ${keyOf(group_by, sql`b.source`)} as key, to_char(b.check_in, 'YYYY-MM') as month
      from bookings b join properties p on p.agency_id = ${tx.agency_id} and p.id = b.property_id
      ${countryOf(tx, group_by, sql`b.guest_id`)}
      where b.agency_id = ${tx.agency_id} and ${visible(tx)} and b.deleted_at is null and b.status = 'cancelled'
        and b.check_in >= ${from} and b.check_in < ${to}) c
    group by c.key, c.month`)
}
