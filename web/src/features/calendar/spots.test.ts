// Where the cursor begins, and what is scrolled so that it is seen.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Geometry } from './geometry.ts'
import { firstInView, head_height, reveal, row_height, type Scrolled } from './spots.ts'

const geometry: Geometry = { first_day: 1000, num_days: 500, day_width: 40, side: 200 }

/** A grid that shows 10 days and 5 rows. */
function boxAt(scrollLeft: number, scrollTop: number) {
  const box = {
    scrollLeft,
    scrollTop,
    clientWidth: 200 + 10 * 40,
    clientHeight: head_height + 5 * row_height,
    scrollTo: (left: number, top: number) => Object.assign(box, { scrollLeft: left, scrollTop: top }),
  }
  return box as typeof box & Scrolled
}

test('the cursor begins at today if it is on the screen, else at the first whole day and row', () => {
  assert.deepEqual(firstInView(boxAt(0, 0), geometry, 1003), { row: 0, day: 1003 })
  assert.deepEqual(firstInView(boxAt(410, 100), geometry, 1003), { row: 3, day: 1011 })
  assert.deepEqual(firstInView(boxAt(0, 0), geometry, 1300), { row: 0, day: 1000 })
})

test('a row and a day that are on the screen do not scroll it', () => {
  const box = boxAt(400, 440)
  reveal(box, geometry, 12, 1015)
  assert.deepEqual([box.scrollLeft, box.scrollTop], [400, 440])
})

test('a row or a day beyond the edge is scrolled to that edge', () => {
  const box = boxAt(400, 440)
  reveal(box, geometry, 15, 1020)
  assert.deepEqual([box.scrollLeft, box.scrollTop], [(20 + 2 - 10) * 40, (15 + 1 - 5) * row_height])
  reveal(box, geometry, 2, 1001)
  assert.deepEqual([box.scrollLeft, box.scrollTop], [40, 2 * row_height])
})
