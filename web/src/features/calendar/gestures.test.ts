// Moving a bar by a part of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bar } from './bars.ts'
import { type Grip, isRefused, type Move, nightsOf, placeOf, rowsOf } from './gestures.ts'

const bar = { home_id: 'a', first_day: 100, nights: 4 } as Bar

const cases: readonly [grip: Grip, days: number, home: string, first_day: number, nights: number, at: string][] = [
  ['whole', 3, 'a', 103, 4, 'a'],
  ['whole', -3, 'b', 97, 4, 'b'],
  ['end', 2, 'a', 100, 6, 'a'],
  ['end', -9, 'a', 100, 1, 'a'],
  ['end', 1, 'b', 100, 5, 'a'],
  ['start', 1, 'a', 101, 3, 'a'],
  ['start', 9, 'a', 103, 1, 'a'],
  ['start', -2, 'b', 98, 6, 'a'],
]

for (const [grip, days, home, first_day, nights, home_id] of cases) {
  test(`a bar moved at its ${grip} by ${days} days keeps at least one night`, () => {
    assert.deepEqual(placeOf({ bar, grip }, days, home), { home_id, first_day, nights })
  })
}

test('nights and rows are the same in whichever direction they were chosen', () => {
  const forwards = { kind: 'select', row: 1, to_row: 3, day: 10, to_day: 12 } as const
  const backwards = { kind: 'select', row: 3, to_row: 1, day: 12, to_day: 10 } as const
  for (const selection of [forwards, backwards]) {
    assert.deepEqual(nightsOf(selection), { from: 10, to: 13 })
    assert.deepEqual(rowsOf(selection), { first: 1, last: 3 })
  }
})

/** A bar of the home `a` that is dropped on this home and day. */
const dropOf = (kind: Bar['kind'], home_id: string, first_day: number): Move => ({
  kind: 'move',
  bar: { ...bar, key: 'x', kind },
  grip: 'whole',
  place: { home_id, first_day, nights: 4 },
  row: 0,
})

test('a block is refused in another home, a booking is not', () => {
  const drops = [dropOf('block', 'a', 103), dropOf('block', 'b', 103), dropOf('booking', 'b', 103)]
  assert.deepEqual(
    drops.map((drop) => isRefused(drop, [], undefined, undefined)),
    [false, true, false],
  )
})

test('a drop on taken nights is refused before the server has said so', () => {
  const taken = { ...bar, key: 'y', kind: 'booking', first_day: 106, nights: 2 } as Bar
  assert.equal(isRefused(dropOf('booking', 'a', 103), [taken], undefined, undefined), true)
  assert.equal(isRefused(dropOf('booking', 'a', 102), [taken], undefined, undefined), false)
})

test('the verdict on another place does not refuse a drop', () => {
  const drop = dropOf('booking', 'a', 103)
  const refused = { is_possible: false, text: 'At least 5 nights.' }
  assert.equal(isRefused(drop, [], drop.place, refused), true)
  assert.equal(isRefused(drop, [], { ...drop.place, first_day: 102 }, refused), false)
})
