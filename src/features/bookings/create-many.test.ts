// Tests that createBookings saves the same rows as createBooking for each booking.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openImportFixture } from '../../../test/import-fixture.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import {
  BookingConflictError,
  PropertyNotFoundError,
  PropertyUnavailableError,
  type ValidationError,
} from '../../core/errors.ts'
import { createBooking } from './create.ts'
import { createBookings } from './create-many.ts'
import type { BookingInput } from './new-row.ts'

const { db, newAgency, newProperty, rows } = await openImportFixture()

const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'Ada@Example.com', phone: '+44 20 7946 0000' }

/** Bookings of every kind that imports contain. */
function inputsFor(property_id: string): BookingInput[] {
  const stay = (day: number) => ({
    property_id,
    check_in: `2026-05-${String(day).padStart(2, '0')}`,
    check_out: `2026-05-${String(day + 1).padStart(2, '0')}`,
    num_adults: 2,
  })
  return [
    { ...stay(1), status: 'checked_out', source: 'other', external_code: 'a', nightly_rate_cents: 5000, guest },
    { ...stay(1), status: 'cancelled', cancelled_at: '2026-01-02T03:04:05Z', cancelled_by: 'guest', total_cents: 0 },
    { ...stay(2), num_children: 1, total_cents: 7000, currency: 'SEK', guest_message: 'späte Anreise', guest },
    { ...stay(3), status: 'inquiry', guest: { ...guest, last_name: 'King' } },
    { ...stay(3), status: 'no_show', payment_status: 'external', internal_notes: 'rang twice' },
    { ...stay(4), status: 'checked_in', source: 'airbnb', external_code: 'b', num_infants: 1 },
  ]
}

const replaced = [
  'id',
  'reference',
  'created_at',
  'updated_at',
  'confirmed_at',
  'property_id',
  'held_property',
  'guest_id',
  'agency_id',
]

/** The row with ids, references and current times replaced, to compare two agencies. */
const comparable = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, replaced.includes(name) && value !== null ? '…' : value]),
  )

async function savedRowsOf(agency_id: string) {
  const bookings = await rows('select * from bookings where agency_id = $1 order by id', agency_id)
  const log = await rows(
    "select action, actor_role, after from audit_log where agency_id = $1 and (action like 'booking.%' or action like 'guest.%') order by id",
    agency_id,
  )
  const ledger = await rows(
    `select o.kind, o.during::text, b.status from occupancies o join bookings b on b.id = o.booking_id
     where o.agency_id = $1 order by o.during`,
    agency_id,
  )
  const after = (value: unknown) => (value === null ? null : comparable(value as Record<string, unknown>))
  return {
    bookings: bookings
      .map(comparable)
      .map((row) => JSON.stringify(row))
      .sort(),
    log: log.map((row) => JSON.stringify({ ...row, after: after(row.after) })).sort(),
    ledger,
  }
}

test('createBookings saves the same rows and audit entries as createBooking', async () => {
  const [single_agency, batch_agency] = [await newAgency(), await newAgency()]
  const single_inputs = inputsFor(await newPropertyOf(single_agency))
  await db.tenantTx(operatorOf(single_agency), async (tx) => {
    for (const input of single_inputs) await createBooking(tx, input, 'none')
  })
  const batch_inputs = inputsFor(await newPropertyOf(batch_agency))
  await db.tenantTx(operatorOf(batch_agency), (tx) => createBookings(tx, batch_inputs))
  const [expected, actual] = [await savedRowsOf(single_agency), await savedRowsOf(batch_agency)]
  assert.deepEqual(actual, expected)
  assert.deepEqual([actual.bookings.length, actual.ledger.length], [6, 3])
})

const newPropertyOf = (agency_id: string) => newProperty(agency_id, { cleaning_fee_cents: 1500 })

/** The error when the second of two bookings is refused. Asserts that neither is saved. */
async function refusalOf(agency_id: string, input: BookingInput): Promise<unknown> {
  const valid = {
    property_id: await newProperty(agency_id),
    check_in: '2026-06-01',
    check_out: '2026-06-02',
    num_adults: 1,
  }
  const error = await db
    .tenantTx(operatorOf(agency_id), (tx) => createBookings(tx, [valid, input]))
    .catch((cause: unknown) => cause)
  assert.deepEqual(await rows('select id from bookings where agency_id = $1', agency_id), [])
  return error
}

test('one refused booking fails the whole batch, with the error of createBooking', async () => {
  const agency_id = await newAgency()
  const property_id = await newProperty(agency_id)
  const inactive = await newProperty(agency_id, { is_active: false })
  const foreign = await newProperty(await newAgency())
  const stay = { property_id, check_in: '2026-06-01', check_out: '2026-06-03', num_adults: 1 }
  assert.ok((await refusalOf(agency_id, { ...stay, property_id: foreign })) instanceof PropertyNotFoundError)
  assert.ok((await refusalOf(agency_id, { ...stay, property_id: inactive })) instanceof PropertyUnavailableError)
  const too_many_guests = (await refusalOf(agency_id, { ...stay, num_adults: 9 })) as ValidationError
  assert.deepEqual(
    too_many_guests.details?.map(({ code }) => code),
    ['TOO_MANY_GUESTS'],
  )
  const twice = db.tenantTx(operatorOf(agency_id), (tx) => createBookings(tx, [stay, stay]))
  await assert.rejects(twice, BookingConflictError)
})
