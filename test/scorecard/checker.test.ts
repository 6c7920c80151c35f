// The checker reports violations in invalid histories and none in valid ones.
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

/** Sequential, unless `times` overrides `began` and `ended`. */
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

const rejected = (operation: Operation): Operation => ({ ...operation, outcome: 'fail', became: undefined })

test('a valid history has no violations', () => {
  const history = [
    ok('create', 1, as('pending')),
    ok('confirm', 1, as('confirmed')),
    rejected(ok('create', 2, as('confirmed', later))),
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

test('an acknowledged booking that is missing at the end is reported', () => {
  assert.match(check([ok('create', 1, as('confirmed'))], []).join(), /^stay 1 ends as missing/)
})

test('an acknowledged move that is missing at the end is reported', () => {
  const history = [ok('create', 1, as('confirmed')), ok('move', 1, as('confirmed', later))]
  assert.match(check(history, [is(1, as('confirmed'))]).join(), /no order of its operations explains/)
})

test('two acknowledged overlapping stays are reported even if one is cancelled later', () => {
  const history = [
    ok('create', 1, as('confirmed')),
    ok('create', 2, as('confirmed', later)),
    ok('cancel', 2, as('cancelled', later)),
  ]
  const violations = check(history, [is(1, as('confirmed')), is(2, as('cancelled', later))])
  assert.equal(violations.length, 1)
  assert.match(violations.join(), /stay 1 .* and stay 2 .* occupied the same nights/)
})

test('an overlapping hold and booking are reported', () => {
  const history = [ok('hold', 1, as('held')), ok('create', 2, as('pending', later)), ok('release', 1, as('released'))]
  assert.match(check(history, [is(1, as('released')), is(2, as('pending', later))]).join(), /occupied the same nights/)
})

test('a check-out and a check-in on the same day do not overlap', () => {
  const next = { check_in: '2031-01-05', check_out: '2031-01-06' }
  const history = [ok('create', 1, as('confirmed')), ok('create', 2, as('confirmed', next))]
  assert.deepEqual(check(history, [is(1, as('confirmed')), is(2, as('confirmed', next))]), [])
})

test('a cancelled stay that is confirmed at the end is reported', () => {
  const history = [ok('create', 1, as('confirmed')), ok('cancel', 1, as('cancelled'))]
  assert.match(check(history, [is(1, as('confirmed'))]).join(), /^stay 1 ends as confirmed/)
})

test('a confirmation acknowledged after a deletion is reported', () => {
  const history = [ok('create', 1, as('pending')), ok('delete', 1, as('deleted')), ok('confirm', 1, as('confirmed'))]
  assert.equal(check(history, [is(1, as('confirmed'))]).length, 1)
})

test('an operation without an answer may have taken effect or not', () => {
  const history = [ok('create', 1, as('confirmed')), unknown('cancel', 1), unknown('create', 2, as('pending', later))]
  for (const one of [as('confirmed'), as('cancelled')]) {
    assert.deepEqual(check(history, [is(1, one)]), [])
  }
  assert.deepEqual(check(history, [is(1, as('cancelled')), is(2, as('pending', later))]), [])
})

test('an operation without an answer explains only the state it requested', () => {
  const history = [ok('create', 1, as('confirmed')), unknown('move', 1, later)]
  assert.equal(check(history, [is(1, as('cancelled'))]).length, 1)
})

test('a cancellation without an answer may free nights only after it began', () => {
  const first = ok('create', 1, as('confirmed'))
  const early = ok('create', 2, as('confirmed', later))
  const cancel = unknown('cancel', 1)
  const late = ok('create', 2, as('confirmed', later))
  const final = [is(1, as('cancelled')), is(2, as('confirmed', later))]
  assert.deepEqual(check([first, cancel, late], final), [])
  assert.match(check([first, early, cancel], final).join(), /occupied the same nights/)
})

test('a rejected booking that exists is reported, and one that was never requested', () => {
  assert.equal(check([rejected(ok('create', 1, as('confirmed')))], [is(1, as('confirmed'))]).length, 1)
  assert.equal(check([], [is(9, as('confirmed'))]).length, 1)
})

test('two overlapping stays at the end are reported even without any answer', () => {
  const history = [unknown('create', 1, as('confirmed')), unknown('create', 2, as('confirmed', later))]
  assert.match(
    check(history, [is(1, as('confirmed')), is(2, as('confirmed', later))]).join(),
    /occupied the same nights/,
  )
})

test('concurrent operations may occur in either order, sequential ones may not', () => {
  const created = ok('create', 1, as('pending'))
  const together = { began: 10_000, ended: 10_010 }
  const moved = ok('move', 1, as('confirmed', later), together)
  const confirmed = ok('confirm', 1, as('confirmed'), together)
  assert.deepEqual(check([created, moved, confirmed], [is(1, as('confirmed', later))]), [])
  const too_late = { ...confirmed, began: 10_020, ended: 10_030 }
  assert.equal(check([created, moved, too_late], [is(1, as('confirmed', later))]).length, 1)
})

/** Valid sequential operations on one stay, and its final state. */
const valid_histories = fc.array(fc.constantFrom('move', 'confirm', 'cancel'), { maxLength: 8 }).map((kinds) => {
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

test('for any valid history, only its last state is accepted as final', () => {
  fc.assert(
    fc.property(valid_histories, ({ operations, state }) => {
      assert.deepEqual(check(operations, [is(1, state)]), [])
      const wrong = { ...state, check_out: '2031-02-01' }
      assert.equal(check(operations, [is(1, wrong)]).length, 1)
    }),
  )
})
