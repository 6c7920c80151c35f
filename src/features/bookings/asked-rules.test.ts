// Proves which rules of a property are asked when: of new stays all, of changes those they touch, of imports none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north } from '../../../test/cast.ts'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, dayAfter, must, newHome, stay } from '../../../test/steps.ts'
import { operatorOf } from '../agencies/agencies.ts'
import { createBooking } from './bookings.ts'
import { reviseBooking } from './revision.ts'

const { manager, staff, store } = await castPerTest()
const fromToday = (days: number) => dayAfter(new Date().toISOString().slice(0, 10), days)

/** A home that asks nothing, and a booking in it; then the home begins to ask. */
async function bookedBefore(
  rules: object,
  check_in: string,
  nights: number,
  more: object = {},
): Promise<Reply['body']> {
  const home = await newHome(manager)
  const { body } = must(201, await staff.post('bookings', stay(home, check_in, nights, more)))
  must(200, await manager.patch(`properties/${home}`, rules))
  return body
}

const change = (id: string, patch: object) => manager.patch(`bookings/${id}`, patch)
const move = (id: string, status: string) => manager.patch(`bookings/${id}/status`, { status })

function mustBreak(rule: string, reply: Reply): void {
  assert.equal(codeOf(must(409, reply)), 'PROPERTY_UNAVAILABLE')
  assert.equal(reply.body.error.meta.rule, rule)
}

test('a change asks the rules it touches and no others', async () => {
  const rules = { arrival_weekdays: ['sat'], departure_weekdays: ['tue'], min_nights: 2, max_nights: 5 }
  // From Thursday to Sunday: neither day is allowed any more.
  const { id } = await bookedBefore(rules, '2031-05-08', 3)
  must(200, await change(id, { num_adults: 1, total_cents: 9000 }))
  mustBreak('departure_weekday', await change(id, { check_out: '2031-05-12' }))
  must(200, await change(id, { check_out: '2031-05-13' }))
  mustBreak('arrival_weekday', await change(id, { check_in: '2031-05-09' }))
  must(200, await change(id, { check_in: '2031-05-10' }))
  mustBreak('max_nights', await change(id, { check_out: '2031-05-20' }))
  mustBreak('arrival_weekday', await change(id, { check_in: '2031-05-16', check_out: '2031-05-20' }))
  must(200, await change(id, { check_in: '2031-05-17', check_out: '2031-05-20' }))
})

test('another property is asked everything about the stay, and that it is active', async () => {
  const { id } = await bookedBefore({ name: 'Any' }, '2031-05-08', 3)
  for (const [rule, rules] of [
    ['arrival_weekday', { arrival_weekdays: ['sat'] }],
    ['departure_weekday', { departure_weekdays: ['tue'] }],
    ['min_nights', { min_nights: 4 }],
    ['booking_window', { booking_window_days: 10 }],
  ] as const) {
    mustBreak(rule, await change(id, { property_id: await newHome(manager, rules) }))
  }
  const closed = await newHome(manager, { is_active: false })
  assert.equal(codeOf(must(409, await change(id, { property_id: closed }))), 'PROPERTY_UNAVAILABLE')
})

test('nights that are taken anew are asked everything: an inquiry that is promised, a cancellation that is taken back', async () => {
  const inquiry = await bookedBefore({ min_nights: 4 }, '2031-05-08', 3, { status: 'inquiry' })
  for (const status of ['pending', 'confirmed']) mustBreak('min_nights', await move(inquiry.id, status))
  const live = await bookedBefore({ min_nights: 4 }, '2031-05-08', 3)
  must(200, await move(live.id, 'cancelled'))
  mustBreak('min_nights', await move(live.id, 'confirmed'))
})

test('a pending booking is confirmed by the rules of the day on which it was booked', async () => {
  const ask = { notice_days: 30, booking_window_days: 60 }
  const { id } = await bookedBefore(ask, fromToday(20), 3, { status: 'pending' })
  mustBreak('notice', await move(id, 'confirmed'))
  const made = (days: number, of = id) =>
    store.owner.query('update bookings set created_at = created_at - make_interval(days => $2) where id = $1', [
      of,
      days,
    ])
  await made(9)
  mustBreak('notice', await move(id, 'confirmed'))
  await made(2)
  must(200, await move(id, 'confirmed'))
  const old = await bookedBefore(ask, fromToday(20), 3, { status: 'pending' })
  await made(300, old.id) // an inquiry once, about a day nobody could book then
  must(200, await staff.patch(`bookings/${old.id}/status`, { status: 'confirmed' }))
  const far = await bookedBefore(ask, fromToday(100), 3, { status: 'pending' })
  mustBreak('booking_window', await move(far.id, 'confirmed'))
})

test('its own nights and its neighbour are told apart when a pending booking is confirmed', async () => {
  const { id, property_id } = await bookedBefore({ name: 'Any' }, '2031-05-10', 3, { status: 'pending' })
  must(201, await staff.post('bookings', stay(property_id, '2031-05-13', 3)))
  must(200, await manager.patch(`properties/${property_id}`, { buffer_days_after: 1 }))
  mustBreak('buffer', await move(id, 'confirmed'))
  must(200, await manager.patch(`properties/${property_id}`, { buffer_days_after: 0 }))
  must(200, await move(id, 'confirmed'))
})

test('who is there may stay, leave and be cancelled whatever the property asks by now', async () => {
  const strict = { min_nights: 30, max_nights: 31, arrival_weekdays: ['mon'], notice_days: 300, is_active: false }
  const { id } = await bookedBefore(strict, '2031-05-08', 3)
  must(200, await move(id, 'checked_in'))
  must(200, await move(id, 'checked_out'))
  const other = await bookedBefore(strict, '2031-05-08', 3)
  must(200, await move(other.id, 'cancelled'))
})

test('a split asks for free nights only: the stay was accepted as a whole', async () => {
  const { id } = await bookedBefore({ name: 'Any' }, '2031-05-08', 7)
  const strict = await newHome(manager, { min_nights: 30, max_nights: 31, arrival_weekdays: ['mon'], notice_days: 365 })
  must(201, await manager.post(`bookings/${id}/split`, { property_id: strict, check_in: '2031-05-10' }))
})

test('people are asked when they book, imports by the operator are not', async () => {
  const home = await newHome(manager, { min_nights: 4, arrival_weekdays: ['mon'] })
  mustBreak('min_nights', await staff.post('bookings', stay(home, '2031-05-08', 3)))
  mustBreak('arrival_weekday', await staff.post('bookings', stay(home, '2031-05-08', 4)))
  const operator = operatorOf(north)
  const { id } = await store.db.tenantTx(operator, (tx) => createBooking(tx, stay(home, '2031-05-08', 3)))
  const revised = await store.db.tenantTx(operator, (tx) => reviseBooking(tx, id, { check_in: '2031-05-09' }))
  assert.equal(revised.check_in, '2031-05-09')
})
