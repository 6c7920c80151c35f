// Tests the price of a booking after an update.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { dayAfter, findings, must, newProperty, stay } from '../../../test/steps.ts'

const { manager, staff } = await castPerTest()

async function book(property_id: string, check_in: string, nights = 3, more: object = {}): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(property_id, check_in, nights, more))).body
}

const read = async (id: string) => must(200, await staff.get(`bookings/${id}`)).body
const change = async (id: string, patch: object) => must(200, await manager.patch(`bookings/${id}`, patch)).body

const parts = (body: Record<string, unknown>) =>
  ['nightly_rate_cents', 'subtotal_cents', 'cleaning_fee_cents', 'tax_cents', 'total_cents'].map((name) => body[name])

test('the price after an update', async (t) => {
  const property_id = await newProperty(manager)
  let day = '2031-01-01'
  const cases: [name: string, given: object, patch: (day: string) => object, expected: (number | null)[]][] = [
    [
      'more nights: the nightly rate of the booking applies',
      {},
      (d) => ({ check_out: dayAfter(d, 5) }),
      [10_000, 50_000, 5000, 0, 55_000],
    ],
    [
      'the same number of nights: the price stays',
      {},
      (d) => ({ check_in: dayAfter(d, 1), check_out: dayAfter(d, 4) }),
      [10_000, 30_000, 5000, 0, 35_000],
    ],
    [
      'more nights without a nightly rate: the total stays',
      { total_cents: 777 },
      (d) => ({ check_out: dayAfter(d, 5) }),
      [null, 777, 0, 0, 777],
    ],
    ['a new rate', {}, () => ({ nightly_rate_cents: 2000 }), [2000, 6000, 5000, 0, 11_000]],
    [
      'a new rate and new dates',
      {},
      (d) => ({ nightly_rate_cents: 2000, check_out: dayAfter(d, 1) }),
      [2000, 2000, 5000, 0, 7000],
    ],
    ['a new total', {}, () => ({ total_cents: 20_000 }), [5000, 15_000, 5000, 0, 20_000]],
    [
      'more nights after a new total: the rate of that total applies',
      {},
      (d) => ({ check_out: dayAfter(d, 2), total_cents: 12_000 }),
      [3500, 7000, 5000, 0, 12_000],
    ],
    [
      'a new fee and tax',
      { tax_cents: 10 },
      () => ({ cleaning_fee_cents: 0, tax_cents: 600 }),
      [10_000, 30_000, 0, 600, 30_600],
    ],
    ['a new fee with a given total', { total_cents: 777 }, () => ({ cleaning_fee_cents: 77 }), [null, 700, 77, 0, 777]],
    [
      'only notes: the price stays',
      { total_cents: 777, nightly_rate_cents: 1 },
      () => ({ internal_notes: 'x' }),
      [1, 777, 0, 0, 777],
    ],
  ]
  for (const [name, given, patch, expected] of cases) {
    await t.test(name, async () => {
      const { id } = await book(property_id, day, 3, given)
      assert.deepEqual(parts(await change(id, patch(day))), expected)
    })
    day = dayAfter(day, 7)
  }
  await t.test('a total below its parts is refused with a JSON pointer', async () => {
    const booking = await book(property_id, day)
    const reply = must(422, await manager.patch(`bookings/${booking.id}`, { total_cents: 4999 }))
    assert.deepEqual(findings(reply), ['/total_cents TOO_SMALL'])
    assert.deepEqual(await read(booking.id), booking)
  })
})

test('a booking keeps its rate and guests when price and max_guests of the property change', async () => {
  const property_id = await newProperty(manager)
  const { id } = await book(property_id, '2031-01-01', 3, { num_adults: 4 })
  must(
    200,
    await manager.patch(`properties/${property_id}`, { base_price_cents: 99_000, max_guests: 3, is_active: false }),
  )
  assert.equal((await change(id, { check_out: '2031-01-06' })).total_cents, 55_000)
  await change(id, { num_adults: 3 })
  const reply = must(422, await manager.patch(`bookings/${id}`, { num_children: 1 }))
  assert.deepEqual(findings(reply), ['/num_adults TOO_MANY_GUESTS'])
  await change(id, { num_infants: 5 })
})
