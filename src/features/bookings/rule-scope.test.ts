// Tests the rules in scope: all for new bookings, those concerned for updates, none for imports.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north } from '../../../test/cast.ts'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, dayAfter, localToday, must, newProperty, stay } from '../../../test/steps.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { createBooking } from './create.ts'
import { reviseBookings } from './revise.ts'

const { manager, staff, store } = await castPerTest()
const fromToday = (days: number) => dayAfter(new Date().toISOString().slice(0, 10), days)

/** Creates a booking in a property without rules, then sets its rules. */
async function bookThenSetRules(
  rules: object,
  check_in: string,
  nights: number,
  more: object = {},
): Promise<Reply['body']> {
  const property_id = await newProperty(manager)
  const { body } = must(201, await staff.post('bookings', stay(property_id, check_in, nights, more)))
  must(200, await manager.patch(`properties/${property_id}`, rules))
  return body
}

const change = (id: string, patch: object) => manager.patch(`bookings/${id}`, patch)
const setStatus = (id: string, status: string) => manager.patch(`bookings/${id}/status`, { status })

function mustBreakRule(rule: string, reply: Reply): void {
  assert.equal(codeOf(must(409, reply)), 'BOOKING_RULE_BROKEN')
  assert.equal(reply.body.error.meta.rule, rule)
}

test('an update is checked only against the rules that it concerns', async () => {
  const rules = { arrival_weekdays: ['sat'], departure_weekdays: ['tue'], min_nights: 2, max_nights: 5 }
  // From Thursday to Sunday: the rules allow neither day.
  const { id } = await bookThenSetRules(rules, '2031-05-08', 3)
  must(200, await change(id, { num_adults: 1, total_cents: 9000 }))
  mustBreakRule('departure_weekday', await change(id, { check_out: '2031-05-12' }))
  must(200, await change(id, { check_out: '2031-05-13' }))
  mustBreakRule('arrival_weekday', await change(id, { check_in: '2031-05-09' }))
  must(200, await change(id, { check_in: '2031-05-10' }))
  mustBreakRule('max_nights', await change(id, { check_out: '2031-05-20' }))
  mustBreakRule('arrival_weekday', await change(id, { check_in: '2031-05-16', check_out: '2031-05-20' }))
  must(200, await change(id, { check_in: '2031-05-17', check_out: '2031-05-20' }))
})

test('a move to another property is checked against its rules, and it must be active', async () => {
  const { id } = await bookThenSetRules({ name: 'Any' }, '2031-05-08', 3)
  for (const [rule, rules] of [
    ['arrival_weekday', { arrival_weekdays: ['sat'] }],
    ['departure_weekday', { departure_weekdays: ['tue'] }],
    ['min_nights', { min_nights: 4 }],
    ['booking_window', { booking_window_days: 10 }],
  ] as const) {
    mustBreakRule(rule, await change(id, { property_id: await newProperty(manager, rules) }))
  }
  const inactive = await newProperty(manager, { is_active: false })
  assert.equal(codeOf(must(409, await change(id, { property_id: inactive }))), 'PROPERTY_UNAVAILABLE')
})

test('all rules apply when an inquiry is confirmed or a cancelled booking is reinstated', async () => {
  const inquiry = await bookThenSetRules({ min_nights: 4 }, '2031-05-08', 3, { status: 'inquiry' })
  for (const status of ['pending', 'confirmed']) mustBreakRule('min_nights', await setStatus(inquiry.id, status))
  const confirmed = await bookThenSetRules({ min_nights: 4 }, '2031-05-08', 3)
  must(200, await setStatus(confirmed.id, 'cancelled'))
  mustBreakRule('min_nights', await setStatus(confirmed.id, 'confirmed'))
})

test('a pending booking is confirmed by the rules as of the day on which it was booked', async () => {
  const rules = { notice_days: 30, booking_window_days: 60 }
  const { id } = await bookThenSetRules(rules, fromToday(20), 3, { status: 'pending' })
  mustBreakRule('notice', await setStatus(id, 'confirmed'))
  const shiftCreatedAt = (days: number, of = id) =>
    store.owner.query('update bookings set created_at = created_at - make_interval(days => $2) where id = $1', [
      of,
      days,
    ])
  await shiftCreatedAt(9)
  mustBreakRule('notice', await setStatus(id, 'confirmed'))
  await shiftCreatedAt(2)
  must(200, await setStatus(id, 'confirmed'))
  const early = await bookThenSetRules(rules, fromToday(20), 3, { status: 'pending' })
  await shiftCreatedAt(300, early.id) // then created before the booking window of its arrival
  must(200, await staff.patch(`bookings/${early.id}/status`, { status: 'confirmed' }))
  const distant = await bookThenSetRules(rules, fromToday(100), 3, { status: 'pending' })
  mustBreakRule('booking_window', await setStatus(distant.id, 'confirmed'))
})

test('confirming a pending booking ignores its own nights, but not its neighbour', async () => {
  const { id, property_id } = await bookThenSetRules({ name: 'Any' }, '2031-05-10', 3, { status: 'pending' })
  must(201, await staff.post('bookings', stay(property_id, '2031-05-13', 3)))
  must(200, await manager.patch(`properties/${property_id}`, { buffer_days_after: 1 }))
  mustBreakRule('buffer', await setStatus(id, 'confirmed'))
  must(200, await manager.patch(`properties/${property_id}`, { buffer_days_after: 0 }))
  must(200, await setStatus(id, 'confirmed'))
})

test('check-in, check-out and cancellation are not checked against the rules', async () => {
  const strict = { min_nights: 30, max_nights: 31, arrival_weekdays: ['mon'], notice_days: 300, is_active: false }
  const { id } = await bookThenSetRules(strict, localToday(-3), 3)
  must(200, await setStatus(id, 'checked_in'))
  must(200, await setStatus(id, 'checked_out'))
  const other = await bookThenSetRules(strict, '2031-05-08', 3)
  must(200, await setStatus(other.id, 'cancelled'))
})

test('the rules of sale of the other property do not apply to a split', async () => {
  const { id } = await bookThenSetRules({ name: 'Any' }, '2031-05-08', 7)
  const strict = await newProperty(manager, {
    min_nights: 30,
    max_nights: 31,
    arrival_weekdays: ['mon'],
    notice_days: 365,
  })
  must(201, await manager.post(`bookings/${id}/split`, { property_id: strict, check_in: '2031-05-10' }))
})

test('rules apply to new bookings, but not with scope none or to revisions', async () => {
  const property_id = await newProperty(manager, { min_nights: 4, arrival_weekdays: ['mon'] })
  mustBreakRule('min_nights', await staff.post('bookings', stay(property_id, '2031-05-08', 3)))
  mustBreakRule('arrival_weekday', await staff.post('bookings', stay(property_id, '2031-05-08', 4)))
  const operator = operatorOf(north)
  const { id } = await store.db.tenantTx(operator, (tx) =>
    createBooking(tx, stay(property_id, '2031-05-08', 3), 'none'),
  )
  const [revised] = await store.db.tenantTx(operator, (tx) =>
    reviseBookings(tx, [{ id, revision: { check_in: '2031-05-09' } }]),
  )
  assert.equal(revised?.check_in, '2031-05-09')
})

const strict_sale = {
  min_nights: 5,
  max_nights: 7,
  arrival_weekdays: ['mon'],
  departure_weekdays: ['mon'],
  notice_days: 300,
  booking_window_days: 365,
  is_active: false,
}
const stays: [name: string, patch: object, nights: number][] = [
  ['leaves early', { check_out: localToday() }, 2],
  ['stays longer', { check_out: localToday(8) }, 10],
  ['has arrived a day before', { check_in: localToday(-3) }, 6],
]
for (const [name, patch, nights] of stays) {
  test(`the rules of sale do not apply to a guest who is there and ${name}`, async () => {
    const { id } = await bookThenSetRules(strict_sale, localToday(-2), 5)
    must(200, await setStatus(id, 'checked_in'))
    assert.equal(must(200, await change(id, patch)).body.num_nights, nights)
  })
}

test('a guest who is there moves to another property without its rules of sale', async () => {
  const { id } = await bookThenSetRules({ name: 'Any' }, localToday(-2), 5)
  must(200, await setStatus(id, 'checked_in'))
  const property_id = await newProperty(manager, { ...strict_sale, is_active: true })
  must(200, await change(id, { property_id }))
})

test('a guest who is there stays longer only on free nights, with the buffer to the next stay', async () => {
  const { id, property_id } = await bookThenSetRules({ buffer_days_after: 1 }, localToday(-2), 3)
  must(200, await setStatus(id, 'checked_in'))
  must(201, await staff.post('bookings', stay(property_id, localToday(4), 2)))
  assert.equal(codeOf(must(409, await change(id, { check_out: localToday(5) }))), 'BOOKING_CONFLICT')
  mustBreakRule('buffer', await change(id, { check_out: localToday(4) }))
  must(200, await change(id, { check_out: localToday(3) }))
})

test('a stay that gets shorter is not refused for the buffer on its other side', async () => {
  const { id, property_id } = await bookThenSetRules({ name: 'Any' }, '2031-05-10', 5)
  must(201, await staff.post('bookings', stay(property_id, '2031-05-08', 2)))
  must(201, await staff.post('bookings', stay(property_id, '2031-05-15', 2)))
  must(200, await manager.patch(`properties/${property_id}`, { buffer_days_after: 2 }))
  must(200, await change(id, { check_out: '2031-05-13' }))
  mustBreakRule('buffer', await change(id, { check_out: '2031-05-14' }))
  must(200, await change(id, { check_in: '2031-05-12' }))
  mustBreakRule('buffer', await change(id, { check_in: '2031-05-11' }))
})

const neighbours: [name: string, check_in: string, nights: number, split: string][] = [
  ['after the rest of the stay', '2031-05-15', 2, '2031-05-12'],
  ['before the rest of the stay', '2031-05-10', 2, '2031-05-12'],
]
for (const [name, check_in, nights, at] of neighbours) {
  test(`a split asks for the buffer of the other property ${name}, like a move`, async () => {
    const { id } = await bookThenSetRules({ name: 'Any' }, '2031-05-08', 7)
    const property_id = await newProperty(manager, { buffer_days_after: 1 })
    must(201, await staff.post('bookings', stay(property_id, check_in, nights)))
    mustBreakRule('buffer', await manager.post(`bookings/${id}/split`, { property_id, check_in: at }))
    must(200, await manager.patch(`properties/${property_id}`, { buffer_days_after: 0 }))
    must(201, await manager.post(`bookings/${id}/split`, { property_id, check_in: at }))
  })
}
