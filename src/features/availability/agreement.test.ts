// Property test: /availability/explain predicts the result of POST /bookings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, dayAfter, must, newProperty, stay } from '../../../test/steps.ts'
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
const occupants = fc.array(fc.tuple(fc.constantFrom('booking', 'block'), span), { maxLength: 3 })

const results = new Set<string>()
const codes: Record<string, string> = { nights_free: 'BOOKING_CONFLICT', is_active: 'PROPERTY_UNAVAILABLE' }

test('explain and POST /bookings give the same result for any rules and occupancies', async () => {
  const compare = async (
    rules: object,
    others: readonly [string, readonly [number, number]][],
    wanted: [number, number],
  ) => {
    const property_id = await newProperty(manager)
    for (const [kind, [start, nights]] of others) {
      const from = dayAfter(today, start)
      const body = { property_id, start_date: from, end_date: dayAfter(from, nights), reason: 'other' }
      await (kind === 'booking'
        ? staff.post('bookings', stay(property_id, from, nights))
        : manager.post('availability/blocks', body))
    }
    const patch = await admin.patch(`properties/${property_id}`, rules)
    // Rules that no stay can keep.
    if (patch.status === 422) return
    must(200, patch)
    const body = stay(property_id, dayAfter(today, wanted[0]), wanted[1])
    const path = `availability/explain?property_id=${property_id}&check_in=${body.check_in}&check_out=${body.check_out}`
    const explanation = must(200, await staff.get(path)).body
    const reply = await staff.post('bookings', body)
    results.add(explanation.rule ?? 'bookable')
    assert.equal(reply.status, explanation.is_bookable ? 201 : 409, `${reply.text} ${JSON.stringify(explanation)}`)
    if (explanation.is_bookable) return
    const { message, meta } = reply.body.error
    assert.equal(codeOf(reply), codes[explanation.rule] ?? 'BOOKING_RULE_BROKEN')
    assert.equal(message, explanation.message)
    assert.equal(meta.rule ?? 'nights_free', explanation.rule)
  }
  await fc.assert(fc.asyncProperty(rulesOf, occupants, span, compare), { numRuns: 60, seed: 7, endOnFailure: true })
  assert.ok(results.has('bookable') && results.has('nights_free') && results.size > 5, [...results].join())
})
