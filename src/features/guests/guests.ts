// Guests, identified by e-mail within an agency: create, read, change.
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import { isCountry } from '../../core/countries.ts'
import { canonicalEmail } from '../../core/emails.ts'
import { ConflictError, GuestNotFoundError, invalid } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { canonicalPhone } from '../../core/phones.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import { assignments, columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { requireLine } from '../../core/text.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import { type Guest, type GuestPatch, GuestRow, type NewGuest } from './schema.ts'

export const guestColumns: Sql = columns(Object.keys(GuestRow.properties), 'g.')

/** The id of a guest, or of the guest into which it was merged. */
export function currentId(tx: Tx, id: string): Sql {
  return sql`(select coalesce(m.merged_into_id, m.id) from guests m where m.agency_id = ${tx.agency_id} and m.id = ${id})`
}

/** The guest in an audit entry: only the id and the version after the change, since guests can be anonymised and the log cannot be changed. */
export function guestEntity(id: string, version: number) {
  return { entity_type: 'guest', entity_id: id, version }
}

/** Throws ConflictError when a guest of the agency has the e-mail (`meta.guest_id`), ValidationError. */
export async function createGuest(tx: Tx, input: NewGuest): Promise<Guest> {
  const { first_name, last_name, email = null, phone = null, country = null } = cleanGuest(input)
  const made = await tx.maybe<{ id: string }>(sql`
    insert into guests as g (agency_id, id, first_name, last_name, email, phone, country)
    values (${tx.agency_id}, ${randomUUIDv7()}, ${first_name}, ${last_name}, ${email}, ${phone}, ${country})
    on conflict (agency_id, email) do nothing returning g.id`)
  if (made === undefined) throw emailTaken(await findIdByEmail(tx, email))
  recordAudit(tx, { action: 'guest.created', ...guestEntity(made.id, 1) })
  return getGuest(tx, made.id)
}

async function findIdByEmail(tx: Tx, email: string | null | undefined): Promise<string | undefined> {
  const row = await tx.maybe<{ id: string }>(sql`
    select coalesce(g.merged_into_id, g.id) as id from guests g
    where g.agency_id = ${tx.agency_id} and g.email = ${email ?? null}`)
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
      where b.agency_id = ${tx.agency_id} and b.guest_id = ${currentId(tx, id)} and b.deleted_at is null
        and b.status in ('confirmed', 'checked_in', 'checked_out')) s
    where g.agency_id = ${tx.agency_id} and g.id = ${currentId(tx, id)}`)
  if (guest === undefined) throw new GuestNotFoundError()
  return guest
}

/** Locks the guest until the transaction ends. Throws GuestNotFoundError, VersionMismatchError. */
export async function lockGuest(tx: Tx, id: string, expected?: ExpectedVersions): Promise<GuestRow> {
  const locked = await tx.maybe<GuestRow & { merged_into_id: string | null }>(sql`
    select ${guestColumns}, g.merged_into_id from guests g
    where g.agency_id = ${tx.agency_id} and g.id = ${currentId(tx, id)} for update`)
  if (locked === undefined) throw new GuestNotFoundError()
  const { merged_into_id, ...guest } = locked
  // Merged while this waited for the lock.
  if (merged_into_id !== null) return lockGuest(tx, merged_into_id, expected)
  requireVersion(guest.version, expected)
  return guest
}

/**
 * Throws GuestNotFoundError, VersionMismatchError, ValidationError, and ConflictError for another guest's e-mail or an
 * anonymised guest.
 */
export async function updateGuest(tx: Tx, id: string, patch: GuestPatch, expected?: ExpectedVersions): Promise<Guest> {
  const before = await lockGuest(tx, id, expected)
  if (before.anonymised_at !== null) throw anonymised()
  const wanted: GuestPatch = cleanGuest(patch)
  const fields = Object.keys(patch) as (keyof GuestPatch)[]
  const changed = fields.filter((name) => wanted[name] !== before[name])
  if (changed.length === 0) return getGuest(tx, before.id)
  if (changed.includes('email') && wanted.email) await requireFreeEmail(tx, before.id, wanted.email)
  const update = tx.query(sql`
    update guests g set ${assignments(wanted)} where g.agency_id = ${tx.agency_id} and g.id = ${before.id}`)
  await onConstraint(update, { guests_email_key: () => emailTaken() })
  recordAudit(tx, { action: 'guest.updated', ...guestEntity(before.id, before.version + 1), after: { changed } })
  return getGuest(tx, before.id)
}

export function anonymised(): ConflictError {
  return new ConflictError({ message: 'The guest has been anonymised.' })
}

/** Takes the e-mail from a guest that was merged into this one. Throws ConflictError when another guest has it. */
async function requireFreeEmail(tx: Tx, id: string, email: string): Promise<void> {
  const other = await findIdByEmail(tx, email)
  if (other === undefined) return
  if (other !== id) throw emailTaken(other)
  await tx.query(sql`
    update guests g set email = null where g.agency_id = ${tx.agency_id} and g.merged_into_id = ${id} and g.email = ${email}`)
}

/**
 * Name, contact and country in the form in which they are stored, from the API, an import or a command. `prefix`: of the
 * pointers of errors. Throws ValidationError.
 */
export function cleanGuest<G extends GuestPatch>(given: G, prefix = ''): G {
  const { first_name, last_name, email, phone, country } = given
  if (typeof country === 'string' && !isCountry(country)) refuse(`${prefix}/country`, 'must be the code of a country')
  const clean = {
    ...(first_name !== undefined && { first_name: requireLine(first_name, `${prefix}/first_name`, 100) }),
    ...(last_name !== undefined && { last_name: requireLine(last_name, `${prefix}/last_name`, 100) }),
    ...(typeof email === 'string' && {
      email: canonicalEmail(email) ?? refuse(`${prefix}/email`, 'must be an e-mail address'),
    }),
    ...(typeof phone === 'string' && {
      phone: canonicalPhone(phone) ?? refuse(`${prefix}/phone`, 'must have 7 to 15 digits'),
    }),
  }
  return { ...given, ...clean }
}

function refuse(pointer: string, message: string): never {
  throw invalid(pointer, message)
}
