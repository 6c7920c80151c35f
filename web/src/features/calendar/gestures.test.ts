// Moving a bar by a part of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bar } from './bars.ts'
import { type Grip, nightsOf, placeOf, rowsOf } from './gestures.ts'

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
