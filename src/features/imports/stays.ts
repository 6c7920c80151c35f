// Stays without a unit -> bookings, each in the first home that is free and large enough.
import { BookingConflictError } from '../../core/errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { occupyingStatuses } from '../availability/occupancies.ts'
import type { BookingInput } from '../bookings/bookings.ts'
import { createBookings } from '../bookings/many.ts'
import { type Assignment, createAssignment } from './assignment.ts'
import type { Done, Result } from './batch.ts'
import type { DateOrder } from './dates.ts'
import { type HotelStay, readStay, type StayKey } from './hotel-stays.ts'
import { RowError } from './import-errors.ts'
import { deletedNote, findKnownBookings } from './known-bookings.ts'
import { digestOf } from './repeats.ts'
import type { Importer } from './run.ts'

export interface StayOptions {
  /** Of the rates. */
  readonly currency: string
  readonly order: DateOrder
}

interface Coded {
  readonly code: string
  readonly stay: HotelStay
}

/**
 * The file names no booking, so a stay is known by a digest of its cells and by being the n-th such row of the file:
 * identical rows are distinct stays, and a second import finds each of them again.
 */
export function createStayImporter({ currency, order }: StayOptions): Importer<StayKey, Coded> {
  const occurrences = new Map<string, number>()
  const assignment = createAssignment()
  return {
    read(row, note) {
      const stay = readStay(row, currency, order, note)
      const digest = digestOf(stay.cells)
      const occurrence = (occurrences.get(digest) ?? 0) + 1
      occurrences.set(digest, occurrence)
      return { code: `${digest}-${occurrence}`, stay }
    },
    async save(tx, stays) {
      const codes = stays.map(({ code }) => code)
      const known = await findKnownBookings(tx, 'other', codes)
      const fresh = stays.filter(({ code }) => !known.has(code))
      const saved = await bookEach(tx, assignment, fresh, currency)
      return stays.map(({ code }) => saved.get(code) ?? skipped(known.get(code)?.is_deleted))
    },
    columnOf: (field) => fieldColumns[field],
    forget: () => assignment.forget(),
  }
}

const fieldColumns: Readonly<Record<string, StayKey>> = {
  check_in: 'year',
  check_out: 'week_nights',
  num_adults: 'adults',
  num_children: 'children',
  num_infants: 'babies',
  total_cents: 'rate',
  nightly_rate_cents: 'rate',
}

function skipped(is_deleted: boolean | undefined): Done {
  return is_deleted ? { outcome: 'skipped', note: deletedNote } : { outcome: 'skipped' }
}

/** So often a home that was chosen may have been booked by somebody else meanwhile. */
const max_choices = 10

/** Books each stay in the home it is given, and gives them other homes when the ledger says that one is taken. By code. */
async function bookEach(
  tx: Tx,
  assignment: Assignment,
  stays: readonly Coded[],
  currency: string,
): Promise<Map<string, Result>> {
  const wanted = stays.map(({ stay }) => ({
    check_in: stay.check_in,
    check_out: stay.check_out,
    guests: stay.num_adults + stay.num_children,
    takes_nights: occupyingStatuses.includes(stay.status),
  }))
  for (let choice = 1; ; choice += 1) {
    const homes = await assignment.assign(tx, wanted)
    const inputs = stays.flatMap((coded, place) => inputOf(homes[place], coded, currency))
    try {
      await tx.attempt(() => createBookings(tx, inputs))
    } catch (error) {
      if (!(error instanceof BookingConflictError) || choice === max_choices) throw error
      assignment.forget()
      continue
    }
    const largest = assignment.largest()
    return new Map(
      stays.map(({ code, stay }, place) => {
        return [code, homes[place] === undefined ? homeless(stay, largest) : { outcome: 'created' }]
      }),
    )
  }
}

function inputOf(property_id: string | undefined, { code, stay }: Coded, currency: string): BookingInput[] {
  if (property_id === undefined) return []
  const { cells: _, cancelled_at, ...facts } = stay
  const given = { ...facts, ...(cancelled_at !== undefined && { cancelled_at }), property_id, currency }
  return [{ ...given, source: 'other', external_code: code, payment_status: 'external' }]
}

function homeless({ check_in, check_out, num_adults, num_children }: HotelStay, largest: number): RowError {
  const guests = num_adults + num_children
  const reason =
    guests > largest
      ? `no active property takes ${guests} guests; the largest takes ${largest}`
      : `no active property for ${guests} guests is free from ${check_in} to ${check_out}`
  return new RowError(reason, { outcome: 'conflict' })
}
