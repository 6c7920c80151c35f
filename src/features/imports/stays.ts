// Stays without a unit -> bookings, each in the first home that is free and large enough.
import { BookingConflictError } from '../../core/errors.ts'
import type { Tx } from '../../core/transaction.ts'
import { occupyingStatuses } from '../availability/occupancies.ts'
import { type BookingInput, createBooking } from '../bookings/bookings.ts'
import { type Assignment, createAssignment, type Nights } from './assignment.ts'
import { ChooseAgainError, type Done, type Save } from './batch.ts'
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
    async prepare(tx, stays) {
      await assignment.begin(tx)
      const codes = stays.map(({ code }) => code)
      const known = await findKnownBookings(tx, 'other', codes)
      return ({ code, stay }) => {
        const booking = known.get(code)
        if (booking !== undefined) return skipped(booking.is_deleted)
        return assign(tx, assignment, code, stay, currency)
      }
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

function skipped(is_deleted: boolean): Done {
  return is_deleted ? { outcome: 'skipped', note: deletedNote } : { outcome: 'skipped' }
}

/**
 * Trusts its memory at first: booking asks the ledger anyway. Where that was wrong, the ledger is asked before. The
 * nights are remembered as taken before they are booked, because the rows of a batch are saved side by side.
 */
function assign(tx: Tx, assignment: Assignment, code: string, stay: HotelStay, currency: string): Save {
  const takes_nights = occupyingStatuses.includes(stay.status)
  const guests = stay.num_adults + stay.num_children
  let choices = 0
  async function choose(): Promise<string | undefined> {
    choices += 1
    if (!takes_nights) return assignment.firstLargeEnough(guests)
    const property_id = choices === 1 ? assignment.guess(guests, stay) : await assignment.pick(tx, guests, stay)
    if (property_id !== undefined) assignment.learn(property_id, stay)
    return property_id
  }
  return async () => {
    const property_id = await choose()
    if (property_id === undefined) throw homeless(stay, guests, assignment.largest())
    try {
      await createBooking(tx, inputOf(property_id, code, stay, currency))
    } catch (error) {
      assignment.unlearn(property_id, stay)
      if (!(error instanceof BookingConflictError)) throw error
      assignment.learn(property_id, nightsIn(error) ?? { ...stay })
      throw new ChooseAgainError('these nights are taken', { cause: error })
    }
    return { outcome: 'created' }
  }
}

function inputOf(property_id: string, code: string, stay: HotelStay, currency: string): BookingInput {
  const { cells: _, cancelled_at, ...facts } = stay
  return {
    ...facts,
    ...(cancelled_at !== undefined && { cancelled_at }),
    property_id,
    currency,
    source: 'other',
    external_code: code,
    payment_status: 'external',
  }
}

/** The nights in the ledger that stood in the way, where the error names them. */
function nightsIn(error: BookingConflictError): Nights | undefined {
  return error.meta?.conflict as Nights | undefined
}

function homeless({ check_in, check_out }: HotelStay, guests: number, largest: number): RowError {
  const reason =
    guests > largest
      ? `no active property takes ${guests} guests; the largest takes ${largest}`
      : `no active property for ${guests} guests is free from ${check_in} to ${check_out}`
  return new RowError(reason, { outcome: 'conflict' })
}
