// Tests updates of a booking by its channel: one change, checked for free nights.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players, south } from '../../../test/cast.ts'
import { openImportFixture } from '../../../test/import-fixture.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { BookingConflictError, BookingNotFoundError, ValidationError } from '../../core/errors.ts'
import { createBooking } from './create.ts'
import { deleteBooking } from './delete.ts'
import type { BookingInput } from './new-row.ts'
import { type Revision, reviseBookings } from './revise.ts'
import type { FullBooking } from './schema.ts'

const { db, rows } = await openImportFixture()
const operator = operatorOf(north)
let month = 0

/** A booking in a month of its own. */
function book(more: Partial<BookingInput> = {}) {
  month += 1
  const [year, name] = [2030 + Math.floor(month / 12), String((month % 12) + 1).padStart(2, '0')]
  const dates = { check_in: `${year}-${name}-10`, check_out: `${year}-${name}-14` }
  return db.tenantTx(operator, (tx) =>
    createBooking(
      tx,
      { property_id: castProperties.lake.id, num_adults: 2, total_cents: 40_000, ...dates, ...more },
      'none',
    ),
  )
}

async function revise(id: string, revision: Revision): Promise<FullBooking> {
  const [after] = await db.tenantTx(operator, (tx) => reviseBookings(tx, [{ id, revision }]))
  assert.ok(after)
  return after
}
const nightsOf = async (id: string) =>
  (await rows('select during::text from occupancies where booking_id = $1', id)).map(({ during }) => during)
const day = (date: string, number: number) => `${date.slice(0, 8)}${number}`

test('dates, people, status and total change in one version with one audit entry', async () => {
  const { id, check_in } = await book()
  const [from, to] = [day(check_in, 12), day(check_in, 15)]
  const after = await revise(id, {
    check_in: from,
    check_out: to,
    num_adults: 3,
    status: 'checked_in',
    total_cents: 35_000,
  })
  assert.deepEqual(
    [
      after.check_in,
      after.num_nights,
      after.num_adults,
      after.status,
      after.total_cents,
      after.subtotal_cents,
      after.version,
    ],
    [from, 3, 3, 'checked_in', 35_000, 35_000, 2],
  )
  assert.deepEqual(await nightsOf(id), [`[${from},${to})`])
  const audit = await rows(`select action from audit_log where entity_id = $1 order by created_at`, id)
  assert.deepEqual(audit, [{ action: 'booking.created' }, { action: 'booking.updated' }])
})

test('a checked-out booking keeps its nights, and its total can still change', async () => {
  const { id } = await book()
  await revise(id, { status: 'checked_out' })
  assert.equal((await nightsOf(id)).length, 1)
  assert.equal((await revise(id, { total_cents: 38_000 })).total_cents, 38_000)
})

test('cancelling frees the nights; reinstating takes them and clears the cancellation', async () => {
  const { id } = await book()
  const cancelled = await revise(id, { status: 'cancelled' })
  assert.notEqual(cancelled.cancelled_at, null)
  assert.deepEqual(await nightsOf(id), [])
  const reinstated = await revise(id, { status: 'confirmed' })
  assert.equal(reinstated.cancelled_at, null)
  assert.equal((await nightsOf(id)).length, 1)
})

test('reinstating a booking on other dates checks the new dates', async () => {
  const { id, check_in, check_out } = await book()
  await revise(id, { status: 'cancelled' })
  await book({ check_in, check_out })
  await assert.rejects(revise(id, { status: 'confirmed' }), BookingConflictError)
  await revise(id, { status: 'confirmed', check_in: day(check_in, 20), check_out: day(check_in, 22) })
  assert.deepEqual(await nightsOf(id), [`[${day(check_in, 20)},${day(check_in, 22)})`])
})

test('a change to taken nights is refused and changes nothing', async () => {
  const { id, check_in, check_out } = await book()
  await book({ check_in: day(check_in, 14), check_out: day(check_in, 16) })
  await assert.rejects(revise(id, { check_out: day(check_in, 15), total_cents: 1 }), BookingConflictError)
  const [row] = await rows('select check_out::text, total_cents::int, version from bookings where id = $1', id)
  assert.deepEqual(row, { check_out, total_cents: 40_000, version: 1 })
})

test('invalid dates are refused', async () => {
  const { id, check_in } = await book()
  await assert.rejects(revise(id, { check_out: check_in }), ValidationError)
})

test('more guests than the property takes are saved: the channel has sold the stay', async () => {
  const { id } = await book()
  assert.equal((await revise(id, { num_adults: 50 })).num_adults, 50)
})

test('a total below its parts reduces the cleaning fee, then the tax', async () => {
  const { id } = await book({ cleaning_fee_cents: 5000, tax_cents: 1000 })
  const partsOf = ({ subtotal_cents, cleaning_fee_cents, tax_cents }: FullBooking) => [
    subtotal_cents,
    cleaning_fee_cents,
    tax_cents,
  ]
  assert.deepEqual(partsOf(await revise(id, { total_cents: 6000 })), [0, 5000, 1000])
  assert.deepEqual(partsOf(await revise(id, { total_cents: 3000 })), [0, 2000, 1000])
  assert.deepEqual(partsOf(await revise(id, { total_cents: 0, status: 'cancelled' })), [0, 0, 0])
})

test('two bookings exchange their nights in one call; a third one in the way refuses both', async () => {
  const [first, second] = [await book(), await book()]
  const nights = ({ check_in, check_out }: FullBooking) => ({ check_in, check_out })
  const exchange = () =>
    db.tenantTx(operator, (tx) =>
      reviseBookings(tx, [
        { id: first.id, revision: nights(second) },
        { id: second.id, revision: nights(first) },
      ]),
    )
  await exchange()
  assert.deepEqual(await nightsOf(first.id), [`[${second.check_in},${second.check_out})`])
  assert.deepEqual(await nightsOf(second.id), [`[${first.check_in},${first.check_out})`])
  await revise(second.id, { check_out: day(first.check_in, 12) })
  await book({ check_in: day(first.check_in, 12), check_out: first.check_out })
  await assert.rejects(
    db.tenantTx(operator, (tx) =>
      reviseBookings(tx, [
        { id: second.id, revision: nights(second) },
        { id: first.id, revision: nights(first) },
      ]),
    ),
    BookingConflictError,
  )
  assert.deepEqual(await nightsOf(first.id), [`[${second.check_in},${second.check_out})`])
})

test('payout, fee and day of booking are kept beside the price', async () => {
  const { id } = await book()
  const after = await revise(id, { payout_cents: -500, channel_fee_cents: 300, booked_on: '2029-12-01' })
  assert.deepEqual(
    [after.payout_cents, after.channel_fee_cents, after.booked_on, after.total_cents],
    [-500, 300, '2029-12-01', 40_000],
  )
})

test('bookings of another agency, deleted and unknown ones are not found', async () => {
  const { id } = await book()
  await assert.rejects(
    db.tenantTx(operatorOf(south), (tx) => reviseBookings(tx, [{ id, revision: { num_adults: 1 } }])),
    BookingNotFoundError,
  )
  await db.tenantTx(operator, (tx) => deleteBooking(tx, id))
  await assert.rejects(revise(id, { num_adults: 1 }), BookingNotFoundError)
  await assert.rejects(revise(players.admin.user_id, { num_adults: 1 }), BookingNotFoundError)
})
