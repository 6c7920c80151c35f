// Tests that refusals name statuses in words.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, localToday, must, newProperty, stay } from '../../../test/steps.ts'
import { closedStatuses } from './lifecycle.ts'
import { type Status, statuses } from './schema.ts'
import { refusedTransition, requireNotClosed } from './status-words.ts'

const { admin, manager, staff } = await castPerTest()

const refusals: readonly [from: Status, to: Status, sentence: string][] = [
  ['inquiry', 'checked_in', 'A booking that is an inquiry cannot be checked in.'],
  ['pending', 'inquiry', 'A booking that is pending cannot be made an inquiry.'],
  ['confirmed', 'checked_out', 'A booking that is confirmed cannot be checked out.'],
  ['confirmed', 'no_show', 'A booking that is confirmed can be marked as a no-show by an admin or a manager only.'],
  ['checked_in', 'no_show', 'A booking that is checked in cannot be marked as a no-show.'],
  ['checked_in', 'cancelled', 'A booking that is checked in can be cancelled by an admin only.'],
  [
    'checked_out',
    'checked_in',
    'A booking that is checked out can be set back to checked in within 48 hours and by an admin or a manager only.',
  ],
  ['cancelled', 'declined', 'A booking that is cancelled cannot be declined.'],
  ['declined', 'pending', 'A booking that is declined cannot be made pending.'],
  ['no_show', 'checked_in', 'A booking that is a no-show cannot be checked in.'],
]

test('a refused transition says in words what is not possible, and who may do it', () => {
  for (const [from, to, sentence] of refusals) assert.equal(refusedTransition(from, to), sentence)
  for (const from of statuses) {
    for (const to of statuses) assert.doesNotMatch(refusedTransition(from, to), /_|undefined/, `${from} ${to}`)
  }
})

test('a closed booking is named by its status in words', () => {
  for (const status of statuses) {
    const expected = { message: /^The booking is [a-z -]+ and cannot be changed\.$/ }
    if (closedStatuses.includes(status)) assert.throws(() => requireNotClosed(status), expected)
    else requireNotClosed(status)
  }
})

test('the API gives the sentences, for each kind of refusal', async () => {
  const property_id = await newProperty(manager)
  const book = async (check_in: string, status: Status) =>
    must(201, await staff.post('bookings', stay(property_id, check_in, 2, { status }))).body.id
  const [future, inquiry] = [await book(localToday(9), 'confirmed'), await book(localToday(20), 'inquiry')]
  const patch = (id: string, status: Status) => staff.patch(`bookings/${id}/status`, { status })
  const other = await newProperty(admin)
  const cases = [
    [
      await patch(future, 'checked_out'),
      'INVALID_STATUS_TRANSITION',
      /^A booking that is confirmed cannot be checked out/,
    ],
    [await patch(future, 'checked_in'), 'STATUS_TOO_EARLY', /^The booking cannot be checked in before /],
  ] as const
  for (const [reply, code, message] of cases) {
    assert.equal(codeOf(must(409, reply)), code)
    assert.match(reply.body.error.message, message)
  }
  const split = await manager.post(`bookings/${inquiry}/split`, { property_id: other, check_in: localToday(21) })
  const [detail] = must(422, split).body.error.details
  assert.equal(detail.message, 'a booking that is an inquiry takes no nights and cannot be split')
  must(200, await manager.patch(`bookings/${future}/status`, { status: 'cancelled' }))
  const closed = must(409, await manager.patch(`bookings/${future}`, { num_adults: 1 }))
  assert.equal(closed.body.error.message, 'The booking is cancelled and cannot be changed.')
})
