// The filters of the list of bookings as SQL, and the roles that may use them.
import sql, { type Sql } from 'sql-template-tag'
import type { Actor } from '../../core/auth/actors.ts'
import { findScope, type Scope } from '../../core/auth/permissions.ts'
import { invalid } from '../../core/errors.ts'
import { parseInstant } from '../../core/instants.ts'
import { type IndexedFilters, type ReadCost, readCost } from '../../core/postgres/read-cost.ts'
import { anywhere, type TextMatch } from '../../core/postgres/search.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { parseInterval } from '../availability/days.ts'
import { currentId } from '../guests/guests.ts'
import { matchingGuest, orPhone } from '../guests/list.ts'
import type { BookingQuery, sortings } from './list-schema.ts'

/** The caller's scope of `bookings:read` (docs/permissions.md). */
export function readScope(tx: Tx): Scope {
  return findScope(tx.actor.role, 'bookings:read') ?? 'own'
}

/** Throws ValidationError when the role may not use a filter, or when filters exclude each other. */
export function filtersOf(tx: Tx, query: BookingQuery): Sql {
  requireAllowed(tx, query)
  const { property_id, guest_id, source, payment_status, check_in_from, check_in_to, updated_since } = query
  return all(
    sql`b.agency_id = ${tx.agency_id}`,
    query.include_deleted ? undefined : sql`b.deleted_at is null`,
    query.status === undefined ? undefined : sql`b.status = any (${query.status.split(',')})`,
    property_id === undefined ? undefined : sql`b.property_id = ${property_id}`,
    guest_id === undefined ? undefined : sql`b.guest_id = ${currentId(tx, guest_id)}`,
    source === undefined ? undefined : sql`b.source = ${source}`,
    payment_status === undefined ? undefined : sql`b.payment_status = ${payment_status}`,
    check_in_from === undefined ? undefined : sql`b.check_in >= ${check_in_from}`,
    check_in_to === undefined ? undefined : sql`b.check_in <= ${check_in_to}`,
    checkingOut(query.check_out_from, query.check_out_to),
    query.overlaps === undefined ? undefined : overlapping(query.overlaps),
    query.q === undefined ? undefined : matchingText(tx, query.q),
    updated_since === undefined
      ? undefined
      : sql`b.updated_at >= ${parseInstant(updated_since, '/query/updated_since')}::timestamptz`,
  )
}

/** bookings_live_check_in_idx. The index on properties contains deleted bookings, so a list by property is a scan. */
const byCheckIn: IndexedFilters = { sets: [[]], ranges: ['check_in_from', 'check_in_to'] }

/** bookings_updated_idx also contains deleted bookings, so only lists that include them are served by it. */
const byUpdate: IndexedFilters = { sets: [['include_deleted']], ranges: ['updated_since'] }

/** No index leads to the bookings of one owner, so an owner's list is always a scan. */
export function bookingsCost(actor: Actor, query: BookingQuery): ReadCost {
  if (findScope(actor.role, 'bookings:read') === 'own') return 'scan'
  return readCost(sortingOf(query) === 'updated_at' ? byUpdate : byCheckIn, query)
}

function requireAllowed(tx: Tx, query: BookingQuery): void {
  const { guest_id, include_deleted, updated_since, sort } = query
  if (guest_id !== undefined && readScope(tx) !== 'all') {
    throw invalid('/query/guest_id', 'your role cannot see guests', 'NOT_FOR_YOUR_ROLE')
  }
  if (include_deleted && !['admin', 'manager', 'operator'].includes(tx.actor.role)) {
    throw invalid('/query/include_deleted', 'is allowed only for admins and managers', 'NOT_FOR_YOUR_ROLE')
  }
  if (include_deleted && updated_since === undefined) {
    throw invalid('/query/include_deleted', 'requires updated_since', 'NOT_ALONE')
  }
  if (updated_since !== undefined && sort !== undefined && sort !== 'updated_at') {
    throw invalid('/query/sort', 'must be updated_at when updated_since is given')
  }
}

/** The order of the list: latest arrival first by default, oldest change first with `updated_since`. */
export function sortingOf({ sort, updated_since }: BookingQuery): (typeof sortings)[number] {
  return sort ?? (updated_since === undefined ? '-check_in' : 'updated_at')
}

// A stay has at most 366 nights (bookings_stay_check), so a condition on its end implies one on its start, which is
// indexed.
function checkingOut(from: string | undefined, to: string | undefined): Sql | undefined {
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

/** An owner sees only bookings of own properties. Row-level security applies the same filter. */
export function ownerFilter(tx: Tx): Sql | undefined {
  if (readScope(tx) !== 'own') return undefined
  return sql`b.property_id in (
    select p.id from properties p where p.agency_id = ${tx.agency_id} and p.owner_id = ${tx.actor.id})`
}

/**
 * A condition for bookings b. Finds a guest by the data given for the booking, and by those of the guest. Folding a name takes
 * 0.1 ms, and guests have theirs folded, so it is done only for bookings whose data differ from those of the guest.
 */
export function matchingText(tx: Tx, text: string, match: TextMatch = anywhere): Sql {
  const pattern = match.pattern(text.trim())
  if (readScope(tx) !== 'all') return sql`b.reference ilike ${pattern}`
  const given = sql`app.search_text(b.guest_first_name || ' ' || b.guest_last_name || coalesce(' ' || b.guest_email, ''))`
  const same_guest = sql`
    select from guests g where g.agency_id = ${tx.agency_id} and g.id = b.guest_id and g.first_name = b.guest_first_name
      and g.last_name = b.guest_last_name and g.email is not distinct from b.guest_email`
  return sql`(b.reference ilike ${pattern} or b.external_code ilike ${pattern}
    or b.guest_id in (
      select g.id from guests g where g.agency_id = ${tx.agency_id} and ${matchingGuest(text, match)})
    or b.guest_last_name is not null and not exists (${same_guest})
      and ${match.words(given, text)}${orPhone(sql`b.guest_phone`, text, match)})`
}
