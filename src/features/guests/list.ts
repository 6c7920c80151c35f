// The list of guests by name, and the list of a guest's bookings.
import sql, { empty, type Sql } from 'sql-template-tag'
import type { Cursors } from '../../core/cursors.ts'
import { GuestNotFoundError } from '../../core/errors.ts'
import { parseInstant } from '../../core/instants.ts'
import { compactPhone } from '../../core/phones.ts'
import { type Page, readPage } from '../../core/postgres/pages.ts'
import { type IndexedFilters, type ReadCost, readCost } from '../../core/postgres/read-cost.ts'
import { anywhere, type TextMatch } from '../../core/postgres/search.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { currentId, guestColumns } from './guests.ts'
import type { GuestQuery, GuestRow, GuestStay, StayQuery } from './schema.ts'

/** guests_sort_idx and guests_email_key. */
const indexed: IndexedFilters = { sets: [[]], unique: ['email'] }

export const guestsCost = (query: GuestQuery): ReadCost => readCost(indexed, query)

/** Guests by last name, first name. Throws CursorInvalidError. */
export function listGuests(tx: Tx, cursors: Cursors, query: GuestQuery): Promise<Page<GuestRow>> {
  const { q, email, country, updated_since } = query
  const filters = all(
    sql`g.agency_id = ${tx.agency_id}`,
    sql`g.merged_into_id is null`,
    q === undefined ? undefined : matchingGuest(q),
    email === undefined ? undefined : sql`g.id = ${idOf(tx, email)}`,
    country === undefined ? undefined : sql`g.country = ${country}`,
    updated_since === undefined
      ? undefined
      : sql`g.updated_at >= ${parseInstant(updated_since, '/query/updated_since')}::timestamptz`,
  )
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const after_cursor = after && sql`(g.sort_name, g.id) > (${sortName(after)}, ${after[2]}::uuid)`
    return tx.query<GuestRow>(sql`
      select ${guestColumns} from guests g where ${all(filters, after_cursor)}
      order by g.sort_name, g.id limit ${limit}`)
  }
  return readPage(tx, cursors, 'guests', query, read, (row) => [row.last_name, row.first_name, row.id])
}

/** As the column is generated. A cursor has the names, because the column can be longer. */
function sortName([last_name, first_name]: readonly string[]): Sql {
  return sql`left(app.folded(${last_name}::text), 100) || chr(1) || left(app.folded(${first_name}::text), 100)`
}

/** The guest with this e-mail, also when it is that of a guest who was merged. */
function idOf(tx: Tx, email: string): Sql {
  return sql`(select coalesce(m.merged_into_id, m.id) from guests m
    where m.agency_id = ${tx.agency_id} and m.email = ${email})`
}

/** A condition for guests g: matches names, e-mail and phone number, the number in any notation. */
export function matchingGuest(q: string, match: TextMatch = anywhere): Sql {
  return sql`(${match.words(sql`g.search_text`, q)}${orPhone(sql`g.phone`, q, match)})`
}

/** ` or …` for a text that can be part of a phone number. One without digits matches no number, since it would match all. */
export function orPhone(phone: Sql, q: string, match: TextMatch): Sql {
  const compact = compactPhone(q)
  return /^\+?[0-9]+$/.test(compact) ? sql` or ${phone} like ${match.pattern(compact)}` : empty
}

/** The guest's bookings except deleted ones, latest arrival first. Throws GuestNotFoundError, CursorInvalidError. */
export async function listStays(tx: Tx, cursors: Cursors, id: string, query: StayQuery): Promise<Page<GuestStay>> {
  const guest = await tx.maybe(sql`select g.id from guests g where g.agency_id = ${tx.agency_id} and g.id = ${id}`)
  if (guest === undefined) throw new GuestNotFoundError()
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const filters = all(
      sql`b.agency_id = ${tx.agency_id}`,
      sql`b.guest_id = ${currentId(tx, id)}`,
      sql`b.deleted_at is null`,
      after && sql`(b.check_in, b.id) < (${after[0]}::date, ${after[1]}::uuid)`,
    )
    return tx.query<GuestStay>(sql`
      select b.id, b.reference, b.property_id, p.name as property_name, b.check_in, b.check_out, b.num_nights, b.status,
        b.total_cents, b.currency
      from bookings b join properties p on p.agency_id = b.agency_id and p.id = b.property_id
      where ${filters} order by b.check_in desc, b.id desc limit ${limit}`)
  }
  return readPage(tx, cursors, `guests/${id.toLowerCase()}/bookings`, query, read, (row) => [row.check_in, row.id])
}
