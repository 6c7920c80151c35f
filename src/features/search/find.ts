// Finds bookings, guests and properties by one text, best matches first.
import sql, { empty, type Sql } from 'sql-template-tag'
import { findScope, type Scope } from '../../core/auth/permissions.ts'
import { invalid } from '../../core/errors.ts'
import { rowLimit } from '../../core/postgres/pages.ts'
import { atStart, containsWords, startsWords } from '../../core/postgres/search.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { matchingText, ownerFilter, readScope } from '../bookings/filters.ts'
import { lookups } from '../bookings/list.ts'
import { matchingGuest } from '../guests/list.ts'
import { nameAndCity, readableProperties } from '../properties/properties.ts'
import {
  type FindQuery,
  type Found,
  type FoundBooking,
  type FoundGuest,
  type FoundProperty,
  min_characters,
} from './find-schema.ts'

/** Up to `limit` records of each kind that the role may read; the statements run together. Throws ValidationError. */
export async function findRecords(tx: Tx, { q: given, limit }: FindQuery): Promise<Found> {
  const q = given.trim()
  if ([...q].length < min_characters) {
    throw invalid('/query/q', `must have at least ${min_characters} characters other than blanks at its ends`)
  }
  const read = <Row>(kind: 'bookings' | 'guests' | 'properties', select: () => Sql) =>
    findScope(tx.actor.role, `${kind}:read`) === undefined ? Promise.resolve(undefined) : tx.query<Row>(select())
  const most = rowLimit(limit)
  const [bookings, guests, properties] = await settleAll(
    read<FoundBooking>('bookings', () => selectBookings(tx, q, most)),
    read<FoundGuest>('guests', () => selectGuests(tx, q, most)),
    read<FoundProperty>('properties', () => selectProperties(tx, q, most)),
  )
  return {
    ...(bookings && { bookings: bookings.slice(0, limit) }),
    ...(guests && { guests: guests.slice(0, limit) }),
    ...(properties && { properties: properties.slice(0, limit) }),
  }
}

/** The fields of the guest that each scope gets. */
const guestFields: Readonly<Record<Scope, readonly string[]>> = {
  all: ['id', 'first_name', 'last_name'],
  own: ['last_name'],
  finance: [],
}

/** Of equally good matches the latest arrival is first, as in the list. Deleted bookings are left out. */
function selectBookings(tx: Tx, q: string, limit: Sql): Sql {
  const scope = readScope(tx)
  const fields = guestFields[scope]
  const code = scope === 'all' ? sql`, b.external_code` : empty
  const guest = fields.length === 0 ? empty : sql`, row_to_json(g) as guest`
  const is_code = scope === 'all' ? sql` or lower(b.external_code) = lower(${q})` : empty
  const filters = all(
    sql`b.agency_id = ${tx.agency_id}`,
    sql`b.deleted_at is null`,
    matchingText(tx, q),
    ownerFilter(tx),
  )
  return sql`
    select b.id, b.reference${code}, b.property_id, p.name as property_name, b.status, b.check_in, b.check_out${guest}
    from (
      select b.id, b.reference, b.external_code, b.property_id, b.status, b.check_in, b.check_out, b.guest_id,
        b.guest_first_name, b.guest_last_name, b.guest_email, b.guest_phone,
        case when lower(b.reference) = lower(${q})${is_code} then 0 when ${matchingText(tx, q, atStart)} then 1 else 2 end as place
      from bookings b where ${filters}
      order by place, b.check_in desc, b.id desc limit ${limit}) b
    ${lookups(tx, fields)}
    order by b.place, b.check_in desc, b.id desc`
}

function selectGuests(tx: Tx, q: string, limit: Sql): Sql {
  return sql`
    select g.id, g.first_name, g.last_name, g.email, g.phone from guests g
    where g.agency_id = ${tx.agency_id} and g.merged_into_id is null and ${matchingGuest(q)}
    order by not ${matchingGuest(q, atStart)}, g.sort_name, g.id limit ${limit}`
}

function selectProperties(tx: Tx, q: string, limit: Sql): Sql {
  return sql`
    select p.id, p.name, p.city, p.is_active from properties p
    where ${all(readableProperties(tx), containsWords(nameAndCity, q))}
    order by not ${startsWords(nameAndCity, q)}, p.sort_name, p.id limit ${limit}`
}
