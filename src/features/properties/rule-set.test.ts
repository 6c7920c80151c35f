// Tests that rules which no stay can keep are refused, and all others accepted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { castPerTest } from '../../../test/harness.ts'
import { findings, must, newProperty } from '../../../test/steps.ts'
import { AppError } from '../../core/app-error.ts'
import { requireKeepable } from './rule-set.ts'
import { weekdays } from './schema.ts'

const { manager } = await castPerTest()

const open = {
  min_nights: 1,
  max_nights: 366,
  arrival_weekdays: null,
  departure_weekdays: null,
  notice_days: 0,
  booking_window_days: null,
}

/** The fields that are named in the error; none when the rules are accepted. */
function refusedOf(rules: object, given: object = rules): string[] {
  try {
    requireKeepable({ ...open, ...rules }, given)
    return []
  } catch (error) {
    assert.ok(error instanceof AppError)
    return (error.details ?? []).map(({ pointer }) => pointer.slice(1))
  }
}

const sat = ['sat']
const cases: [rules: object, refused: string[]][] = [
  [{}, []],
  [{ notice_days: 60, booking_window_days: 30 }, ['notice_days', 'booking_window_days']],
  [{ notice_days: 31, booking_window_days: 30 }, ['notice_days', 'booking_window_days']],
  [{ notice_days: 30, booking_window_days: 30 }, []],
  [{ notice_days: 0, booking_window_days: 1 }, []],
  [
    { arrival_weekdays: sat, departure_weekdays: sat, max_nights: 5 },
    ['max_nights', 'arrival_weekdays', 'departure_weekdays'],
  ],
  [{ arrival_weekdays: sat, departure_weekdays: sat, max_nights: 7 }, []],
  [
    { arrival_weekdays: sat, departure_weekdays: sat, min_nights: 8, max_nights: 13 },
    ['min_nights', 'max_nights', 'arrival_weekdays', 'departure_weekdays'],
  ],
  [{ arrival_weekdays: sat, departure_weekdays: sat, min_nights: 8, max_nights: 14 }, []],
  [
    { arrival_weekdays: ['mon'], departure_weekdays: ['wed'], max_nights: 1 },
    ['max_nights', 'arrival_weekdays', 'departure_weekdays'],
  ],
  [
    { arrival_weekdays: ['fri'], departure_weekdays: ['mon'], min_nights: 4, max_nights: 6 },
    ['min_nights', 'max_nights', 'arrival_weekdays', 'departure_weekdays'],
  ],
  [{ arrival_weekdays: ['fri', 'thu'], departure_weekdays: ['mon'], min_nights: 4, max_nights: 6 }, []],
  [{ arrival_weekdays: ['mon'], min_nights: 366 }, []],
  [{ departure_weekdays: ['sun'], min_nights: 3, max_nights: 3 }, []],
  [
    { arrival_weekdays: ['tue'], departure_weekdays: ['tue'], min_nights: 365 },
    ['min_nights', 'max_nights', 'arrival_weekdays', 'departure_weekdays'],
  ],
]
test('rules that no stay can keep are refused, with a pointer to each of them', () => {
  for (const [rules, refused] of cases) {
    const expected = refused.filter((name) => Object.hasOwn(rules, name))
    assert.deepEqual(refusedOf(rules), expected, JSON.stringify(rules))
  }
})

test('a combination is accepted exactly when some stay of a year keeps it', () => {
  const days = fc.option(fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1, maxLength: 2 }))
  const nights = fc.integer({ min: 1, max: 16 })
  const rulesOf = fc.record({
    min_nights: nights,
    max_nights: nights,
    arrival_weekdays: days,
    departure_weekdays: days,
    notice_days: fc.integer({ min: 0, max: 12 }),
    booking_window_days: fc.option(fc.integer({ min: 1, max: 12 })),
  })
  fc.assert(
    fc.property(rulesOf, (rules) => {
      const { arrival_weekdays, departure_weekdays, notice_days, booking_window_days } = rules
      let is_kept = false
      for (let ahead = notice_days; ahead <= (booking_window_days ?? notice_days); ahead += 1) {
        for (let count = rules.min_nights; count <= rules.max_nights; count += 1) {
          for (const [index, day] of weekdays.entries()) {
            const leaves = weekdays[(index + count) % 7] ?? 'mon'
            is_kept ||= (arrival_weekdays?.includes(day) ?? true) && (departure_weekdays?.includes(leaves) ?? true)
          }
        }
      }
      assert.equal(refusedOf(rules).length === 0, is_kept, JSON.stringify(rules))
    }),
    { numRuns: 2000 },
  )
})

test('a property is not created with, nor changed to, rules that cannot be kept', async () => {
  const body = { name: 'Never', property_type: 'house', max_guests: 2 }
  const post = await manager.post('properties', { ...body, notice_days: 60, booking_window_days: 30 })
  assert.deepEqual(findings(must(422, post)), ['/notice_days NEVER_MET', '/booking_window_days NEVER_MET'])
  const id = await newProperty(manager, { arrival_weekdays: sat, departure_weekdays: sat })
  const patch = must(422, await manager.patch(`properties/${id}`, { max_nights: 5 }))
  assert.deepEqual(findings(patch), ['/max_nights NEVER_MET'])
  assert.match(patch.body.error.details[0].message, /arrival_weekdays sat; departure_weekdays sat; max_nights 5/)
  must(200, await manager.patch(`properties/${id}`, { max_nights: 7 }))
})
