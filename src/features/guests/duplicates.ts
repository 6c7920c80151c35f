// Finds guests that are probably the same person: the same name and phone number.
import sql from 'sql-template-tag'
import type { Page } from '../../core/postgres/pages.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { getGuest, guestColumns } from './guests.ts'
import type { GuestRow } from './schema.ts'

/** More guests than this do not share a number. */
const max_candidates = 100

/**
 * Guests with the name and phone number of this one, oldest first. A number is the same with and without the country code, a name
 * in any order, case and accents. Empty for a guest without a phone number. Throws GuestNotFoundError.
 */
export async function listDuplicates(tx: Tx, given_id: string): Promise<Page<GuestRow>> {
  const { id, phone, first_name, last_name } = await getGuest(tx, given_id)
  if (phone === null) return { items: [], next_cursor: null }
  const candidates = await tx.query<GuestRow>(sql`
    select ${guestColumns} from guests g
    where g.agency_id = ${tx.agency_id} and g.phone is not null and right(g.phone, 7) = right(${phone}::text, 7)
      and g.id <> ${id} and g.merged_into_id is null
    order by g.created_at, g.id limit ${max_candidates}`)
  const name = nameKey({ first_name, last_name })
  const items = candidates.filter((guest) => guest.phone && isSameNumber(guest.phone, phone) && nameKey(guest) === name)
  return { items, next_cursor: null }
}

/**
 * `+43 660 1234567` and `0660 1234567`: without country code and trunk zero the shorter number is the end of the longer one.
 * Two numbers with different country codes are different.
 */
function isSameNumber(one: string, other: string): boolean {
  if (one.startsWith('+') && other.startsWith('+')) return one === other
  const [a, b] = [nationalOf(one), nationalOf(other)]
  return a.endsWith(b) || b.endsWith(a)
}

const nationalOf = (phone: string) => phone.replace(/^(?:\+|00?)/, '')

/** The words of the name without marks and case, sorted: last and first name may be exchanged. */
function nameKey({ first_name, last_name }: Pick<GuestRow, 'first_name' | 'last_name'>): string {
  const plain = `${first_name} ${last_name}`.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  return plain
    .replaceAll('ß', 'ss')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .sort()
    .join(' ')
}
