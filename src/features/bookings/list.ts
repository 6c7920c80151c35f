// Reads one booking or a page of bookings, with the fields that the caller's role may see.
import sql, { empty, join, raw, type Sql } from 'sql-template-tag'
import type { Scope } from '../../core/auth/permissions.ts'
import type { Cursors } from '../../core/cursors.ts'
import { BookingNotFoundError } from '../../core/errors.ts'
import type { JsonText } from '../../core/json-text.ts'
import { limitByBytes, type Page, pageAsJson, readPage } from '../../core/postgres/pages.ts'
import { all, columns, instant } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { filtersOf, ownerFilter, readScope, sortingOf } from './filters.ts'
import type { BookingQuery, sortings } from './list-schema.ts'
import { type Booking, visibleFields } from './schema.ts'

/** The fields of the guest that each scope sees. */
export const guestFields: Readonly<Record<Scope, readonly string[]>> = {
  all: ['id', 'first_name', 'last_name', 'email', 'phone', 'country'],
  own: ['last_name', 'country'],
  finance: [],
}

/** The columns that each scope sees (docs/permissions.md). */
const visibleColumns: Readonly<Record<Scope, Sql>> = {
  all: columnsOf(visibleFields.all, guestFields.all),
  own: columnsOf(visibleFields.own, guestFields.own),
  finance: columnsOf(visibleFields.finance, guestFields.finance),
}

function columnsOf(fields: readonly string[], ofGuest: readonly string[]): Sql {
  const own = fields.filter((name) => name !== 'property_name')
  const guest = ofGuest.map((name) => `, g.${name} as "guest.${name}"`)
  return sql`${columns(own, 'b.')}, p.name as property_name${raw(guest.join(''))}`
}

/** The same columns for the list, which the database returns as JSON text: rows are not parsed and serialised again. */
const jsonColumns: Readonly<Record<Scope, Sql>> = {
  all: jsonColumnsOf('all'),
  own: jsonColumnsOf('own'),
  finance: jsonColumnsOf('finance'),
}
const deletedAtColumn = sql`,${instant('b', 'deleted_at')}`

function jsonColumnsOf(scope: Scope): Sql {
  const members = visibleFields[scope].map((name) => {
    if (name === 'property_name') return sql`p.name as property_name`
    return name.endsWith('_at') ? instant('b', name) : columns([name], 'b.')
  })
  return join(guestFields[scope].length === 0 ? members : [...members, sql`row_to_json(g) as guest`])
}

/** The columns of the booking with the data given for its guest. */
const givenColumns: Readonly<Record<string, Sql>> = {
  id: sql`b.guest_id as id`,
  first_name: sql`b.guest_first_name as first_name`,
  last_name: sql`b.guest_last_name as last_name`,
  email: sql`b.guest_email as email`,
  phone: sql`b.guest_phone as phone`,
}

/** The guest as given for the booking; for bookings from before that was kept, as it is now. The country is always that of the guest. */
function guestOf(tx: Tx, fields: readonly string[]): Sql {
  const country = sql`(select c.country from guests c where c.agency_id = ${tx.agency_id} and c.id = b.guest_id) as country`
  return sql`left join lateral (
    select ${join(fields.map((name) => (name === 'country' ? country : (givenColumns[name] ?? empty))))} where b.guest_last_name is not null
    union all
    select ${columns(fields, 'g.')} from guests g
    where g.agency_id = ${tx.agency_id} and g.id = b.guest_id and b.guest_last_name is null offset 0) g on true`
}

/**
 * Joins for bookings b: the name of the property p, and these fields of the guest g. OFFSET 0 keeps the planner from flattening
 * the subqueries, so both are looked up once per row of the page: as a join, a wrong estimate could read all guests.
 */
export function lookups(tx: Tx, fields: readonly string[]): Sql {
  const property = sql`join lateral (
    select p.name from properties p where p.agency_id = ${tx.agency_id} and p.id = b.property_id offset 0) p on true`
  return sql`${property} ${fields.length === 0 ? empty : guestOf(tx, fields)}`
}

export interface WantedFields {
  readonly fields: readonly string[]
  /** The fields of the guest. */
  readonly guest: readonly string[]
}

/**
 * The bookings with these ids, in any order, with the wanted fields that the caller may see. Deleted bookings and those that the
 * caller may not see are missing. `more`: further columns of b.
 */
export function findBookings<More = object>(
  tx: Tx,
  ids: readonly string[],
  { fields, guest }: WantedFields,
  more: Sql,
): Promise<(Booking & More)[]> {
  const scope = readScope(tx)
  const ofGuest = guestFields[scope].filter((name) => guest.includes(name))
  const list = columnsOf(
    visibleFields[scope].filter((name) => fields.includes(name)),
    ofGuest,
  )
  const visible = all(sql`b.agency_id = ${tx.agency_id}`, sql`b.deleted_at is null`, ownerFilter(tx))
  return tx.query(sql`
    select ${list}, ${more} from bookings b ${lookups(tx, ofGuest)} where ${visible} and b.id = any (${ids}::uuid[])`)
}

/** Bookings b with the columns that the caller may see. */
function selectionOf(tx: Tx): { readonly list: Sql; readonly from: Sql } {
  const scope = readScope(tx)
  return { list: visibleColumns[scope], from: sql`bookings b ${lookups(tx, guestFields[scope])}` }
}

interface Sorting {
  readonly order: Sql
  /** The sort key as text, for the cursor. The id follows it. */
  readonly key: Sql
  /** The condition for rows after the cursor. */
  readonly afterCursor: (after: readonly string[]) => Sql
}

const orders: Readonly<Record<(typeof sortings)[number], Sorting>> = {
  '-check_in': {
    order: sql`b.check_in desc, b.id desc`,
    key: sql`b.check_in`,
    afterCursor: ([day, id]) => sql`(b.check_in, b.id) < (${day}::date, ${id}::uuid)`,
  },
  check_in: {
    order: sql`b.check_in, b.id`,
    key: sql`b.check_in`,
    afterCursor: ([day, id]) => sql`(b.check_in, b.id) > (${day}::date, ${id}::uuid)`,
  },
  updated_at: {
    order: sql`b.updated_at, b.id`,
    // To the microsecond: with milliseconds, rows of one millisecond would be repeated or skipped between pages.
    key: sql`to_char(b.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    afterCursor: ([time, id]) => sql`(b.updated_at, b.id) > (${time}::timestamptz, ${id}::uuid)`,
  },
}

interface JsonRow {
  readonly json: JsonText<Booking>
  readonly key: string
  readonly id: string
}

/** A page of bookings as JSON, latest arrival first by default. Throws ValidationError, CursorInvalidError. */
export async function listBookings(tx: Tx, cursors: Cursors, query: BookingQuery): Promise<JsonText<Page<Booking>>> {
  const filters = all(filtersOf(tx, query), ownerFilter(tx))
  const { order, key, afterCursor } = orders[sortingOf(query)]
  const members = sql`${jsonColumns[readScope(tx)]}${query.include_deleted ? deletedAtColumn : empty}`
  const read = (after: readonly string[] | undefined, limit: Sql) =>
    tx.query<JsonRow>(
      limitByBytes(
        sql`
        select row_to_json(seen)::text as json, ${key} as key, b.id
        from ${selectionOf(tx).from} cross join lateral (select ${members}) seen
        where ${all(filters, after && afterCursor(after))} order by ${order} limit ${limit}`,
        sql`octet_length(r.json)`,
      ),
    )
  return pageAsJson(await readPage(tx, cursors, 'bookings', query, read, (row) => [row.key, row.id]))
}

/** Undefined when the booking is deleted or not visible to the caller. */
export function findBooking(tx: Tx, id: string): Promise<Booking | undefined> {
  const visible = all(sql`b.agency_id = ${tx.agency_id}`, sql`b.deleted_at is null`, ownerFilter(tx))
  const { list, from } = selectionOf(tx)
  return tx.maybe<Booking>(sql`select ${list} from ${from} where ${visible} and b.id = ${id}`)
}

/** Throws BookingNotFoundError. */
export async function getBooking(tx: Tx, id: string): Promise<Booking> {
  const booking = await findBooking(tx, id)
  if (booking === undefined) throw new BookingNotFoundError()
  return booking
}
