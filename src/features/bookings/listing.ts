// Bookings as the caller's role sees them: one, or a page of them.
import sql, { raw, type Sql } from 'sql-template-tag'
import type { Scope } from '../../core/auth.ts'
import type { Cursors } from '../../core/cursors.ts'
import { BookingNotFoundError } from '../../core/errors.ts'
import { type Page, readPage } from '../../core/pages.ts'
import { all, columns } from '../../core/sql.ts'
import type { Tx } from '../../core/transaction.ts'
import { filtersOf, sortingOf, viewOf } from './filters.ts'
import type { BookingQuery, sortings } from './list-schema.ts'
import { type Booking, visibleFields } from './schema.ts'

/**
 * The guest of booking b. Looked up for each row of the answer: joined, a planner that is mistaken about the cost of
 * row-level security reads all guests of the agency for a page of twenty.
 */
const guestOf: Readonly<Record<Scope, Sql | undefined>> = {
  all: guestAs(`'id', g.id, 'first_name', g.first_name, 'last_name', g.last_name, 'email', g.email, 'phone', g.phone`),
  own: guestAs(`'last_name', g.last_name`),
  finance: undefined,
}

function guestAs(members: string): Sql {
  return raw(`(select json_build_object(${members}) from guests g
    where g.agency_id = b.agency_id and g.id = b.guest_id) as guest`)
}

/** What each scope sees of a booking (docs/permissions.md), as a select list made once. */
const selectLists: Readonly<Record<Scope, Sql>> = {
  all: listOf('all'),
  own: listOf('own'),
  finance: listOf('finance'),
}

function listOf(scope: Scope): Sql {
  const own = visibleFields[scope].filter((name) => name !== 'property_name')
  const guest = guestOf[scope]
  const list = sql`${columns(own, 'b.')}, (select p.name from properties p
    where p.agency_id = b.agency_id and p.id = b.property_id) as property_name`
  return guest === undefined ? list : sql`${list}, ${guest}`
}

/** An owner sees only bookings of own properties: said here as well as in row-level security. */
function owned(tx: Tx): Sql | undefined {
  if (viewOf(tx) !== 'own') return undefined
  return sql`b.property_id in (
    select p.id from properties p where p.agency_id = ${tx.agency_id} and p.owner_id = ${tx.actor.user_id})`
}

interface Sorting {
  readonly order: Sql
  readonly behind: (after: readonly string[]) => Sql
  readonly keysOf: (row: Row) => string[]
}
type Row = Booking & { readonly changed_key: string }

const byArrival = ({ check_in, id }: Booking) => [check_in, id]

const orders: Readonly<Record<(typeof sortings)[number], Sorting>> = {
  '-check_in': {
    order: sql`b.check_in desc, b.id desc`,
    behind: ([day, id]) => sql`(b.check_in, b.id) < (${day}::date, ${id}::uuid)`,
    keysOf: byArrival,
  },
  check_in: {
    order: sql`b.check_in, b.id`,
    behind: ([day, id]) => sql`(b.check_in, b.id) > (${day}::date, ${id}::uuid)`,
    keysOf: byArrival,
  },
  updated_at: {
    order: sql`b.updated_at, b.id`,
    behind: ([time, id]) => sql`(b.updated_at, b.id) > (${time}::timestamptz, ${id}::uuid)`,
    keysOf: ({ changed_key, id }) => [changed_key, id],
  },
}

/** To the microsecond: on the wire a time has milliseconds, and a page must not begin again inside of one. */
const changedKey = sql`to_char(b.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as changed_key`

/** Bookings by arrival, the latest first, unless the query says otherwise. Throws ValidationError, CursorInvalidError. */
export async function listBookings(tx: Tx, cursors: Cursors, query: BookingQuery): Promise<Page<Booking>> {
  const filters = all(filtersOf(tx, query), owned(tx))
  const { order, behind, keysOf } = orders[sortingOf(query)]
  const tombstones = query.include_deleted ? sql`, b.deleted_at` : sql``
  const read = (after: readonly string[] | undefined, limit: Sql) =>
    tx.query<Row>(sql`
      select ${selectLists[viewOf(tx)]}, ${changedKey}${tombstones} from bookings b
      where ${all(filters, after && behind(after))} order by ${order} limit ${limit}`)
  const { items, next_cursor } = await readPage(tx, cursors, 'bookings', query, read, keysOf)
  return { items: items.map(({ changed_key: _, ...booking }) => booking), next_cursor }
}

/** The booking, unless it is deleted or not the caller's. */
export function findBooking(tx: Tx, id: string): Promise<Booking | undefined> {
  const visible = all(sql`b.agency_id = ${tx.agency_id}`, sql`b.deleted_at is null`, owned(tx))
  return tx.maybe<Booking>(sql`
    select ${selectLists[viewOf(tx)]} from bookings b where ${visible} and b.id = ${id}`)
}

/** Throws BookingNotFoundError. */
export async function getBooking(tx: Tx, id: string): Promise<Booking> {
  const booking = await findBooking(tx, id)
  if (booking === undefined) throw new BookingNotFoundError()
  return booking
}
