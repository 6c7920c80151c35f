// Bookings as CSV, streamed page by page, each page in its own transaction.
import { Readable } from 'node:stream'
import type { Actor } from '../../core/auth/actors.ts'
import { findScope } from '../../core/auth/permissions.ts'
import { byteOrderMark, csvLine } from '../../core/csv.ts'
import type { Cursors } from '../../core/cursors.ts'
import type { Database } from '../../core/postgres/database.ts'
import type { Page } from '../../core/postgres/pages.ts'
import { settleAll } from '../../core/settle-all.ts'
import { bookingsCost } from './filters.ts'
import { guestFields, listBookings } from './list.ts'
import type { BookingFilter, BookingQuery } from './list-schema.ts'
import { type Booking, visibleFields } from './schema.ts'

const page_rows = 100

type ReadPage = (cursor?: string) => Promise<Page<Booking>>

/**
 * The lines of the file: the members of a booking that the role may see, then those of the guest, by arrival. Reads the first
 * page before the response starts, so that a failure there is a normal error response. Throws ValidationError.
 */
export async function exportBookings(
  db: Database,
  cursors: Cursors,
  actor: Actor,
  filter: BookingFilter,
): Promise<Readable> {
  const readPage: ReadPage = (cursor) => {
    const query: BookingQuery = {
      ...filter,
      sort: 'check_in',
      limit: page_rows,
      ...(cursor !== undefined && { cursor }),
    }
    // Every page except the first checks the permission again.
    return db.tenantRead(
      actor,
      async (tx) => {
        const [json] = await settleAll(
          listBookings(tx, cursors, query),
          cursor === undefined ? Promise.resolve() : tx.requireActor(),
        )
        return JSON.parse(json) as Page<Booking>
      },
      bookingsCost(actor, query),
    )
  }
  return Readable.from(linesOf(actor, readPage, await readPage()))
}

/** A page is read when the client has taken the previous one. No database connection is held in between. */
async function* linesOf(actor: Actor, readPage: ReadPage, first: Page<Booking>): AsyncGenerator<string> {
  const scope = findScope(actor.role, 'bookings:read') ?? 'own'
  const own = visibleFields[scope]
  const guest = guestFields[scope]
  yield byteOrderMark + csvLine([...own, ...guest.map((name) => `guest_${name}`)])
  const lineOf = (booking: Booking) => {
    const members: Readonly<Record<string, unknown>> = { ...booking }
    const person: Readonly<Record<string, unknown>> = { ...booking.guest }
    return csvLine([...own.map((name) => members[name]), ...guest.map((name) => person[name])])
  }
  let page = first
  for (;;) {
    yield page.items.map(lineOf).join('')
    if (page.next_cursor === null) return
    page = await readPage(page.next_cursor)
  }
}
