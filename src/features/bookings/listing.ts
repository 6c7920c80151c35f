// Bookings as the caller's role sees them: one, or a page of them.
import sql, { raw, type Sql } from 'sql-template-tag'
import { type Scope, scopeOf } from '../../core/auth.ts'
import type { Cursors } from '../../core/cursors.ts'
import { BookingNotFoundError } from '../../core/errors.ts'
import { type Page, readPage } from '../../core/pages.ts'
import { all, columns } from '../../core/sql.ts'
import type { Tx } from '../../core/transaction.ts'
import { type Booking, type BookingQuery, visibleFields } from './schema.ts'

const joins = raw(`
  join properties p on p.agency_id = b.agency_id and p.id = b.property_id
  left join guests g on g.agency_id = b.agency_id and g.id = b.guest_id`)

const guestObject: Readonly<Record<Scope, Sql | undefined>> = {
  all: sql`case when g.id is not null then json_build_object('id', g.id, 'first_name', g.first_name,
    'last_name', g.last_name, 'email', g.email, 'phone', g.phone) end as guest`,
  own: sql`case when g.id is not null then json_build_object('last_name', g.last_name) end as guest`,
  finance: undefined,
}

/** What each scope sees of a booking (docs/permissions.md), as a select list made once. */
const selectLists: Readonly<Record<Scope, Sql>> = {
  all: listOf('all'),
  own: listOf('own'),
  finance: listOf('finance'),
}

function listOf(scope: Scope): Sql {
  const own = visibleFields[scope].filter((name) => name !== 'property_name')
  const guest = guestObject[scope]
  const list = sql`${columns(own, 'b.')}, p.name as property_name`
  return guest === undefined ? list : sql`${list}, ${guest}`
}

function selectList(tx: Tx): Sql {
  return selectLists[scopeOf(tx.actor.role, 'bookings:read') ?? 'own']
}

/** An owner sees only bookings of own properties: said here as well as in row-level security. */
function visible(tx: Tx): Sql {
  const is_own = scopeOf(tx.actor.role, 'bookings:read') === 'own'
  return all(
    sql`b.agency_id = ${tx.agency_id}`,
    sql`b.deleted_at is null`,
    is_own ? sql`p.owner_id = ${tx.actor.user_id}` : undefined,
  )
}

/** Bookings by arrival, the latest first. */
export function listBookings(tx: Tx, cursors: Cursors, query: BookingQuery): Promise<Page<Booking>> {
  const { status, property_id, check_in_from, check_in_to } = query
  const filters = all(
    visible(tx),
    status === undefined ? undefined : sql`b.status = ${status}`,
    property_id === undefined ? undefined : sql`b.property_id = ${property_id}`,
    check_in_from === undefined ? undefined : sql`b.check_in >= ${check_in_from}`,
    check_in_to === undefined ? undefined : sql`b.check_in <= ${check_in_to}`,
  )
  const read = (after: readonly string[] | undefined, limit: number) => {
    const behind = after === undefined ? undefined : sql`(b.check_in, b.id) < (${after[0]}::date, ${after[1]}::uuid)`
    return tx.query<Booking>(sql`
      select ${selectList(tx)} from bookings b ${joins} where ${all(filters, behind)}
      order by b.check_in desc, b.id desc limit ${limit}`)
  }
  return readPage(tx, cursors, 'bookings', query, read, ({ check_in, id }) => [check_in, id])
}

/** Throws BookingNotFoundError. */
export async function getBooking(tx: Tx, id: string): Promise<Booking> {
  const booking = await tx.maybe<Booking>(sql`
    select ${selectList(tx)} from bookings b ${joins} where ${visible(tx)} and b.id = ${id}`)
  if (booking === undefined) throw new BookingNotFoundError()
  return booking
}
