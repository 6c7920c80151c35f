// Days as integers, and which one it is in a time zone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dateOf, todayIn, weekdayOf } from './days.ts'

test('today is the day of the time zone, not that of the browser or of UTC', () => {
  const evening = Date.parse('2027-06-14T22:30:00Z')
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati']
  assert.deepEqual(
    zones.map((zone) => dateOf(todayIn(zone, evening))),
    ['2027-06-14', '2027-06-15', '2027-06-14', '2027-06-15'],
  )
})

test('weeks begin on Monday, also before 1970', () => {
  assert.deepEqual([-4, -3, 0, 4].map(weekdayOf), [6, 0, 3, 0])
})
