// Airbnb reservations -> bookings, found again by their confirmation code: created, revised or left alone.
import type { Tx } from '../../core/postgres/transaction.ts'
import type { BookingInput } from '../bookings/bookings.ts'
import { createBookings } from '../bookings/many.ts'
import { type Revision, reviseBooking } from '../bookings/revision.ts'
import { type Reservation, type ReservationKey, readReservation } from './airbnb-reservations.ts'
import { type Done, orRowError, type Result, sideBySide } from './batch.ts'
import type { DateOrder } from './dates.ts'
import { RowError } from './import-errors.ts'
import { deletedNote, findKnownBookings, type KnownBooking } from './known-bookings.ts'
import { parseMoney } from './money.ts'
import { createNamedProperties, type NamedProperty, type Resolution } from './named-properties.ts'
import { createRepeats } from './repeats.ts'
import type { Importer } from './run.ts'

export interface ReservationOptions {
  /** Of the earnings; undefined: the currency of each row's property. */
  readonly currency: string | undefined
  readonly order: DateOrder
}

export function createReservationImporter(options: ReservationOptions): Importer<ReservationKey, Reservation> {
  const repeats = createRepeats()
  const homes = createNamedProperties()
  return {
    read(row, note) {
      const reservation = readReservation(row, options.order, note)
      const { row: _, ...facts } = reservation
      const repeated = repeats.check(reservation.code, row.line, { ...facts, earnings: row.text('earnings') })
      if (repeated === 'same') return { outcome: 'skipped', note: 'the same as a line before' }
      if (repeated !== undefined) throw row.error('code', `stands in line ${repeated} already, with other facts`)
      return reservation
    },
    async save(tx, reservations) {
      const codes = reservations.map(({ code }) => code)
      const known = await findKnownBookings(tx, 'airbnb', codes)
      const names = reservations.map(({ listing }) => listing)
      await homes.load(tx, names)
      const plans = reservations.map((reservation) =>
        orRowError(() => planOf(reservation, homes.find(reservation.listing), known.get(reservation.code), options)),
      )
      const created = plans.flatMap((plan) => ('create' in plan ? [plan.create] : []))
      await createBookings(tx, created)
      return sideBySide(plans, (plan) => finish(tx, plan))
    },
    columnOf: (field) => fieldColumns[field],
    forget: () => homes.forget(),
  }
}

const fieldColumns: Readonly<Record<string, ReservationKey>> = {
  check_in: 'start',
  check_out: 'end',
  num_adults: 'adults',
  num_children: 'children',
  num_infants: 'infants',
  external_code: 'code',
  total_cents: 'earnings',
  nightly_rate_cents: 'earnings',
  property_id: 'listing',
  'guest/phone': 'contact',
}

type Plan = Done | { readonly create: BookingInput } | { readonly revise: string; readonly revision: Revision }

/** Throws RowError. */
function planOf(
  reservation: Reservation,
  home: Resolution,
  booking: KnownBooking | undefined,
  options: ReservationOptions,
): Plan {
  if (booking === undefined) return { create: inputOf(reservation, home, options) }
  if (booking.is_deleted) return { outcome: 'skipped', note: deletedNote }
  if ('property' in home && home.property.id !== booking.property_id)
    throw elsewhere(reservation, booking, home.property)
  const revision = revisionOf(reservation, booking, options)
  return Object.keys(revision).length === 0 ? { outcome: 'skipped' } : { revise: booking.id, revision }
}

/** After the new bookings are there: where two rows of a batch are about the same nights, one of them fails either way. */
async function finish(tx: Tx, plan: Plan | RowError): Promise<Result> {
  if ('create' in plan) return { outcome: 'created' }
  if (!('revise' in plan)) return plan
  await reviseBooking(tx, plan.revise, plan.revision)
  return { outcome: 'updated' }
}

function inputOf(reservation: Reservation, home: Resolution, options: ReservationOptions): BookingInput {
  const { code: external_code, listing: _, row, guest, cancelled_by, ...facts } = reservation
  if ('problem' in home) throw row.error('listing', home.problem)
  const { property } = home
  const currency = options.currency ?? property.currency
  const total_cents = totalOf(reservation, currency)
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

/** Minor units. An empty cell says nothing, so the property's price counts; a cancelled stay then costs nothing. */
function totalOf({ row, status }: Reservation, currency: string): number | undefined {
  const text = row.text('earnings')
  if (text === '') return status === 'cancelled' ? 0 : undefined
  const amount = parseMoney(text, currency)
  if ('problem' in amount) throw row.error('earnings', amount.problem)
  return amount.cents
}

function elsewhere({ row, code }: Reservation, booking: KnownBooking, property: NamedProperty): RowError {
  const reason = `${code} is booked in another property (${booking.property_id}): a booking does not move to "${property.name}"`
  return new RowError(reason, {
    column: row.error('listing', '').column,
    value: row.text('listing'),
    outcome: 'conflict',
  })
}

const compared = ['status', 'check_in', 'check_out', 'num_adults', 'num_children', 'num_infants'] as const

/** What the file says otherwise. The guest is left alone: a person's data may have been corrected or erased here. */
function revisionOf(reservation: Reservation, booking: KnownBooking, options: ReservationOptions): Revision {
  const differing = compared.filter((field) => reservation[field] !== booking[field])
  const { cancelled_by } = reservation
  const currency = options.currency ?? booking.currency
  const has_total = reservation.row.text('earnings') !== ''
  const total_cents = has_total ? totalOf(reservation, currency) : undefined
  const is_repriced =
    total_cents !== undefined && (total_cents !== booking.total_cents || currency !== booking.currency)
  return {
    ...Object.fromEntries(differing.map((field) => [field, reservation[field]])),
    ...(differing.includes('status') && cancelled_by !== undefined && { cancelled_by }),
    ...(is_repriced && { total_cents, currency }),
  }
}
