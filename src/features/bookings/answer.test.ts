// What a creation answers, without reading the row again, equals a later read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest } from '../../../test/harness.ts'
import { dayAfter, must, newProperty, stay } from '../../../test/steps.ts'

const { manager } = await castPerTest()

const bodies: readonly (readonly [what: string, fields: object])[] = [
  ['defaults', {}],
  ['an inquiry, which takes no nights', { status: 'inquiry' }],
  ['a pending booking', { status: 'pending' }],
  ['a guest', { guest: { first_name: 'Ada', last_name: 'Łoś 🧳', email: 'ADA@example.com', phone: '+43 1 2345678' } }],
  ['people and pets', { num_children: 1, num_infants: 2, num_pets: 3 }],
  ['a total', { total_cents: 123_456, cleaning_fee_cents: 1, tax_cents: 2, nightly_rate_cents: 3 }],
  ['another currency', { total_cents: 1, currency: 'CHF' }],
  ['notes', { guest_message: ' é\u0301 \n', internal_notes: '' }],
  ['a source', { source: 'airbnb', external_code: 'HM 1', payment_status: 'external' }],
  ['numbers in other notations', { num_adults: 1, num_children: -0 }],
]

for (const [what, fields] of bodies) {
  test(`the answer to a booking with ${what} equals a later read`, async () => {
    const property_id = (await newProperty(manager, { max_guests: 8 })).toUpperCase()
    const made = must(201, await manager.post('bookings', { ...stay(property_id, '2031-07-01', 4), ...fields }))
    const read = must(200, await manager.get(`bookings/${made.body.id}`))
    assert.deepEqual([made.text, made.headers.etag], [read.text, read.headers.etag])
  })
}

test('the answer to a split equals later reads of both parts', async () => {
  const [from, to] = [await newProperty(manager), await newProperty(manager)]
  const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' }
  const { body } = must(201, await manager.post('bookings', { ...stay(from, '2031-07-01', 4), guest }))
  const split = { property_id: to, check_in: dayAfter('2031-07-01', 1) }
  const { first, second } = must(201, await manager.post(`bookings/${body.id}/split`, split)).body
  for (const part of [first, second]) {
    assert.deepEqual(part, must(200, await manager.get(`bookings/${part.id}`)).body)
  }
})

test('the answer to the conversion of a hold equals a later read', async () => {
  const property_id = await newProperty(manager)
  const { body } = must(
    201,
    await manager.post('holds', { property_id, check_in: '2031-07-01', check_out: '2031-07-05' }),
  )
  const made = must(201, await manager.post(`holds/${body.id}/booking`, { num_adults: 2 }))
  assert.equal(made.text, must(200, await manager.get(`bookings/${made.body.id}`)).text)
})
