// Proves that explain tells the truth: whatever a property asks and whatever is taken, a real booking ends as it said.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, dayAfter, must, newHome, stay } from '../../../test/steps.ts'
import { weekdays } from '../properties/schema.ts'

const { admin, manager, staff } = await castPerTest()
const today = new Date().toISOString().slice(0, 10)

const someDays = fc.option(fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 3, maxLength: 6 }), { freq: 1 })
const rulesOf = fc
  .record({
    is_active: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
    nights: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 4, max: 9 })),
    buffer_days_before: fc.integer({ min: 0, max: 3 }),
    buffer_days_after: fc.integer({ min: 0, max: 3 }),
    arrival_weekdays: someDays,
    departure_weekdays: someDays,
    notice_days: fc.constantFrom(0, 0, 5, 12),
    booking_window_days: fc.constantFrom(null, null, 20, 30),
  })
  .map(({ nights: [min_nights, max_nights], ...rules }) => ({ ...rules, min_nights, max_nights }))
const span = fc.tuple(fc.integer({ min: 2, max: 34 }), fc.integer({ min: 1, max: 8 }))
const taken = fc.array(fc.tuple(fc.constantFrom('booking', 'block'), span), { maxLength: 3 })

const kinds = new Set<string>()

test('explain and a real booking always agree', async () => {
  const agree = async (
    rules: object,
    others: readonly [string, readonly [number, number]][],
    wanted: [number, number],
  ) => {
    const home = await newHome(manager)
    for (const [kind, [start, nights]] of others) {
      const from = dayAfter(today, start)
      const body = { property_id: home, start_date: from, end_date: dayAfter(from, nights), reason: 'other' }
      await (kind === 'booking'
        ? staff.post('bookings', stay(home, from, nights))
        : manager.post('availability/blocks', body))
    }
    must(200, await admin.patch(`properties/${home}`, rules))
    const body = stay(home, dayAfter(today, wanted[0]), wanted[1])
    const asked = `availability/explain?property_id=${home}&check_in=${body.check_in}&check_out=${body.check_out}`
    const told = must(200, await staff.get(asked)).body
    const booked = await staff.post('bookings', body)
    kinds.add(told.rule ?? 'bookable')
    assert.equal(booked.status, told.is_bookable ? 201 : 409, `${booked.text} ${JSON.stringify(told)}`)
    if (told.is_bookable) return
    const { message, meta } = booked.body.error
    assert.equal(codeOf(booked), told.rule === 'nights_free' ? 'BOOKING_CONFLICT' : 'PROPERTY_UNAVAILABLE')
    assert.equal(message, told.message)
    assert.equal(meta.rule ?? 'nights_free', told.rule)
  }
  await fc.assert(fc.asyncProperty(rulesOf, taken, span, agree), { numRuns: 60, seed: 7, endOnFailure: true })
  assert.ok(kinds.has('bookable') && kinds.has('nights_free') && kinds.size > 5, [...kinds].join())
})
