// Each check of keyed bookings fails on the defect it looks for.
// One engine is enough: the tables are the same on both.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { checkBookings, stay } from '../../proof/scorecard/environment/keyed-bookings.ts'
import type { Check } from '../../proof/scorecard/scenario.ts'
import { castProperties } from '../cast.ts'
import { cast } from '../harness.ts'
import type { Answer } from '../sender.ts'

interface KeyedBooking {
  readonly key: string
  readonly body: ReturnType<typeof stay>
  readonly answers: Answer[]
}

const failed = (checks: readonly Check[]) =>
  checks.filter(({ passes }) => !passes).map(({ name, figure }) => [name, figure])

/** Three bookings in a new database: the checks read all rows. */
async function createBookings(t: TestContext) {
  const { staff, store } = await cast({}, t)

  async function book(n: number): Promise<KeyedBooking> {
    const [key, body] = [randomUUID(), { ...stay(n), property_id: castProperties.town.id }]
    const { status, body: made, text } = await staff.post('bookings', body, { 'idempotency-key': key })
    assert.equal(status, 201, text)
    return { key, body, answers: [{ status, code: '', body: made, text, headers: {}, began: 0, ended: 0 }] }
  }

  const bookings = [await book(0), await book(301), await book(600)]
  const failedChecks = async (checked: readonly KeyedBooking[], outcomes = {}) =>
    failed(await checkBookings({ owner: store.owner }, { bookings: checked, outcomes }))
  return { staff, store, bookings, failedChecks }
}

test('no check fails when every acknowledged booking exists once', async (t) => {
  const { bookings, failedChecks } = await createBookings(t)
  assert.deepEqual(await failedChecks(bookings, { '201': 3 }), [])
})

test('an acknowledged booking that does not exist counts as lost', async (t) => {
  const { bookings, failedChecks } = await createBookings(t)
  const [one] = bookings
  const answers = one!.answers.map((answer) => ({ ...answer, body: { id: randomUUID() } }))
  assert.deepEqual(await failedChecks([{ ...one!, answers }]), [['acknowledged bookings missing from the database', 1]])
})

test('two answers to one key differ when a single byte differs', async (t) => {
  const { bookings, failedChecks } = await createBookings(t)
  const [one] = bookings
  const answers = [...one!.answers, { ...one!.answers[0]!, text: `${one!.answers[0]!.text} ` }]
  assert.deepEqual(await failedChecks([{ ...one!, answers }]), [['keys with different answers', 1]])
})

test('a key that was never answered 201 is counted', async (t) => {
  const { bookings, failedChecks } = await createBookings(t)
  const [one] = bookings
  assert.deepEqual(await failedChecks([{ ...one!, answers: [] }]), [['keys never answered 201', 1]])
})

test('answers with status 500 are counted', async (t) => {
  const { bookings, failedChecks } = await createBookings(t)
  assert.deepEqual(await failedChecks(bookings, { '500 INTERNAL_ERROR': 2 }), [['answers 500', 2]])
})

test('a duplicate inquiry of one key is counted; no constraint prevents it', async (t) => {
  const { bookings, staff, failedChecks } = await createBookings(t)
  const { body } = bookings[1]!
  assert.equal(body.status, 'inquiry')
  const second = await staff.post('bookings', body)
  assert.equal(second.status, 201)
  assert.deepEqual(await failedChecks(bookings), [['duplicate bookings', 1]])
})

test('a missing ledger row and a missing audit entry are counted', async (t) => {
  const { bookings, store, failedChecks } = await createBookings(t)
  const id = bookings[2]!.answers[0]!.body.id
  // Past the foreign key that forbids it.
  await store.owner.query(
    `set session_replication_role = replica; delete from occupancies where booking_id = '${id}'; reset session_replication_role`,
  )
  await store.owner.query('delete from audit_log where entity_id = $1', [id])
  assert.deepEqual(await failedChecks(bookings), [
    ['overlapping nights, inconsistent ledger rows', 1],
    ['bookings without exactly one audit entry', 1],
  ])
})
