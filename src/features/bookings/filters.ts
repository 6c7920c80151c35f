// What the list of bookings can be asked: each filter as SQL, and for whom it is there at all.
import sql, { type Sql } from 'sql-template-tag'
import { type Actor, type Scope, scopeOf } from '../../core/auth/permissions.ts'
import { invalid } from '../../core/errors.ts'
import { type ReadCost, readCost, type ServedFilters } from '../../core/postgres/read-cost.ts'
import { all, containing } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { parseInterval } from '../availability/days.ts'
import type { BookingQuery, sortings } from './list-schema.ts'

/** What the caller may see of bookings: docs/permissions.md. */
export function viewOf(tx: Tx): Scope {
  return scopeOf(tx.actor.role, 'bookings:read') ?? 'own'
}

/** Throws ValidationError for a filter that is not for this role, or that does not go with another. */
export function filtersOf(tx: Tx, query: BookingQuery): Sql {
  requireAllowed(tx, query)
  const { property_id, guest_id, source, payment_status, check_in_from, check_in_to, updated_since } = query
  return all(
    sql`b.agency_id = ${tx.agency_id}`,
    query.include_deleted ? undefined : sql`b.deleted_at is null`,
    query.status === undefined ? undefined : sql`b.status = any (${query.status.split(',')})`,
    property_id === undefined ? undefined : sql`b.property_id = ${property_id}`,
    guest_id === undefined ? undefined : sql`b.guest_id = ${guest_id}`,
    source === undefined ? undefined : sql`b.source = ${source}`,
    payment_status === undefined ? undefined : sql`b.payment_status = ${payment_status}`,
    check_in_from === undefined ? undefined : sql`b.check_in >= ${check_in_from}`,
    check_in_to === undefined ? undefined : sql`b.check_in <= ${check_in_to}`,
    departing(query.check_out_from, query.check_out_to),
    query.overlaps === undefined ? undefined : overlapping(query.overlaps),
    query.q === undefined ? undefined : matching(tx, query.q),
    updated_since === undefined ? undefined : sql`b.updated_at >= ${instant(updated_since)}`,
  )
}

/** bookings_live_check_in_idx. The index on properties has deleted bookings too, which the list then leaves out one by one. */
const byCheckIn: ServedFilters = { sets: [[]], ranges: ['check_in_from', 'check_in_to'] }

/** bookings_updated_idx has deleted bookings too. */
const byUpdate: ServedFilters = { sets: [['include_deleted']], ranges: ['updated_since'] }

/** An owner's bookings are spread over the agency's, so an owner's list is always a scan. */
export function bookingsCost(actor: Actor, query: BookingQuery): ReadCost {
  if (scopeOf(actor.role, 'bookings:read') === 'own') return 'scan'
  return readCost(sortingOf(query) === 'updated_at' ? byUpdate : byCheckIn, query)
}

function requireAllowed(tx: Tx, query: BookingQuery): void {
  const { guest_id, include_deleted, updated_since, sort } = query
  if (guest_id !== undefined && viewOf(tx) !== 'all') {
    throw invalid('/query/guest_id', 'your role does not see who the guests are', 'NOT_FOR_YOUR_ROLE')
  }
  if (include_deleted && !['admin', 'manager', 'operator'].includes(tx.actor.role)) {
    throw invalid('/query/include_deleted', 'is for admins and managers', 'NOT_FOR_YOUR_ROLE')
  }
  if (include_deleted && updated_since === undefined) {
    throw invalid('/query/include_deleted', 'goes with updated_since', 'NOT_ALONE')
  }
  if (updated_since !== undefined && sort !== undefined && sort !== 'updated_at') {
    throw invalid('/query/sort', 'is updated_at with updated_since')
  }
}

/** The order of the list: the sort key, its direction, and with which key a cursor goes on. */
export function sortingOf({ sort, updated_since }: BookingQuery): (typeof sortings)[number] {
  return sort ?? (updated_since === undefined ? '-check_in' : 'updated_at')
}

// A stay has 366 nights at most (bookings_stay_check), so a condition on its end says something about its beginning,
// by which bookings are indexed.
function departing(from: string | undefined, to: string | undefined): Sql | undefined {
  const conditions = [
    from === undefined ? undefined : sql`b.check_out >= ${from} and b.check_in >= ${from}::date - 366`,
    to === undefined ? undefined : sql`b.check_out <= ${to} and b.check_in < ${to}`,
  ].filter((condition) => condition !== undefined)
  return conditions.length === 0 ? undefined : all(...conditions)
}

function overlapping(interval: string): Sql {
  const [from, to] = parseInterval(interval, '/query/overlaps')
  return sql`b.check_in < ${to} and b.check_out > ${from} and b.check_in > ${from}::date - 366`
}

function matching(tx: Tx, text: string): Sql {
  const pattern = containing(text)
  if (viewOf(tx) !== 'all') return sql`b.reference ilike ${pattern}`
  return sql`(b.reference ilike ${pattern} or b.external_code ilike ${pattern} or b.guest_id in (
    select g.id from guests g where g.agency_id = ${tx.agency_id}
      and (g.email ilike ${pattern} or g.first_name || ' ' || g.last_name ilike ${pattern})))`
}

/** As PostgreSQL reads it, whatever offset it was written with; to the millisecond, rounded down. */
function instant(text: string): string {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw invalid('/query/updated_since', 'must be a time that exists')
  return new Date(time).toISOString()
}
