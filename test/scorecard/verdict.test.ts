// The gates of the scorecard's bookings can fail: each finds the one thing it is there for.
// One engine is enough: it is about what the scorecard counts in tables that are the same on both.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { stay, verdictOf } from '../../proof/scorecard/environment/bookings.ts'
import type { Check } from '../../proof/scorecard/scenario.ts'
import { castProperties } from '../cast.ts'
import { cast } from '../harness.ts'
import type { Answer } from '../sender.ts'

interface Asked {
  readonly key: string
  readonly body: ReturnType<typeof stay>
  readonly answers: Answer[]
}

const failed = (checks: readonly Check[]) =>
  checks.filter(({ passes }) => !passes).map(({ name, figure }) => [name, figure])

/** Three bookings in a database of the test's own, since the gates look at all of it. */
async function booked(t: TestContext) {
  const { staff, store } = await cast({}, t)

  /** As a client of the scorecard keeps it. */
  async function book(n: number): Promise<Asked> {
    const [key, body] = [randomUUID(), { ...stay(n), property_id: castProperties.town.id }]
    const { status, body: made, text } = await staff.post('bookings', body, { 'idempotency-key': key })
    assert.equal(status, 201, text)
    return { key, body, answers: [{ status, code: '', body: made, text, headers: {}, began: 0, ended: 0 }] }
  }

  const asked = [await book(0), await book(301), await book(600)]
  const verdict = async (bookings: readonly Asked[], told = {}) =>
    failed(await verdictOf({ owner: store.owner }, { bookings, told }))
  return { staff, store, asked, verdict }
}

test('all is well when every acknowledged booking is there once', async (t) => {
  const { asked, verdict } = await booked(t)
  assert.deepEqual(await verdict(asked, { '201': 3 }), [])
})

test('a booking that was acknowledged and is not there is lost', async (t) => {
  const { asked, verdict } = await booked(t)
  const [one] = asked
  const answers = one!.answers.map((answer) => ({ ...answer, body: { id: randomUUID() } }))
  assert.deepEqual(await verdict([{ ...one!, answers }]), [['acknowledged bookings that are lost', 1]])
})

test('two answers to one key are found by a single byte', async (t) => {
  const { asked, verdict } = await booked(t)
  const [one] = asked
  const answers = [...one!.answers, { ...one!.answers[0]!, text: `${one!.answers[0]!.text} ` }]
  assert.deepEqual(await verdict([{ ...one!, answers }]), [['keys with two different answers', 1]])
})

test('a key that was never answered with its booking is found', async (t) => {
  const { asked, verdict } = await booked(t)
  const [one] = asked
  assert.deepEqual(await verdict([{ ...one!, answers: [] }]), [['keys without their booking in the end', 1]])
})

test('an answer 500 is found', async (t) => {
  const { asked, verdict } = await booked(t)
  assert.deepEqual(await verdict(asked, { '500 INTERNAL_ERROR': 2 }), [['answers 500', 2]])
})

test('a second inquiry of one key is found: no constraint stands in for the key', async (t) => {
  const { asked, staff, verdict } = await booked(t)
  const { body } = asked[1]!
  assert.equal(body.status, 'inquiry')
  const second = await staff.post('bookings', body)
  assert.equal(second.status, 201)
  assert.deepEqual(await verdict(asked), [['bookings made twice', 1]])
})

test('nights that the ledger has and no booking, and an audit entry that is missing, are found', async (t) => {
  const { asked, store, verdict } = await booked(t)
  const id = asked[2]!.answers[0]!.body.id
  await store.owner.query('delete from occupancies where booking_id = $1', [id])
  await store.owner.query('delete from audit_log where entity_id = $1', [id])
  assert.deepEqual(await verdict(asked), [
    ['nights taken twice, ledger rows that disagree', 1],
    ['bookings without exactly one audit entry', 1],
  ])
})
