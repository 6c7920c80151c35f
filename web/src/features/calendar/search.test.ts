// The address of the calendar, and its zoom.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextZoom } from './search.ts'

test('zooming stays at the closest and at the widest zoom', () => {
  assert.deepEqual(
    ([undefined, 'fortnight', 'week'] as const).map((zoom) => [nextZoom(zoom, 'wider'), nextZoom(zoom, 'closer')]),
    [
      [undefined, 'fortnight'],
      ['month', 'week'],
      ['fortnight', undefined],
    ],
  )
})
