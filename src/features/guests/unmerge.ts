// Undoes the merge of two guests, as long as nothing has changed since.
import sql from 'sql-template-tag'
import { ConflictError, GuestNotFoundError } from '../../core/errors.ts'
import { recordAudit, recordAudits } from '../../core/events/audit.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import { getGuest, guestEntity } from './guests.ts'
import { lockBoth, type MergeableGuest, type MergeUndo } from './merge.ts'
import type { GuestMerge } from './schema.ts'

/**
 * Moves the bookings that came with the merge of `id` back to it, with its e-mail and the guests merged into it before. Throws
 * GuestNotFoundError, VersionMismatchError (the version of the other guest), and ConflictError when it is not merged, or when the
 * other guest or one of the bookings has changed since.
 */
export async function unmergeGuest(tx: Tx, id: string, expected?: ExpectedVersions): Promise<GuestMerge> {
  const kept_id = await mergedInto(tx, id)
  // Bookings before guests: the lock order of everything that changes a booking.
  await tx.query(sql`
    select b.id from bookings b
    where b.agency_id = ${tx.agency_id} and b.guest_id = ${kept_id} order by b.id for no key update`)
  const [kept, merged] = await lockBoth(tx, kept_id, id)
  requireVersion(kept.version, expected)
  if (merged.merged_into_id !== kept.id) throw notMerged()
  const undo = merged.merge_undo
  if (undo?.kept_version !== kept.version) throw changedSince()
  await moveBack(tx, kept, merged, undo)
  await restoreGuests(tx, kept, merged, undo)
  recordUnmerge(tx, kept, merged, undo)
  return { guest: await getGuest(tx, merged.id), moved_bookings: undo.bookings.length }
}

async function mergedInto(tx: Tx, id: string): Promise<string> {
  const guest = await tx.maybe<{ merged_into_id: string | null }>(sql`
    select g.merged_into_id from guests g where g.agency_id = ${tx.agency_id} and g.id = ${id}`)
  if (guest === undefined) throw new GuestNotFoundError()
  if (guest.merged_into_id === null) throw notMerged()
  return guest.merged_into_id
}

function notMerged(): ConflictError {
  return new ConflictError({ message: 'The guest is not merged into another guest.' })
}

function changedSince(): ConflictError {
  return new ConflictError({ message: 'The other guest or one of the moved bookings has changed since the merge.' })
}

/** While the guest is still marked as merged: this allows staff to move its bookings (app.guard_booking). */
async function moveBack(tx: Tx, kept: MergeableGuest, merged: MergeableGuest, { bookings }: MergeUndo): Promise<void> {
  const ids = bookings.map((booking) => booking.id)
  const versions = bookings.map(({ version }) => version)
  const moved = await tx.query<{ id: string; version: number; property_id: string }>(sql`
    update bookings b set guest_id = ${merged.id}, version = b.version + 1
    where b.agency_id = ${tx.agency_id} and b.guest_id = ${kept.id} and (b.id, b.version) in (
      select u.id, u.version from unnest(${ids}::uuid[], ${versions}::int[]) u (id, version))
    returning b.id, b.version, b.property_id`)
  if (moved.length < bookings.length) throw changedSince()
  const change = { before: { guest_id: kept.id }, after: { guest_id: merged.id } }
  recordAudits(
    tx,
    moved.map(({ id, ...row }) => {
      return { action: 'booking.updated', entity_type: 'booking', ...change, ...row, entity_id: id }
    }),
  )
}

/** First the contact is taken from the guest that got it: an e-mail belongs to one guest. */
async function restoreGuests(
  tx: Tx,
  kept: MergeableGuest,
  merged: MergeableGuest,
  { contact, guest_ids }: MergeUndo,
): Promise<void> {
  if (contact.length > 0) {
    await tx.query(sql`
      update guests g set email = case when ${contact.includes('email')} then null else g.email end,
        phone = case when ${contact.includes('phone')} then null else g.phone end,
        country = case when ${contact.includes('country')} then null else g.country end
      where g.agency_id = ${tx.agency_id} and g.id = ${kept.id}`)
  }
  const email = contact.includes('email') ? kept.email : merged.email
  await tx.query(sql`
    update guests g set merged_into_id = null, merge_undo = null, email = ${email}
    where g.agency_id = ${tx.agency_id} and g.id = ${merged.id}`)
  await tx.query(sql`
    update guests g set merged_into_id = ${merged.id}
    where g.agency_id = ${tx.agency_id} and g.merged_into_id = ${kept.id} and g.id = any (${[...guest_ids]}::uuid[])`)
}

function recordUnmerge(tx: Tx, kept: MergeableGuest, merged: MergeableGuest, { contact }: MergeUndo): void {
  const version = kept.version + Math.min(contact.length, 1)
  const after = { unmerged_guest_id: merged.id, changed: contact }
  recordAudit(tx, { action: 'guest.updated', ...guestEntity(kept.id, version), after })
  recordAudit(tx, {
    action: 'guest.unmerged',
    ...guestEntity(merged.id, merged.version + 1),
    before: { merged_into_id: kept.id },
  })
}
