// Merges two guests that are the same person: the bookings of one move to the other.
import sql from 'sql-template-tag'
import { ConflictError, GuestNotFoundError, invalid } from '../../core/errors.ts'
import { recordAudit, recordAudits } from '../../core/events/audit.ts'
import { assignments } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import { anonymised, getGuest, guestColumns, guestEntity } from './guests.ts'
import { guestNotFound, type Merged } from './of-booking.ts'
import type { GuestMerge, GuestRow } from './schema.ts'

export type MergeableGuest = GuestRow & Merged & { readonly merge_undo: MergeUndo | null }

interface Versioned {
  readonly id: string
  readonly version: number
}

/** Stored with the merged guest. It can be undone while the versions are these. */
export interface MergeUndo {
  readonly kept_version: number
  /** What the other guest got from the merged one. */
  readonly contact: readonly ('email' | 'phone' | 'country')[]
  readonly bookings: readonly Versioned[]
  /** Guests that were merged into the merged one before. */
  readonly guest_ids: readonly string[]
}

/**
 * Moves the bookings of `merged_id` to the guest `id`, which also gets an e-mail, a phone number and a country if it has none. Each
 * booking keeps the name and contact given for it. From then on the id and the e-mail of the merged guest lead to the
 * other. Again it changes nothing. Throws GuestNotFoundError, VersionMismatchError, ValidationError for the same guest
 * twice, and ConflictError when one of them is anonymised or merged into a third.
 */
export async function mergeGuests(
  tx: Tx,
  id: string,
  merged_id: string,
  expected?: ExpectedVersions,
): Promise<GuestMerge> {
  // Bookings before guests: the lock order of everything that changes a booking.
  await tx.query(sql`
    select b.id from bookings b
    where b.agency_id = ${tx.agency_id} and b.guest_id = ${merged_id} order by b.id for no key update`)
  const [kept, merged] = await lockBoth(tx, id, merged_id)
  requireVersion(kept.version, expected)
  if (kept.id === merged.id) throw invalid('/guest_id', 'is the guest itself', 'SAME_GUEST')
  if (merged.merged_into_id === kept.id) return { guest: await getGuest(tx, kept.id), moved_bookings: 0 }
  requireMergeable(kept)
  requireMergeable(merged)
  const moving = await bookingsOf(tx, merged.id)
  await fillContact(tx, kept, merged, moving)
  const moved_bookings = await moveBookings(tx, kept.id, merged)
  return { guest: await getGuest(tx, kept.id), moved_bookings }
}

/** With both guests locked, so that no booking gets or loses them. */
function bookingsOf(tx: Tx, guest_id: string): Promise<Versioned[]> {
  return tx.query<Versioned>(sql`
    select b.id, b.version from bookings b
    where b.agency_id = ${tx.agency_id} and b.guest_id = ${guest_id} order by b.id`)
}

/** In the order of their ids, so that two merges cannot deadlock. */
export async function lockBoth(tx: Tx, id: string, merged_id: string): Promise<[MergeableGuest, MergeableGuest]> {
  const guests = await tx.query<MergeableGuest>(sql`
    select ${guestColumns}, g.merged_into_id, g.merge_undo from guests g
    where g.agency_id = ${tx.agency_id} and g.id = any (${[id, merged_id]}::uuid[]) order by g.id for update`)
  const [kept, merged] = [id, merged_id].map((one) => guests.find((guest) => guest.id === one.toLowerCase()))
  if (kept === undefined) throw new GuestNotFoundError()
  if (merged === undefined) throw guestNotFound()
  return [kept, merged]
}

function requireMergeable({ anonymised_at, merged_into_id }: MergeableGuest): void {
  if (anonymised_at !== null) throw anonymised()
  if (merged_into_id === null) return
  const meta = { guest_id: merged_into_id }
  throw new ConflictError({ message: 'The guest has been merged into another guest.', meta })
}

/** Marks the guest as merged, also for those merged into it before, and gives its contact to the other where that has none. */
async function fillContact(
  tx: Tx,
  kept: MergeableGuest,
  merged: MergeableGuest,
  moving: readonly Versioned[],
): Promise<void> {
  const contact = (['email', 'phone', 'country'] as const).filter(
    (name) => kept[name] === null && merged[name] !== null,
  )
  const version = kept.version + Math.min(contact.length, 1)
  const earlier = await tx.query<{ id: string }>(sql`
    select g.id from guests g where g.agency_id = ${tx.agency_id} and g.merged_into_id = ${merged.id}`)
  const undo: MergeUndo = {
    kept_version: version,
    contact,
    bookings: moving.map((booking) => ({ id: booking.id, version: booking.version + 1 })),
    guest_ids: earlier.map(({ id }) => id),
  }
  // An e-mail belongs to one guest.
  await tx.query(sql`
    update guests g set merged_into_id = ${kept.id},
      email = case when g.id = ${merged.id} and ${contact.includes('email')} then null else g.email end,
      merge_undo = case when g.id = ${merged.id} then ${JSON.stringify(undo)}::jsonb end
    where g.agency_id = ${tx.agency_id} and (g.id = ${merged.id} or g.merged_into_id = ${merged.id})`)
  if (contact.length > 0) {
    const columns = Object.fromEntries(contact.map((name) => [name, merged[name]]))
    await tx.query(sql`
      update guests g set ${assignments(columns)} where g.agency_id = ${tx.agency_id} and g.id = ${kept.id}`)
  }
  const after = { merged_guest_id: merged.id, changed: contact }
  recordAudit(tx, { action: 'guest.updated', ...guestEntity(kept.id, version), after })
  recordAudit(tx, {
    action: 'guest.merged',
    ...guestEntity(merged.id, merged.version + 1),
    after: { merged_into_id: kept.id },
  })
}

interface Moved {
  readonly id: string
  readonly version: number
  readonly property_id: string
}

/** A booking without name and contact of its own gets those of the merged guest, which it has shown so far. */
async function moveBookings(tx: Tx, guest_id: string, merged: MergeableGuest): Promise<number> {
  const moved = await tx.query<Moved>(sql`
    update bookings b set guest_id = ${guest_id}, version = b.version + 1,
      guest_first_name = coalesce(b.guest_first_name, ${merged.first_name}),
      guest_last_name = coalesce(b.guest_last_name, ${merged.last_name}),
      guest_email = case when b.guest_last_name is null then ${merged.email} else b.guest_email end,
      guest_phone = case when b.guest_last_name is null then ${merged.phone} else b.guest_phone end
    where b.agency_id = ${tx.agency_id} and b.guest_id = ${merged.id} returning b.id, b.version, b.property_id`)
  const entry = {
    action: 'booking.updated',
    entity_type: 'booking',
    before: { guest_id: merged.id },
    after: { guest_id },
  }
  recordAudits(
    tx,
    moved.map(({ id, ...row }) => ({ ...entry, ...row, entity_id: id })),
  )
  return moved.length
}
