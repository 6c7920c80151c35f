// The checker of bookings finds what is wrong in histories that are wrong, and nothing in those that are not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check } from '../../proof/scorecard/model/checker.ts'
import type { FinalStay, Operation, Status, StayState } from '../../proof/scorecard/model/history.ts'

const nights = { property_id: 'lake', check_in: '2031-01-01', check_out: '2031-01-05' }
const later = { property_id: 'lake', check_in: '2031-01-03', check_out: '2031-01-08' }
const as = (status: Status, where: object = nights): StayState => ({ ...nights, ...where, status })
const is = (stay: number, state: StayState): FinalStay => ({ stay, state })

let clock = 0

/** One after the other, unless `began` and `ended` say otherwise. */
function ok(kind: Operation['kind'], stay: number, became: StayState, times: object = {}): Operation {
  clock += 2
  const wanted = kind === 'create' || kind === 'hold' || kind === 'move' ? became : {}
  const { status: _, ...moved } = wanted as Partial<StayState>
  return {
    kind,
    stay,
    wanted: kind === 'move' ? moved : wanted,
    outcome: 'ok',
    became: kind === 'delete' || kind === 'release' ? undefined : became,
    began: clock,
    ended: clock + 1,
    ...times,
  }
}

function unknown(kind: Operation['kind'], stay: number, wanted: Partial<StayState> = {}): Operation {
  clock += 2
  return { kind, stay, wanted, outcome: 'info', began: clock, ended: Number.POSITIVE_INFINITY }
}

const refused = (operation: Operation): Operation => ({ ...operation, outcome: 'fail', became: undefined })

test('a history in which all is well has no findings', () => {
  const history = [
    ok('create', 1, as('pending')),
    ok('confirm', 1, as('confirmed')),
    refused(ok('create', 2, as('confirmed', later))),
    ok('cancel', 1, as('cancelled')),
    ok('hold', 3, as('held', later)),
    ok('book', 3, as('booked', later)),
    ok('create', 4, as('confirmed', later)),
    ok('move', 4, as('confirmed')),
    ok('delete', 4, as('deleted')),
    ok('confirm', 1, as('confirmed')),
  ]
  const final = [is(1, as('confirmed')), is(3, as('booked', later)), is(4, as('deleted'))]
  assert.deepEqual(check(history, final), [])
})

test('a booking that was acknowledged and is not there is a lost acknowledgement', () => {
  assert.match(check([ok('create', 1, as('confirmed'))], []).join(), /^stay 1 is nothing in the end/)
})

test('a move that was acknowledged and is not there is a lost acknowledgement', () => {
  const history = [ok('create', 1, as('confirmed')), ok('move', 1, as('confirmed', later))]
  assert.match(check(history, [is(1, as('confirmed'))]).join(), /no order of its changes explains/)
})

test('two acknowledged stays with a night in common are found, though one is cancelled before the end', () => {
  const history = [
    ok('create', 1, as('confirmed')),
    ok('create', 2, as('confirmed', later)),
    ok('cancel', 2, as('cancelled', later)),
  ]
  const found = check(history, [is(1, as('confirmed')), is(2, as('cancelled', later))])
  assert.equal(found.length, 1)
  assert.match(found.join(), /stay 1 .* and stay 2 .* had the same nights/)
})

test('a hold and a booking with a night in common are found', () => {
  const history = [ok('hold', 1, as('held')), ok('create', 2, as('pending', later)), ok('release', 1, as('released'))]
  assert.match(check(history, [is(1, as('released')), is(2, as('pending', later))]).join(), /had the same nights/)
})

test('a stay that ends on the day another begins has no night in common with it', () => {
  const next = { check_in: '2031-01-05', check_out: '2031-01-06' }
  const history = [ok('create', 1, as('confirmed')), ok('create', 2, as('confirmed', next))]
  assert.deepEqual(check(history, [is(1, as('confirmed')), is(2, as('confirmed', next))]), [])
})

test('a cancellation that was acknowledged stays: a stay that lives again in the end is found', () => {
  const history = [ok('create', 1, as('confirmed')), ok('cancel', 1, as('cancelled'))]
  assert.match(check(history, [is(1, as('confirmed'))]).join(), /^stay 1 is confirmed/)
})

test('an answer that no order explains is found: confirmed after it was deleted', () => {
  const history = [ok('create', 1, as('pending')), ok('delete', 1, as('deleted')), ok('confirm', 1, as('confirmed'))]
  assert.equal(check(history, [is(1, as('confirmed'))]).length, 1)
})

test('a change without an answer may have happened or not', () => {
  const history = [ok('create', 1, as('confirmed')), unknown('cancel', 1), unknown('create', 2, as('pending', later))]
  for (const one of [as('confirmed'), as('cancelled')]) {
    assert.deepEqual(check(history, [is(1, one)]), [])
  }
  assert.deepEqual(check(history, [is(1, as('cancelled')), is(2, as('pending', later))]), [])
})

test('a change without an answer does not excuse what it did not ask for', () => {
  const history = [ok('create', 1, as('confirmed')), unknown('move', 1, later)]
  assert.equal(check(history, [is(1, as('cancelled'))]).length, 1)
})

test('a cancellation without an answer may free the nights at once, and not before it was asked for', () => {
  const first = ok('create', 1, as('confirmed'))
  const early = ok('create', 2, as('confirmed', later))
  const cancel = unknown('cancel', 1)
  const late = ok('create', 2, as('confirmed', later))
  const final = [is(1, as('cancelled')), is(2, as('confirmed', later))]
  assert.deepEqual(check([first, cancel, late], final), [])
  assert.match(check([first, early, cancel], final).join(), /had the same nights/)
})

test('a booking that was refused and is there is found, and one that nobody asked for', () => {
  assert.equal(check([refused(ok('create', 1, as('confirmed')))], [is(1, as('confirmed'))]).length, 1)
  assert.equal(check([], [is(9, as('confirmed'))]).length, 1)
})

test('two live stays in the end with a night in common are found, whatever was said on the way', () => {
  const history = [unknown('create', 1, as('confirmed')), unknown('create', 2, as('confirmed', later))]
  assert.match(check(history, [is(1, as('confirmed')), is(2, as('confirmed', later))]).join(), /had the same nights/)
})

test('changes at the same time may have come in either order, changes after one another may not', () => {
  const created = ok('create', 1, as('pending'))
  const together = { began: 10_000, ended: 10_010 }
  const moved = ok('move', 1, as('confirmed', later), together)
  const confirmed = ok('confirm', 1, as('confirmed'), together)
  assert.deepEqual(check([created, moved, confirmed], [is(1, as('confirmed', later))]), [])
  const too_late = { ...confirmed, began: 10_020, ended: 10_030 }
  assert.equal(check([created, moved, too_late], [is(1, as('confirmed', later))]).length, 1)
})

/** A stay that lives by the model, one change after the other. */
const lives = fc.array(fc.constantFrom('move', 'confirm', 'cancel'), { maxLength: 8 }).map((kinds) => {
  const operations = [ok('create', 1, as('pending'))]
  let state = as('pending')
  for (const kind of kinds as ('move' | 'confirm' | 'cancel')[]) {
    if (kind !== 'confirm' && state.status === 'cancelled') continue
    if (kind === 'move') state = as(state.status, operations.length % 2 === 0 ? nights : later)
    else state = { ...state, status: kind === 'confirm' ? 'confirmed' : 'cancelled' }
    operations.push(ok(kind, 1, state))
  }
  return { operations, state }
})

test('whatever a stay lives through, its last state is the only one that is believed', () => {
  fc.assert(
    fc.property(lives, ({ operations, state }) => {
      assert.deepEqual(check(operations, [is(1, state)]), [])
      const wrong = { ...state, check_out: '2031-02-01' }
      assert.equal(check(operations, [is(1, wrong)]).length, 1)
    }),
  )
})
