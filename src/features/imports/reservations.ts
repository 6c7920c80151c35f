// Airbnb reservations -> bookings, found again by their confirmation code: created, revised or left alone.
import type { Tx } from '../../core/transaction.ts'
import { createBooking } from '../bookings/bookings.ts'
import { type Revision, reviseBooking } from '../bookings/revision.ts'
import { type Reservation, type ReservationKey, readReservation } from './airbnb-reservations.ts'
import type { Done, Save } from './batch.ts'
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
    async prepare(tx, reservations) {
      const codes = reservations.map(({ code }) => code)
      const known = await findKnownBookings(tx, 'airbnb', codes)
      await homes.load(
        tx,
        reservations.map(({ listing }) => listing),
      )
      return (reservation) => {
        const home = homes.find(reservation.listing)
        const booking = known.get(reservation.code)
        return booking === undefined
          ? create(tx, reservation, home, options)
          : revise(tx, reservation, home, booking, options)
      }
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

function create(tx: Tx, reservation: Reservation, home: Resolution, options: ReservationOptions): Save {
  const { code: external_code, listing: _, row, guest, cancelled_by, ...facts } = reservation
  if ('problem' in home) throw row.error('listing', home.problem)
  const { property } = home
  const currency = options.currency ?? property.currency
  const total_cents = totalOf(reservation, currency)
  return async () => {
    await createBooking(tx, {
      ...facts,
      ...(guest !== undefined && { guest }),
      ...(cancelled_by !== undefined && { cancelled_by }),
      ...(total_cents !== undefined && { total_cents, currency }),
      property_id: property.id,
      source: 'airbnb',
      external_code,
      payment_status: 'external',
    })
    return { outcome: 'created' }
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

function revise(
  tx: Tx,
  reservation: Reservation,
  home: Resolution,
  booking: KnownBooking,
  options: ReservationOptions,
): Done | Save {
  if (booking.is_deleted) return { outcome: 'skipped', note: deletedNote }
  if ('property' in home && home.property.id !== booking.property_id)
    throw elsewhere(reservation, booking, home.property)
  const revision = revisionOf(reservation, booking, options)
  if (Object.keys(revision).length === 0) return { outcome: 'skipped' }
  return async () => {
    await reviseBooking(tx, booking.id, revision)
    return { outcome: 'updated' }
  }
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
