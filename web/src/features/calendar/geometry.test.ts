// What fits on the screen.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayAtEdge, type Geometry, pageDays, xOf } from './geometry.ts'

const geometry: Geometry = { first_day: 1000, num_days: 500, day_width: 34, side: 224 }

test('a page is never longer than what is on the screen, and at least a week', () => {
  assert.equal(pageDays(geometry, 224 + 33 * 34), 28)
  assert.equal(pageDays(geometry, 224 + 28 * 34), 28)
  assert.equal(pageDays({ ...geometry, day_width: 40, side: 112 }, 390), 7)
})

test('the day at the edge is the one that was scrolled to', () => {
  assert.equal(dayAtEdge(geometry, xOf(geometry, 1123)), 1123)
})
