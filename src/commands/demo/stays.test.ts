// The plans of the demo agencies' stays, on many days of start.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addDays } from '../../features/availability/days.ts'
import { demoHomes } from './homes.ts'
import { createRandom } from './random.ts'
import { planStays } from './stays.ts'

const closed = [{ from: 16, to: 26 }]

function plansOn(today: string) {
  const random = createRandom(demoHomes.alps.length)
  return demoHomes.alps.map((home, index) =>
    planStays({ ...home, closed, has_turnover_today: index % 6 === 0 }, today, random),
  )
}

const days = Array.from({ length: 40 }, (_, index) => addDays('2026-12-01', index * 10))

test('the plan of a day is always the same', () => {
  assert.deepEqual(plansOn('2027-02-28'), plansOn('2027-02-28'))
})

test('planned stays take no night twice and none of a block', () => {
  for (const plan of days.flatMap(plansOn)) {
    const taken = [...plan.filter(({ is_cancelled }) => !is_cancelled), ...closed].sort((a, b) => a.from - b.from)
    for (const [index, { from, to }] of taken.entries()) {
      assert.ok(from < to)
      assert.ok(to <= (taken[index + 1]?.from ?? to))
    }
  }
})

test('guests arrive, leave and stay on every day of the first start', () => {
  for (const day of days) {
    const stays = plansOn(day)
      .flat()
      .filter(({ is_cancelled }) => !is_cancelled)
    assert.ok(stays.filter(({ from }) => from === 0).length >= 3, `arrivals on ${day}`)
    assert.ok(stays.filter(({ to }) => to === 0).length >= 3, `departures on ${day}`)
    assert.ok(stays.filter(({ from, to }) => from < 0 && to > 0).length >= 5, `in house on ${day}`)
  }
})
