// The guest of a booking: a known or new guest, and the name and contact as given for the booking.
import { randomUUIDv7 } from 'node:crypto'
import sql, { raw } from 'sql-template-tag'
import { GuestNotFoundError, invalid } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { assignments } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { anonymised, cleanGuest, guestEntity } from './guests.ts'
import type { GuestRow, NewGuest } from './schema.ts'

/** The id and the country of the guest, with name and contact as given for the booking. */
export type GivenGuest = Pick<GuestRow, 'id' | 'first_name' | 'last_name' | 'email' | 'phone' | 'country'>

/** The guest in the input of a booking. */
export interface GuestInput {
  readonly guest?: NewGuest | null | undefined
  readonly guest_id?: string | undefined
}

/**
 * The guest that a booking gets: null without guest, undefined when the input does not say. Throws ValidationError,
 * GuestNotFoundError, ConflictError.
 */
export async function findOrCreateGuest(
  tx: Tx,
  { guest, guest_id }: GuestInput,
): Promise<GivenGuest | null | undefined> {
  if (guest_id === undefined) return guest ? guestOf(tx, guest) : guest
  if (guest !== undefined) throw invalid('/guest_id', 'cannot be combined with guest', 'NOT_TOGETHER')
  return lockedGuest(tx, guest_id)
}

/** The columns of a booking that say who its guest is. */
export interface GuestColumns {
  readonly guest_id: string | null
  readonly guest_first_name: string | null
  readonly guest_last_name: string | null
  readonly guest_email: string | null
  readonly guest_phone: string | null
}

export function guestColumnsOf(guest: GivenGuest | null): GuestColumns {
  return {
    guest_id: guest?.id ?? null,
    guest_first_name: guest?.first_name ?? null,
    guest_last_name: guest?.last_name ?? null,
    guest_email: guest?.email ?? null,
    guest_phone: guest?.phone ?? null,
  }
}

/** A guest that cannot be merged until the transaction ends. The guest into which it was merged, if it was. */
async function lockedGuest(tx: Tx, id: string): Promise<GivenGuest> {
  const found = await tx.maybe<GivenGuest & Pick<GuestRow, 'anonymised_at'> & Merged>(sql`
    select g.id, g.first_name, g.last_name, g.email, g.phone, g.country, g.anonymised_at, g.merged_into_id from guests g
    where g.agency_id = ${tx.agency_id} and g.id = ${id} for key share`)
  if (found === undefined) throw guestNotFound()
  const { anonymised_at, merged_into_id, ...guest } = found
  if (merged_into_id !== null) return lockedGuest(tx, merged_into_id)
  if (anonymised_at !== null) throw anonymised()
  return guest
}

export interface Merged {
  readonly merged_into_id: string | null
}

/** For a guest_id in a body. */
export function guestNotFound(): GuestNotFoundError {
  const details = [{ pointer: '/guest_id', code: 'NOT_FOUND', message: 'is not a guest of the agency' }]
  return new GuestNotFoundError({ details })
}

/**
 * The guest with this e-mail, or a new one. Name, contact and country of a known guest stay; only a missing phone number or country
 * is added. A phone number that is not given is taken from the guest. Throws ValidationError.
 */
async function guestOf(tx: Tx, input: NewGuest): Promise<GivenGuest> {
  const { first_name, last_name, email = null, phone = null, country = null } = cleanGuest(input, '/guest')
  const new_id = randomUUIDv7()
  // The lock is the one that the booking's foreign key takes as well. ON CONFLICT: a concurrent request made the guest.
  const saved = await tx.one<Pick<GuestRow, 'id' | 'phone' | 'country'> & Merged>(sql`
    with known as (
      select k.id, k.phone, k.country, k.merged_into_id from guests k
      where k.agency_id = ${tx.agency_id} and k.email = ${email} for key share),
    made as (
      insert into guests as g (agency_id, id, first_name, last_name, email, phone, country)
      select ${tx.agency_id}, ${new_id}, ${first_name}, ${last_name}, ${email}, ${phone}, ${country}
      where not exists (select from known)
      on conflict (agency_id, email) do update set phone = g.phone
      returning g.id, g.phone, g.country, g.merged_into_id)
    select * from known union all select * from made`)
  if (saved.id === new_id) recordAudit(tx, { action: 'guest.created', ...guestEntity(new_id, 1) })
  const known = saved.merged_into_id === null ? saved : await lockedGuest(tx, saved.merged_into_id)
  const missing = {
    ...(known.phone === null && phone !== null && { phone }),
    ...(known.country === null && country !== null && { country }),
  }
  if (Object.keys(missing).length > 0) await addMissing(tx, known.id, missing)
  const { id } = known
  return { id, first_name, last_name, email, phone: phone ?? known.phone, country: known.country ?? country }
}

/** Sets those that are still missing. */
async function addMissing(tx: Tx, id: string, missing: Partial<Pick<GivenGuest, 'phone' | 'country'>>): Promise<void> {
  for (const [name, value] of Object.entries(missing)) {
    const column = sql`g.${raw(name)}`
    const changed = await tx.maybe<{ version: number }>(sql`
      update guests g set ${assignments({ [name]: value })}
      where g.agency_id = ${tx.agency_id} and g.id = ${id} and ${column} is null returning g.version`)
    if (changed === undefined) continue
    recordAudit(tx, { action: 'guest.updated', ...guestEntity(id, changed.version), after: { changed: [name] } })
  }
}
