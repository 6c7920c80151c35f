// Moves that are shown before the calendar has them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bar } from './bars.ts'
import { canChangeHome, isSettled, withMoves } from './moves.ts'

const bar = { key: 'x', kind: 'booking', home_id: 'a', first_day: 100, nights: 4, version: 1 } as Bar
const place = { home_id: 'b', first_day: 103, nights: 4 }

test('only bookings can move to another home', () => {
  const kinds = ['booking', 'block', 'hold', 'channel', 'conflict'] as const
  assert.deepEqual(
    kinds.filter((kind) => canChangeHome({ ...bar, kind })),
    ['booking'],
  )
})

test('a moved bar is in its new home only, in the version that was saved', () => {
  const moves = new Map([['x', { bar, place, saved_version: 2 }]])
  assert.deepEqual(withMoves([bar], 'a', moves), [])
  assert.deepEqual(withMoves([], 'b', moves), [{ ...bar, ...place, version: 2 }])
})

test('a move is over when the calendar has it, or a later change of the bar', () => {
  const move = { bar, place, saved_version: 2 }
  assert.equal(isSettled(move, [bar]), false)
  assert.equal(isSettled(move, []), false)
  assert.equal(isSettled(move, [{ ...bar, ...place, version: 2 }]), true)
  assert.equal(isSettled(move, [{ ...bar, first_day: 110, version: 3 }]), true)
  assert.equal(isSettled({ ...move, saved_version: undefined }, [{ ...bar, first_day: 110, version: 3 }]), false)
})
