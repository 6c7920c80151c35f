// Imports stays without a unit as bookings, each in the first property that is free and large enough.
import { BookingConflictError } from '../../core/errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { occupyingStatuses } from '../availability/occupancies.ts'
import { createBookings } from '../bookings/create-many.ts'
import type { BookingInput } from '../bookings/new-row.ts'
import { type Assignment, createAssignment } from './assignment.ts'
import type { DateOrder } from './csv/dates.ts'
import { digestOf } from './duplicate-rows.ts'
import { findExistingBookings } from './existing-bookings.ts'
import { type HotelStay, readStay, type StayKey, stayFields } from './formats/hotel-stays.ts'
import { RowError } from './import-errors.ts'
import type { Importer, RowOutcome, RowResult } from './importer.ts'
import { deleted_note } from './stay-plan.ts'

export interface StayOptions {
  /** Of the rates. */
  readonly currency: string
  readonly order: DateOrder
}

interface StayEntry {
  readonly code: string
  readonly stay: HotelStay
}

/**
 * The file has no booking ids. The external code is a digest of the cells and a number that counts identical rows, so
 * identical rows are separate stays and a second import finds each of them.
 */
export function createStayImporter({ currency, order }: StayOptions): Importer<StayKey, StayEntry> {
  const count_by_digest = new Map<string, number>()
  const assignment = createAssignment()
  return {
    read(row, addNote) {
      const stay = readStay(row, currency, order, addNote)
      const digest = digestOf(stay.cells)
      const count = (count_by_digest.get(digest) ?? 0) + 1
      count_by_digest.set(digest, count)
      return { code: `${digest}-${count}`, stay }
    },
    async save(tx, entries) {
      const codes = entries.map(({ code }) => code)
      const existing = await findExistingBookings(tx, 'other', codes)
      const created = entries.filter(({ code }) => !existing.has(code))
      const results = await bookStays(tx, assignment, created, currency)
      return entries.map(({ code }) => results.get(code) ?? skipped(existing.get(code)?.is_deleted))
    },
    columns_by_field: stayFields,
    reset: () => assignment.reset(),
  }
}

function skipped(is_deleted: boolean | undefined): RowOutcome {
  return is_deleted ? { outcome: 'skipped', note: deleted_note } : { outcome: 'skipped' }
}

const max_attempts = 10

/** Books the stays and returns their results by code. Assigns them again when an assigned property was booked meanwhile. */
async function bookStays(
  tx: Tx,
  assignment: Assignment,
  entries: readonly StayEntry[],
  currency: string,
): Promise<Map<string, RowResult>> {
  const requests = entries.map(({ stay }) => ({
    check_in: stay.check_in,
    check_out: stay.check_out,
    num_guests: stay.num_adults + stay.num_children,
    takes_nights: occupyingStatuses.includes(stay.status),
  }))
  for (let attempt = 1; ; attempt += 1) {
    const property_ids = await assignment.assign(tx, requests)
    const inputs = entries.flatMap((entry, index) => inputOf(property_ids[index], entry, currency))
    try {
      await tx.savepoint(() => createBookings(tx, inputs))
    } catch (error) {
      if (!(error instanceof BookingConflictError) || attempt === max_attempts) throw error
      assignment.reset()
      continue
    }
    const max_guests = assignment.maxGuests()
    return new Map(
      entries.map(({ code, stay }, index) => {
        return [code, property_ids[index] === undefined ? noProperty(stay, max_guests) : { outcome: 'created' }]
      }),
    )
  }
}

function inputOf(property_id: string | undefined, { code, stay }: StayEntry, currency: string): BookingInput[] {
  if (property_id === undefined) return []
  const { cells: _, cancelled_at, ...facts } = stay
  const given = { ...facts, ...(cancelled_at !== undefined && { cancelled_at }), property_id, currency }
  return [{ ...given, source: 'other', external_code: code, payment_status: 'external' }]
}

function noProperty({ check_in, check_out, num_adults, num_children }: HotelStay, max_guests: number): RowError {
  const num_guests = num_adults + num_children
  const reason =
    num_guests > max_guests
      ? `no active property takes ${num_guests} guests; the largest takes ${max_guests}`
      : `no active property for ${num_guests} guests is free from ${check_in} to ${check_out}`
  return new RowError(reason, { outcome: 'conflict' })
}
