// Tests what was paid and refunded, and the payment status that follows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, findings, must, newProperty, stay } from '../../../test/steps.ts'
import { splitPayments } from './payments.ts'

const { admin, manager, staff, accountant, owner, store } = await castPerTest()

/** 35,000 for three nights. */
async function book(more: object = {}): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(await newProperty(manager), '2031-05-10', 3, more))).body
}
const change = async (id: string, patch: object) => must(200, await manager.patch(`bookings/${id}`, patch)).body
const refund = (id: string, refund_cents: number, refund_reason = 'agreed') =>
  manager.patch(`bookings/${id}/refund`, { refund_cents, refund_reason })
const moneyOf = ({ paid_cents, refund_cents, payment_status }: Reply['body']) => [
  paid_cents,
  refund_cents,
  payment_status,
]

const created: [given: object, paid_cents: number | null, payment_status: string][] = [
  [{}, 0, 'pending'],
  [{ payment_status: 'pending' }, 0, 'pending'],
  [{ payment_status: 'paid' }, 35_000, 'paid'],
  [{ payment_status: 'partial' }, null, 'partial'],
  [{ payment_status: 'external' }, null, 'external'],
  [{ payment_status: 'failed' }, null, 'failed'],
  [{ paid_cents: 0 }, 0, 'pending'],
  [{ paid_cents: 1 }, 1, 'partial'],
  [{ paid_cents: 34_999 }, 34_999, 'partial'],
  [{ paid_cents: 35_000 }, 35_000, 'paid'],
  [{ paid_cents: 40_000 }, 40_000, 'paid'],
  [{ paid_cents: 10_000, payment_status: 'external' }, 10_000, 'external'],
]
test('payment_status follows from paid_cents and the total, and the other way round', async () => {
  for (const [given, paid_cents, payment_status] of created) {
    const body = await book(given)
    assert.deepEqual([body.paid_cents, body.payment_status], [paid_cents, payment_status], JSON.stringify(given))
    const later = await change((await book()).id, Object.keys(given).length === 0 ? { num_adults: 1 } : given)
    assert.deepEqual([later.paid_cents, later.payment_status], [paid_cents, payment_status], JSON.stringify(given))
  }
})

test('an amount and a status that contradict each other are refused with a pointer', async () => {
  const property_id = await newProperty(manager)
  const cases: [object, string][] = [
    [{ paid_cents: 0, payment_status: 'paid' }, '/payment_status CONTRADICTS_PAID_CENTS'],
    [{ paid_cents: 35_000, payment_status: 'partial' }, '/payment_status CONTRADICTS_PAID_CENTS'],
    [{ paid_cents: 35_000, payment_status: 'pending' }, '/payment_status CONTRADICTS_PAID_CENTS'],
    [{ paid_cents: 5, payment_status: 'refunded' }, '/payment_status CONTRADICTS_PAID_CENTS'],
    [{ paid_cents: -1 }, '/paid_cents INVALID'],
    [{ paid_cents: 0.5 }, '/paid_cents WRONG_TYPE'],
  ]
  const { id } = await book()
  for (const [given, expected] of cases) {
    const post = await staff.post('bookings', stay(property_id, '2031-05-10', 3, given))
    assert.deepEqual(findings(must(422, post)), [expected])
    assert.deepEqual(findings(must(422, await manager.patch(`bookings/${id}`, given))), [expected])
  }
})

test('a changed total changes the status, not what was paid', async () => {
  const { id } = await book({ payment_status: 'paid' })
  assert.deepEqual(moneyOf(await change(id, { check_out: '2031-05-15' })), [35_000, null, 'partial'])
  assert.deepEqual(moneyOf(await change(id, { check_out: '2031-05-13' })), [35_000, null, 'paid'])
  const external = await book({ payment_status: 'external' })
  assert.deepEqual(moneyOf(await change(external.id, { total_cents: 6000 })), [null, null, 'external'])
})

const refused: [given: object, refund_cents: number, limit: number][] = [
  [{}, 1, 0],
  [{}, 30_000, 0],
  [{ payment_status: 'failed' }, 1, 0],
  [{ paid_cents: 10_000 }, 10_001, 10_000],
  [{ payment_status: 'paid' }, 35_001, 35_000],
  [{ payment_status: 'external' }, 35_001, 35_000],
  [{ payment_status: 'partial' }, 35_001, 35_000],
]
test('a refund above what was paid is refused, by a cancellation and by a correction', async () => {
  for (const [given, refund_cents, limit] of refused) {
    const booking = await book(given)
    const cancellation = { cancelled_by: 'guest', refund_cents }
    for (const reply of [
      await manager.post(`bookings/${booking.id}/cancellation`, cancellation),
      await refund(booking.id, refund_cents),
    ]) {
      assert.deepEqual(findings(must(422, reply)), ['/refund_cents TOO_LARGE'])
      assert.ok(reply.body.error.details[0].message.includes(`(${limit})`), reply.text)
    }
    assert.deepEqual(must(200, await staff.get(`bookings/${booking.id}`)).body, booking)
  }
})

const refunds: [given: object, refund_cents: number, expected: (number | string | null)[]][] = [
  [{}, 0, [0, 0, 'pending']],
  [{ payment_status: 'paid' }, 35_000, [35_000, 35_000, 'refunded']],
  [{ payment_status: 'paid' }, 34_999, [35_000, 34_999, 'partial_refund']],
  [{ payment_status: 'paid' }, 0, [35_000, 0, 'paid']],
  [{ paid_cents: 10_000 }, 10_000, [10_000, 10_000, 'refunded']],
  [{ payment_status: 'external' }, 35_000, [35_000, 35_000, 'refunded']],
  [{ payment_status: 'external' }, 0, [null, 0, 'external']],
]
test('payment_status follows a refund, with and without a cancellation', async () => {
  for (const [given, refund_cents, expected] of refunds) {
    const first = await book(given)
    const cancelled = must(
      200,
      await manager.post(`bookings/${first.id}/cancellation`, { cancelled_by: 'guest', refund_cents }),
    )
    assert.deepEqual(moneyOf(cancelled.body), expected, JSON.stringify(given))
    const second = await book(given)
    assert.deepEqual(moneyOf(must(200, await refund(second.id, refund_cents)).body), expected, JSON.stringify(given))
  }
})

test('a refund is corrected with a reason; the log has both amounts and not the text', async () => {
  const { id } = await book({ payment_status: 'paid' })
  must(200, await manager.post(`bookings/${id}/cancellation`, { cancelled_by: 'guest', refund_cents: 30_000 }))
  const corrected = must(200, await refund(id, 3000, 'Anna asked for 30.00')).body
  assert.deepEqual(
    [...moneyOf(corrected), corrected.refund_reason],
    [35_000, 3000, 'partial_refund', 'Anna asked for 30.00'],
  )
  const again = must(200, await refund(id, 3000, 'Anna asked for 30.00')).body
  assert.equal(again.version, corrected.version, 'the same again changes nothing')
  const entry = must(200, await admin.get(`bookings/${id}/history`)).body.items.at(-1)
  assert.deepEqual(
    [entry.action, entry.before.refund_cents, entry.after.refund_cents, entry.after.refund_reason],
    ['booking.refunded', 30_000, 3000, '[text]'],
  )
  assert.deepEqual(moneyOf(must(200, await refund(id, 0, 'not refunded at all')).body), [35_000, 0, 'paid'])
  for (const body of [{ refund_cents: 1 }, { refund_cents: 1, refund_reason: '' }, { refund_reason: 'x' }]) {
    must(422, await manager.patch(`bookings/${id}/refund`, body))
  }
  for (const client of [staff, accountant, owner]) {
    must(403, await client.patch(`bookings/${id}/refund`, { refund_cents: 1, refund_reason: 'x' }))
  }
})

test('a reinstated booking keeps its refund; a new payment makes it paid again', async () => {
  const { id } = await book({ payment_status: 'paid' })
  must(200, await manager.post(`bookings/${id}/cancellation`, { cancelled_by: 'guest', refund_cents: 35_000 }))
  const back = must(200, await manager.patch(`bookings/${id}/status`, { status: 'confirmed' })).body
  assert.deepEqual(moneyOf(back), [35_000, 35_000, 'refunded'])
  assert.deepEqual(findings(must(422, await manager.patch(`bookings/${id}`, { paid_cents: 34_999 }))), [
    '/paid_cents BELOW_REFUND',
  ])
  assert.deepEqual(moneyOf(await change(id, { paid_cents: 40_000 })), [40_000, 35_000, 'partial_refund'])
  assert.deepEqual(moneyOf(await change(id, { paid_cents: 70_000 })), [70_000, 35_000, 'paid'])
})

test('a refund stays when the total falls below it', async () => {
  const { id } = await book({ payment_status: 'paid' })
  must(200, await refund(id, 20_000))
  assert.deepEqual(moneyOf(await change(id, { total_cents: 15_000 })), [35_000, 20_000, 'partial_refund'])
})

test('a booking from before amounts were kept can be refunded and changed', async () => {
  const { id } = await book()
  await store.owner.query(
    "update bookings set paid_cents = null, payment_status = 'paid', refund_cents = 20000 where id = $1",
    [id],
  )
  assert.deepEqual(moneyOf(await change(id, { total_cents: 15_000 })), [35_000, 20_000, 'paid'])
  const reply = await refund(id, 35_001)
  assert.equal(codeOf(must(422, reply)), 'VALIDATION_ERROR')
})

test('a split divides what was paid exactly, and neither part is negative', () => {
  const cents = fc.integer({ min: 0, max: 1_000_000 })
  fc.assert(
    fc.property(cents, cents, cents, cents, (paid, refund_of, first_total, second_total) => {
      const refund_cents = Math.min(refund_of, paid)
      const before = {
        paid_cents: paid,
        refund_cents,
        payment_status: 'partial',
        total_cents: first_total + second_total,
      }
      const [first, second] = splitPayments(before as never, first_total, second_total)
      const [one, other] = [first.paid_cents ?? -1, second.paid_cents ?? -1]
      assert.equal(one + other, paid)
      assert.ok(one >= refund_cents && other >= 0 && other <= second_total)
    }),
  )
})
