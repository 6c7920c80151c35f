// Imports Airbnb reservations as bookings: creates, revises or skips each, by confirmation code.
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { createBookings } from '../bookings/create-many.ts'
import type { BookingInput } from '../bookings/new-row.ts'
import { type Revision, reviseBooking } from '../bookings/revise.ts'
import { optionalMoney } from './csv/cells.ts'
import type { DateOrder } from './csv/dates.ts'
import { createDuplicateCheck } from './duplicate-rows.ts'
import { deleted_note, type ExistingBooking, findExistingBookings } from './existing-bookings.ts'
import {
  type Reservation,
  type ReservationKey,
  readReservation,
  reservationFields,
} from './formats/airbnb-reservations.ts'
import { catchRowError, RowError } from './import-errors.ts'
import type { Importer, RowOutcome, RowResult } from './importer.ts'
import { createPropertyLookup, type LookupResult } from './property-lookup.ts'

export interface ReservationOptions {
  /** Of the earnings; undefined: the currency of each row's property. */
  readonly currency: string | undefined
  readonly order: DateOrder
}

export function createReservationImporter(options: ReservationOptions): Importer<ReservationKey, Reservation> {
  const duplicates = createDuplicateCheck<ReservationKey>()
  const properties = createPropertyLookup()
  return {
    read(row, addNote) {
      const reservation = readReservation(row, options.order, addNote)
      const { row: _, ...facts } = reservation
      return duplicates.check(row, 'code', { ...facts, earnings: row.text('earnings') }) ?? reservation
    },
    async save(tx, reservations) {
      const codes = reservations.map(({ code }) => code)
      const existing = await findExistingBookings(tx, 'airbnb', codes)
      const names = reservations.map(({ listing }) => listing)
      await properties.load(tx, names)
      const plans = reservations.map((reservation) => {
        const { code, listing } = reservation
        return catchRowError(() => planRow(reservation, properties.find(listing), existing.get(code), options))
      })
      const inputs = plans.flatMap((plan) => ('create' in plan ? [plan.create] : []))
      await createBookings(tx, inputs)
      return settleAll(...plans.map((plan) => finishRow(tx, plan)))
    },
    columns_by_field: reservationFields,
    reset: () => properties.reset(),
  }
}

type Plan = RowOutcome | { readonly create: BookingInput } | { readonly id: string; readonly revision: Revision }

/** Throws RowError. */
function planRow(
  reservation: Reservation,
  lookup: LookupResult,
  existing: ExistingBooking | undefined,
  options: ReservationOptions,
): Plan {
  const { row, code } = reservation
  if (existing === undefined) return { create: inputOf(reservation, lookup, options) }
  if (existing.is_deleted) return { outcome: 'skipped', note: deleted_note }
  if ('property' in lookup && lookup.property.id !== existing.property_id) {
    const { name } = lookup.property
    const reason = `${code} is booked in another property (${existing.property_id}) and cannot be moved to "${name}"`
    throw row.error('listing', reason, 'conflict')
  }
  const revision = revisionOf(reservation, existing, options)
  return Object.keys(revision).length === 0 ? { outcome: 'skipped' } : { id: existing.id, revision }
}

/** Runs after the new bookings are saved. */
async function finishRow(tx: Tx, plan: Plan | RowError): Promise<RowResult> {
  if (plan instanceof RowError || 'outcome' in plan) return plan
  if ('create' in plan) return { outcome: 'created' }
  await reviseBooking(tx, plan.id, plan.revision)
  return { outcome: 'updated' }
}

function inputOf(reservation: Reservation, lookup: LookupResult, options: ReservationOptions): BookingInput {
  const { code: external_code, listing: _, row, guest, cancelled_by, ...facts } = reservation
  if ('problem' in lookup) throw row.error('listing', lookup.problem)
  const { property } = lookup
  const currency = options.currency ?? property.currency
  // Without earnings createBookings prices the nights; a cancelled stay is free.
  const total_cents = optionalMoney(row, 'earnings', currency) ?? (facts.status === 'cancelled' ? 0 : undefined)
  return {
    ...facts,
    ...(guest !== undefined && { guest }),
    ...(cancelled_by !== undefined && { cancelled_by }),
    ...(total_cents !== undefined && { total_cents, currency }),
    property_id: property.id,
    source: 'airbnb',
    external_code,
    payment_status: 'external',
  }
}

const compared = ['status', 'check_in', 'check_out', 'num_adults', 'num_children', 'num_infants'] as const

/** The values that differ. The guest is not compared: the data may have been corrected or erased in Roost. */
function revisionOf(reservation: Reservation, existing: ExistingBooking, options: ReservationOptions): Revision {
  const changed = compared.filter((field) => reservation[field] !== existing[field])
  const { cancelled_by, row } = reservation
  const currency = options.currency ?? existing.currency
  const total_cents = optionalMoney(row, 'earnings', currency)
  const has_other_total =
    total_cents !== null && (total_cents !== existing.total_cents || currency !== existing.currency)
  return {
    ...Object.fromEntries(changed.map((field) => [field, reservation[field]])),
    ...(changed.includes('status') && cancelled_by !== undefined && { cancelled_by }),
    ...(has_other_total && { total_cents, currency }),
  }
}
