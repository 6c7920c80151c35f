// Bookings as the caller's role sees them: one, or a page of them.
import sql, { empty, join, raw, type Sql } from 'sql-template-tag'
import type { Scope } from '../../core/auth/permissions.ts'
import type { Cursors } from '../../core/cursors.ts'
import { BookingNotFoundError } from '../../core/errors.ts'
import { readPage, withinBytes, writtenPage } from '../../core/postgres/pages.ts'
import { all, columns, instant } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { filtersOf, sortingOf, viewOf } from './filters.ts'
import type { BookingQuery, sortings } from './list-schema.ts'
import { type Booking, visibleFields } from './schema.ts'

/** What each scope sees of the guest. */
const guestFields: Readonly<Record<Scope, readonly string[]>> = {
  all: ['id', 'first_name', 'last_name', 'email', 'phone'],
  own: ['last_name'],
  finance: [],
}

/** What each scope sees of a booking itself (docs/permissions.md): made once. */
const ownColumns: Readonly<Record<Scope, Sql>> = { all: ownOf('all'), own: ownOf('own'), finance: ownOf('finance') }

function ownOf(scope: Scope): Sql {
  const own = visibleFields[scope].filter((name) => name !== 'property_name')
  const guest = guestFields[scope].map((name) => `, g.${name} as "guest.${name}"`)
  return sql`${columns(own, 'b.')}, p.name as property_name${raw(guest.join(''))}`
}

/** The same as one column of JSON text: what nobody here looks into need not be taken apart and put together again. */
const written: Readonly<Record<Scope, Sql>> = {
  all: membersOf('all'),
  own: membersOf('own'),
  finance: membersOf('finance'),
}
const deletedToo = sql`,${instant('b', 'deleted_at')}`

function membersOf(scope: Scope): Sql {
  const members = visibleFields[scope].map((name) => {
    if (name === 'property_name') return sql`p.name as property_name`
    return name.endsWith('_at') ? instant('b', name) : columns([name], 'b.')
  })
  return join(guestFields[scope].length === 0 ? members : [...members, sql`row_to_json(g) as guest`])
}

/**
 * Bookings b with what the caller sees of them. Property and guest are looked up for each row of the answer, which OFFSET
 * 0 insists on: left to itself, a planner that is mistaken about a cost reads all guests of an agency for a page of twenty.
 */
function selectionOf(tx: Tx): { readonly list: Sql; readonly from: Sql } {
  const scope = viewOf(tx)
  const property = sql`join lateral (
    select p.name from properties p where p.agency_id = ${tx.agency_id} and p.id = b.property_id offset 0) p on true`
  const guest = sql`left join lateral (select ${columns(guestFields[scope], 'g.')} from guests g
    where g.agency_id = ${tx.agency_id} and g.id = b.guest_id offset 0) g on true`
  const has_guest = guestFields[scope].length > 0
  return { list: ownColumns[scope], from: sql`bookings b ${property} ${has_guest ? guest : empty}` }
}

/** An owner sees only bookings of own properties: said here as well as in row-level security. */
function owned(tx: Tx): Sql | undefined {
  if (viewOf(tx) !== 'own') return undefined
  return sql`b.property_id in (
    select p.id from properties p where p.agency_id = ${tx.agency_id} and p.owner_id = ${tx.actor.user_id})`
}

interface Sorting {
  readonly order: Sql
  /** What a page goes on behind: the sort key as text, then the id. */
  readonly key: Sql
  readonly behind: (after: readonly string[]) => Sql
}

const orders: Readonly<Record<(typeof sortings)[number], Sorting>> = {
  '-check_in': {
    order: sql`b.check_in desc, b.id desc`,
    key: sql`b.check_in`,
    behind: ([day, id]) => sql`(b.check_in, b.id) < (${day}::date, ${id}::uuid)`,
  },
  check_in: {
    order: sql`b.check_in, b.id`,
    key: sql`b.check_in`,
    behind: ([day, id]) => sql`(b.check_in, b.id) > (${day}::date, ${id}::uuid)`,
  },
  updated_at: {
    order: sql`b.updated_at, b.id`,
    // To the microsecond: on the wire a time has milliseconds, and a page must not begin again inside of one.
    key: sql`to_char(b.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    behind: ([time, id]) => sql`(b.updated_at, b.id) > (${time}::timestamptz, ${id}::uuid)`,
  },
}

interface Written {
  readonly json: string
  readonly key: string
  readonly id: string
}

/**
 * A page of bookings as JSON, by arrival, the latest first, unless the query says otherwise. Throws ValidationError,
 * CursorInvalidError.
 */
export async function listBookings(tx: Tx, cursors: Cursors, query: BookingQuery): Promise<string> {
  const filters = all(filtersOf(tx, query), owned(tx))
  const { order, key, behind } = orders[sortingOf(query)]
  const members = sql`${written[viewOf(tx)]}${query.include_deleted ? deletedToo : empty}`
  const read = (after: readonly string[] | undefined, limit: Sql) =>
    tx.query<Written>(
      withinBytes(
        sql`
        select row_to_json(seen)::text as json, ${key} as key, b.id
        from ${selectionOf(tx).from} cross join lateral (select ${members}) seen
        where ${all(filters, after && behind(after))} order by ${order} limit ${limit}`,
        sql`octet_length(r.json)`,
      ),
    )
  return writtenPage(await readPage(tx, cursors, 'bookings', query, read, (row) => [row.key, row.id]))
}

/** The booking, unless it is deleted or not the caller's. */
export function findBooking(tx: Tx, id: string): Promise<Booking | undefined> {
  const visible = all(sql`b.agency_id = ${tx.agency_id}`, sql`b.deleted_at is null`, owned(tx))
  const { list, from } = selectionOf(tx)
  return tx.maybe<Booking>(sql`select ${list} from ${from} where ${visible} and b.id = ${id}`)
}

/** Throws BookingNotFoundError. */
export async function getBooking(tx: Tx, id: string): Promise<Booking> {
  const booking = await findBooking(tx, id)
  if (booking === undefined) throw new BookingNotFoundError()
  return booking
}
