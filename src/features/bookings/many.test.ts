// Proves that bookings made in one go are the bookings that would have been made one by one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importStage } from '../../../test/import-fixture.ts'
import {
  BookingConflictError,
  PropertyNotFoundError,
  PropertyUnavailableError,
  type ValidationError,
} from '../../core/errors.ts'
import { operatorOf } from '../agencies/agencies.ts'
import { type BookingInput, createBooking } from './bookings.ts'
import { createBookings } from './many.ts'

const { db, newAgency, newHome, rows } = await importStage()

const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'Ada@Example.com', phone: '+44 20 7946 0000' }

/** A booking of every kind that an import brings. */
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

const own = ['id', 'reference', 'created_at', 'updated_at', 'confirmed_at', 'property_id', 'guest_id', 'agency_id']

/** What is the same for every agency: ids, references and times of the moment left out. */
const comparable = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, own.includes(name) && value !== null ? '…' : value]),
  )

async function everythingOf(agency_id: string) {
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
  const events = await rows(
    `select j.name, j.data ->> 'agency_id' = b.agency_id::text as is_own, b.check_in, b.status from pgboss.job j
     join bookings b on b.id::text = j.data ->> 'entity_id' where b.agency_id = $1 order by b.check_in, b.status`,
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
    events,
  }
}

test('rows, guests, ledger, audit entries and events are those of bookings made one by one', async () => {
  const [apart, at_once] = [await newAgency(), await newAgency()]
  const one_by_one = inputsFor(await newHomeOf(apart))
  await db.tenantTx(operatorOf(apart), async (tx) => {
    for (const input of one_by_one) await createBooking(tx, input)
  })
  const many = inputsFor(await newHomeOf(at_once))
  await db.tenantTx(operatorOf(at_once), (tx) => createBookings(tx, many))
  const [expected, made] = [await everythingOf(apart), await everythingOf(at_once)]
  assert.deepEqual(made, expected)
  assert.deepEqual([made.bookings.length, made.ledger.length, made.events.length], [6, 3, 6])
})

const newHomeOf = (agency_id: string) => newHome(agency_id, { cleaning_fee_cents: 1500 })

/** What becomes of two bookings of which the second is refused. */
async function refusal(agency_id: string, input: BookingInput): Promise<unknown> {
  const good = { property_id: await newHome(agency_id), check_in: '2026-06-01', check_out: '2026-06-02', num_adults: 1 }
  const failed = await db
    .tenantTx(operatorOf(agency_id), (tx) => createBookings(tx, [good, input]))
    .catch((error: unknown) => error)
  assert.deepEqual(await rows('select id from bookings where agency_id = $1', agency_id), [])
  return failed
}

test('one that is refused takes the others with it, for the reason it would be refused alone', async () => {
  const agency_id = await newAgency()
  const property_id = await newHome(agency_id)
  const closed = await newHome(agency_id, { is_active: false })
  const foreign = await newHome(await newAgency())
  const stay = { property_id, check_in: '2026-06-01', check_out: '2026-06-03', num_adults: 1 }
  assert.ok((await refusal(agency_id, { ...stay, property_id: foreign })) instanceof PropertyNotFoundError)
  assert.ok((await refusal(agency_id, { ...stay, property_id: closed })) instanceof PropertyUnavailableError)
  const crowded = (await refusal(agency_id, { ...stay, num_adults: 9 })) as ValidationError
  assert.deepEqual(
    crowded.details?.map(({ code }) => code),
    ['TOO_MANY_GUESTS'],
  )
  const twice = db.tenantTx(operatorOf(agency_id), (tx) => createBookings(tx, [stay, stay]))
  await assert.rejects(twice, BookingConflictError)
})
