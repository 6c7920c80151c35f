// Guests, identified by e-mail within an agency: save, create, read, change.
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import { ConflictError, GuestNotFoundError, invalid } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import { all, assignments, columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type Guest, type GuestPatch, GuestRow, type NewGuest } from './schema.ts'

export const guestColumns: Sql = columns(Object.keys(GuestRow.properties), 'g.')

/** A guest as shown in a booking. */
export type SavedGuest = Pick<GuestRow, 'id' | 'first_name' | 'last_name' | 'email' | 'phone'>

/** Saves the guest. With a known e-mail, the name and, if given, the phone of that guest are replaced. Throws ValidationError. */
export async function saveGuest(tx: Tx, input: NewGuest): Promise<SavedGuest> {
  const email = input.email?.toLowerCase() ?? null
  const phone = normalisePhone(input.phone, '/guest/phone') ?? null
  const new_id = randomUUIDv7()
  const { changed, ...guest } = await tx.one<SavedGuest & { changed: string[] }>(sql`
    with known as (
      select k.first_name, k.last_name, k.phone from guests k where k.agency_id = ${tx.agency_id} and k.email = ${email})
    insert into guests as g (agency_id, id, first_name, last_name, email, phone)
    values (${tx.agency_id}, ${new_id}, ${input.first_name}, ${input.last_name}, ${email}, ${phone})
    on conflict (agency_id, email) do update set
      first_name = excluded.first_name, last_name = excluded.last_name, phone = coalesce(excluded.phone, g.phone)
    returning g.id, g.first_name, g.last_name, g.email, g.phone, array_remove(array[
      case when g.first_name is distinct from (select k.first_name from known k) then 'first_name' end,
      case when g.last_name is distinct from (select k.last_name from known k) then 'last_name' end,
      case when g.phone is distinct from (select k.phone from known k) then 'phone' end], null) as changed`)
  if (guest.id === new_id) recordAudit(tx, { action: 'guest.created', ...guestEntity(guest.id) })
  else recordAudit(tx, { action: 'guest.updated', ...guestEntity(guest.id), after: { changed } })
  return guest
}

/** The guest in an audit entry: only the id, since guests can be anonymised and the log cannot be changed. */
export function guestEntity(id: string) {
  return { entity_type: 'guest', entity_id: id.toLowerCase() }
}

/** Throws ConflictError when a guest of the agency has the e-mail (`meta.guest_id`), ValidationError. */
export async function createGuest(tx: Tx, input: NewGuest): Promise<Guest> {
  const email = input.email?.toLowerCase() ?? null
  const phone = normalisePhone(input.phone) ?? null
  const made = await tx.maybe<{ id: string }>(sql`
    insert into guests as g (agency_id, id, first_name, last_name, email, phone)
    values (${tx.agency_id}, ${randomUUIDv7()}, ${input.first_name}, ${input.last_name}, ${email}, ${phone})
    on conflict (agency_id, email) do nothing returning g.id`)
  if (made === undefined) throw emailTaken(await findIdByEmail(tx, email))
  recordAudit(tx, { action: 'guest.created', ...guestEntity(made.id) })
  return getGuest(tx, made.id)
}

async function findIdByEmail(tx: Tx, email: string | null | undefined): Promise<string | undefined> {
  const row = await tx.maybe<{ id: string }>(sql`
    select g.id from guests g where g.agency_id = ${tx.agency_id} and g.email = ${email ?? null}`)
  return row?.id
}

function emailTaken(guest_id?: string): ConflictError {
  const details = [{ pointer: '/email', code: 'TAKEN', message: 'another guest of the agency has this e-mail' }]
  return new ConflictError({ details, ...(guest_id !== undefined && { meta: { guest_id } }) })
}

/** The guest with the totals of their bookings. Throws GuestNotFoundError. */
export async function getGuest(tx: Tx, id: string): Promise<Guest> {
  const guest = await tx.maybe<Guest>(sql`
    select ${guestColumns}, s.num_stays, s.first_check_in, s.last_check_out
    from guests g cross join (
      select count(*) as num_stays, min(b.check_in) as first_check_in, max(b.check_out) as last_check_out
      from bookings b
      where b.agency_id = ${tx.agency_id} and b.guest_id = ${id} and b.deleted_at is null
        and b.status in ('confirmed', 'checked_in', 'checked_out')) s
    where g.agency_id = ${tx.agency_id} and g.id = ${id}`)
  if (guest === undefined) throw new GuestNotFoundError()
  return guest
}

/** Locks the guest until the transaction ends. Throws GuestNotFoundError. */
export async function lockGuest(tx: Tx, id: string): Promise<GuestRow> {
  const guest = await tx.maybe<GuestRow>(sql`
    select ${guestColumns} from guests g where ${all(sql`g.agency_id = ${tx.agency_id}`, sql`g.id = ${id}`)} for update`)
  if (guest === undefined) throw new GuestNotFoundError()
  return guest
}

/** Throws GuestNotFoundError, ValidationError, and ConflictError for another guest's e-mail or an anonymised guest. */
export async function updateGuest(tx: Tx, id: string, patch: GuestPatch): Promise<Guest> {
  const before = await lockGuest(tx, id)
  if (before.anonymised_at !== null) throw new ConflictError({ message: 'The guest has been anonymised.' })
  const wanted = { ...patch, email: patch.email?.toLowerCase() ?? patch.email, phone: normalisePhone(patch.phone) }
  const fields = Object.keys(patch) as (keyof GuestPatch)[]
  const changed = fields.filter((name) => wanted[name] !== before[name])
  if (changed.length === 0) return getGuest(tx, id)
  if (changed.includes('email') && wanted.email) {
    const other = await findIdByEmail(tx, wanted.email)
    if (other !== undefined) throw emailTaken(other)
  }
  const update = tx.query(sql`
    update guests g set ${assignments(wanted)} where g.agency_id = ${tx.agency_id} and g.id = ${id}`)
  await onConstraint(update, { guests_email_key: () => emailTaken() })
  recordAudit(tx, { action: 'guest.updated', ...guestEntity(id), after: { changed } })
  return getGuest(tx, id)
}

/** The stored form of a phone number; undefined and null are returned unchanged. */
function normalisePhone<T extends null | undefined>(phone: string | T, pointer = '/phone'): string | T {
  if (typeof phone !== 'string') return phone
  const compact = phone.replaceAll(/[ ()./-]/g, '')
  if (!/^\+?[0-9]{7,15}$/.test(compact)) throw invalid(pointer, 'must have 7 to 15 digits')
  return compact
}
